"""What every store promises of letting packages go: run against the fake and the one on disk."""

import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from slipway.adapters.packages import DiskPackages
from slipway.core.release.steps import PackageRef
from slipway.ports import PackageDamaged, Packages
from tests.adapters.packages.archives import tree, zip_tree
from tests.fakes.packages import MemoryPackages

HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(params=["fake", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Packages:
    return MemoryPackages(tmp_path) if request.param == "fake" else DiskPackages(tmp_path)


def taken_in(store: Packages, data: bytes | None = None) -> PackageRef:
    return store.ingest(io.BytesIO(data or tree()), filename="billing.tar").ref


def is_there(store: Packages, ref: PackageRef) -> bool:
    try:
        store.verified(ref)
    except PackageDamaged:
        return False
    return True


def test_what_was_taken_in_since_stays(store: Packages) -> None:
    before = now() - HOUR
    ref = taken_in(store)
    assert store.remove(ref.sha256, unless_touched_after=before) == 0
    assert is_there(store, ref)


def test_what_was_taken_in_before_goes(store: Packages) -> None:
    ref = taken_in(store)
    assert store.remove(ref.sha256, unless_touched_after=now() + HOUR) >= ref.size
    assert not is_there(store, ref)
    assert store.remove(ref.sha256) == 0


def test_taking_in_what_is_there_touches_it(store: Packages, tmp_path: Path) -> None:
    ref = taken_in(store)
    grow_old(store, ref, tmp_path)
    before = now() - HOUR
    assert list(store.list_untouched(before)) == [ref.sha256]
    taken_in(store)
    assert list(store.list_untouched(before)) == []
    assert store.remove(ref.sha256, unless_touched_after=before) == 0
    assert is_there(store, ref)


def test_a_store_lists_what_it_has(store: Packages) -> None:
    refs = [taken_in(store), store.ingest(io.BytesIO(zip_tree()), filename="billing.zip").ref]
    store.portable(refs[1], tools=())
    later = now() + HOUR
    assert sorted(store.list_untouched(later)) == sorted(ref.sha256 for ref in refs)
    for ref in refs:
        store.remove(ref.sha256)
    assert list(store.list_untouched(later)) == []


def grow_old(store: Packages, ref: PackageRef, folder: Path) -> None:
    """Let what is kept of a package be a year old."""
    then = (now() - timedelta(days=365)).timestamp()
    if isinstance(store, MemoryPackages):
        store._touched[ref.sha256] = then
        return
    for path in folder.rglob(f"{ref.sha256}*"):
        os.utime(path, (then, then))


def test_what_is_left_over_of_a_package_is_listed_and_goes(tmp_path: Path) -> None:
    """A package whose bytes were put aside, and one that died before it was whole."""
    store = DiskPackages(tmp_path)
    ref = taken_in(store)
    place = tmp_path / ref.sha256[:2] / ref.sha256
    place.rename(place.with_name(place.name + ".damaged"))
    later = now() + HOUR
    assert list(store.list_untouched(later)) == [ref.sha256]
    assert store.remove(ref.sha256, unless_touched_after=later) >= ref.size
    assert list(place.parent.glob(f"{ref.sha256}*")) == []


def test_what_is_no_package_is_no_package(tmp_path: Path) -> None:
    store = DiskPackages(tmp_path)
    ref = taken_in(store)
    (tmp_path / ref.sha256[:2] / "notes.txt").write_text("from a person")
    (tmp_path / "readme").write_text("from a person")
    assert list(store.list_untouched(now() + HOUR)) == [ref.sha256]
    with pytest.raises(ValueError, match="not a sha256"):
        store.remove("../../etc")


def test_an_upload_at_the_moment_of_removal_is_never_lost(tmp_path: Path) -> None:
    """Two stores on one folder, as two processes have: whoever is first, the package that was
    taken in while it was to be removed is there afterwards."""
    taking, removing = DiskPackages(tmp_path), DiskPackages(tmp_path)
    rounds, barrier = 200, Barrier(2)
    data = b"\x7fELF" + os.urandom(1000)
    ref = PackageRef(
        hashlib.sha256(data).hexdigest(),
        len(data),
        taking.ingest(io.BytesIO(data), filename="billing").ref.format,
        "billing",
    )

    def pieces() -> Iterator[bytes]:
        yield data[:500]
        barrier.wait(timeout=30)
        yield data[500:]

    def take_in() -> bool:
        taking.ingest(pieces(), filename="billing")
        return is_there(taking, ref)

    def remove(since: datetime) -> int:
        barrier.wait(timeout=30)
        return removing.remove(ref.sha256, unless_touched_after=since)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            grow_old(taking, ref, tmp_path)
            since = now() - HOUR
            taken, removed = pool.submit(take_in), pool.submit(remove, since)
            assert taken.result(), "removed after it was taken in"
            assert removed.result() in range(len(data) * 3)
            assert is_there(removing, ref)
