"""The store on disk: crashes, damage, many at once, no room."""

import hashlib
import io
import json
import multiprocessing
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from slipway.adapters.packages import DiskPackages, files
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.ports import PackageDamaged, PackageRefused, StoreFull
from tests.adapters.packages.archives import COMPRESS, tree, zip_tree


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def store(tmp_path: Path) -> DiskPackages:
    return DiskPackages(tmp_path)


def test_a_package_is_two_files_named_by_its_sha256(store: DiskPackages, tmp_path: Path) -> None:
    kept = store.ingest(io.BytesIO(tree()), filename="billing.tar")
    sha256 = hashlib.sha256(tree()).hexdigest()
    assert contents(tmp_path) == {f"{sha256[:2]}/{sha256}", f"{sha256[:2]}/{sha256}.json"}
    described = json.loads((tmp_path / f"{kept.path}.json").read_text())
    assert described["filename"] == "billing.tar"
    assert described["spec_text"] == kept.spec_text
    assert (tmp_path / kept.path).stat().st_mode & 0o777 == 0o400


def test_twenty_threads_with_the_same_bytes_make_one_package(
    store: DiskPackages, tmp_path: Path
) -> None:
    together, kept = threading.Barrier(20), []

    def ingest() -> None:
        together.wait(timeout=30)
        kept.append(store.ingest(io.BytesIO(zip_tree()), filename="billing.zip"))

    threads = [threading.Thread(target=ingest) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(kept) == 20
    assert len(set(kept)) == 1
    assert len(contents(tmp_path)) == 2
    assert store.verified(kept[0].ref).read_bytes() == zip_tree()


def test_different_bytes_under_one_name_are_two_packages(store: DiskPackages) -> None:
    first = store.ingest(io.BytesIO(b"#!/bin/sh\necho 1\n"), filename="app").ref
    second = store.ingest(io.BytesIO(b"#!/bin/sh\necho 2\n"), filename="app").ref
    assert first.sha256 != second.sha256
    assert store.verified(first) != store.verified(second)


def test_an_upload_that_breaks_off_leaves_nothing(store: DiskPackages, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield tree()[:1000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.ingest(broken(), filename="billing.tar")
    assert contents(tmp_path) == set()


def test_a_package_over_the_limit_is_refused_before_it_is_all_read(tmp_path: Path) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield bytes(1000)

    with pytest.raises(PackageRefused, match="larger than 1 MiB"):
        DiskPackages(tmp_path, limit_bytes=1 << 20).ingest(endless(), filename="a.tar")
    assert read == (1 << 20) // 1000 + 1
    assert contents(tmp_path) == set()


def test_what_a_killed_upload_left_is_swept_and_a_running_one_is_not(tmp_path: Path) -> None:
    store = DiskPackages(tmp_path)
    (tmp_path / "incoming" / "part-of-the-dead").write_bytes(b"x")
    half_way, go_on, kept = threading.Event(), threading.Event(), []

    def slow() -> Iterator[bytes]:
        yield tree()[:1000]
        half_way.set()
        assert go_on.wait(timeout=30)
        yield tree()[1000:]

    upload = threading.Thread(
        target=lambda: kept.append(store.ingest(slow(), filename="billing.tar"))
    )
    upload.start()
    assert half_way.wait(timeout=30)
    DiskPackages(tmp_path)
    assert not (tmp_path / "incoming" / "part-of-the-dead").exists()
    go_on.set()
    upload.join(timeout=30)
    assert store.verified(kept[0].ref).read_bytes() == tree()


KILLED = """
import os, pathlib, signal, sys
from slipway.adapters.packages import DiskPackages
def pieces():
    yield b"#!/bin/sh"
    os.kill(os.getpid(), signal.SIGKILL)
DiskPackages(pathlib.Path(sys.argv[1])).ingest(pieces(), filename="app")
"""


def test_a_kill_in_the_middle_of_an_upload_leaves_no_package(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -9
    assert len(contents(tmp_path)) == 1  # the part it was writing
    DiskPackages(tmp_path)
    assert contents(tmp_path) == set()


def test_a_flipped_bit_anywhere_is_found_and_put_aside(tmp_path: Path) -> None:
    data = COMPRESS[".tar.gz"](tree())
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chosen = random.Random(seed)
    store = DiskPackages(tmp_path)
    for _ in range(200):
        kept = store.ingest(io.BytesIO(data), filename="billing.tar.gz")
        place = store.verified(kept.ref)
        place.chmod(0o600)
        at = chosen.randrange(len(data))
        damaged = data[:at] + bytes([data[at] ^ 1 << chosen.randrange(8)]) + data[at + 1 :]
        place.write_bytes(damaged if chosen.random() < 0.8 else data[:at])
        with pytest.raises(PackageDamaged):
            store.verified(kept.ref)
        assert not place.exists()
        assert place.with_name(place.name + ".damaged").exists()
    store.remove(kept.ref.sha256)
    assert contents(tmp_path) == set()


def test_a_missing_package_is_said_to_be_missing(store: DiskPackages, tmp_path: Path) -> None:
    kept = store.ingest(io.BytesIO(tree()), filename="billing.tar")
    (tmp_path / kept.path).unlink()
    with pytest.raises(PackageDamaged, match=r"billing\.tar .* is missing"):
        store.verified(kept.ref)


def test_a_file_that_did_not_change_is_hashed_once(
    store: DiskPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = store.ingest(io.BytesIO(tree()), filename="billing.tar").ref
    hashed = []

    def hashing(opened: BinaryIO) -> str:
        hashed.append(opened)
        return ref.sha256

    monkeypatch.setattr("slipway.adapters.packages.disk._sha256", hashing)
    for _ in range(3):
        store.verified(ref)
    assert len(hashed) == 1


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 63 + "/"])
def test_only_a_sha256_names_a_file(store: DiskPackages, sha256: str) -> None:
    with pytest.raises(ValueError, match="not a sha256"):
        store.verified(PackageRef(sha256, 1, PackageFormat.TAR, "a.tar"))
    with pytest.raises(ValueError, match="not a sha256"):
        store.remove(sha256)


def portable(folder: Path, kept: StoredPackage) -> tuple[PackageRef, Path]:
    return DiskPackages(folder).portable(kept.ref, tools=())


def test_many_processes_make_the_portable_form_once(store: DiskPackages, tmp_path: Path) -> None:
    kept = store.ingest(io.BytesIO(zip_tree()), filename="billing.zip")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        made = pool.starmap(portable, [(tmp_path, kept)] * 8)
    assert len(set(made)) == 1
    ref, path = made[0]
    assert path == tmp_path / "portable" / f"{kept.ref.sha256}.tar.gz"
    identity = path.stat().st_ino
    assert store.portable(kept.ref, tools=()) == (ref, path)
    assert path.stat().st_ino == identity


def test_a_damaged_portable_form_is_made_again_with_the_same_bytes(
    store: DiskPackages, tmp_path: Path
) -> None:
    kept = store.ingest(io.BytesIO(zip_tree()), filename="billing.zip")
    ref, path = store.portable(kept.ref, tools=())
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-1])
    assert store.portable(kept.ref, tools=()) == (ref, path)
    assert path.read_bytes() == whole
    store.remove(kept.ref.sha256)
    assert contents(tmp_path) == set()


def test_the_kernels_no_space_left_is_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreFull, match="no room"),
        files.told_when_full(tmp_path),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_fills_up_during_an_upload_keeps_nothing(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", tmp_path], check=True)
    try:
        store = DiskPackages(tmp_path, reserve_bytes=0)
        kept = store.ingest(io.BytesIO(tree()), filename="billing.tar")
        before = contents(tmp_path)
        with pytest.raises(StoreFull):
            store.ingest(iter([b"#!/bin/sh\n", *[bytes(100_000)] * 30]), filename="app")
        assert contents(tmp_path) == before
        assert store.verified(kept.ref).read_bytes() == tree()
    finally:
        subprocess.run(["umount", tmp_path], check=True)
