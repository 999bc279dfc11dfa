"""What every package store promises: run against the fake and the one on disk."""

import hashlib
import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slipway.adapters.packages import DiskPackages
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.ports import PackageDamaged, PackageRefused, Packages, StoreFull
from tests.adapters.packages.archives import COMPRESS, tree, zip_tree
from tests.fakes.packages import MemoryPackages

SPEC = "run: ./bin/billing\n"
FORMATS = {
    "billing.tar": (tree(), PackageFormat.TAR, SPEC),
    "billing.tar.gz": (COMPRESS[".tar.gz"](tree()), PackageFormat.TAR_GZ, SPEC),
    "billing.TGZ": (COMPRESS[".tar.gz"](tree()), PackageFormat.TAR_GZ, SPEC),
    "billing.tar.xz": (COMPRESS[".tar.xz"](tree()), PackageFormat.TAR_XZ, SPEC),
    "billing.tar.zst": (COMPRESS[".tar.zst"](tree()), PackageFormat.TAR_ZST, SPEC),
    "billing.zip": (zip_tree(), PackageFormat.ZIP, SPEC),
    "billing-1.0-py3-none-any.whl": (zip_tree(), PackageFormat.FILE, SPEC),
    "billing.jar": (b"#!/bin/sh\nexec java -jar $0\n" + zip_tree(), PackageFormat.FILE, SPEC),
    "billing": (b"\x7fELF" + bytes(100), PackageFormat.FILE, ""),
    "billing.sh": (b"#!/bin/sh\n", PackageFormat.FILE, ""),
}

Stores = Callable[..., Packages]


@pytest.fixture(params=["fake", "disk"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    def make(*, full: bool = False) -> Packages:
        if request.param == "fake":
            return MemoryPackages(tmp_path, room=0 if full else 1 << 40)
        return DiskPackages(tmp_path, reserve_bytes=1 << 60 if full else 0)

    return make


@pytest.fixture
def store(make_store: Stores) -> Packages:
    return make_store()


def damage(store: Packages, ref: PackageRef) -> None:
    if isinstance(store, MemoryPackages):
        store.damage(ref.sha256)
        return
    path = store.verified(ref)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


@pytest.mark.parametrize("filename", FORMATS)
def test_takes_every_format_and_reads_its_release_spec(store: Packages, filename: str) -> None:
    data, package_format, spec_text = FORMATS[filename]
    kept = store.ingest(io.BytesIO(data), filename=filename)
    assert kept.spec_text == spec_text
    assert kept.ref.sha256 == hashlib.sha256(data).hexdigest()
    assert (kept.ref.size, kept.ref.format, kept.ref.filename) == (
        len(data),
        package_format,
        filename,
    )
    assert kept.ref.unpacked_size >= (kept.ref.size if package_format is PackageFormat.FILE else 1)
    assert kept.path == f"{kept.ref.sha256[:2]}/{kept.ref.sha256}"


def test_gives_back_exactly_what_it_was_given(store: Packages) -> None:
    data = zip_tree()
    pieces: Iterator[bytes] = (data[at : at + 7] for at in range(0, len(data), 7))
    ref = store.ingest(pieces, filename="billing.zip").ref
    assert b"".join(store.open(ref)) == data
    assert store.verified(ref).read_bytes() == data


def test_the_same_bytes_twice_are_one_package(store: Packages) -> None:
    first = store.ingest(io.BytesIO(tree()), filename="billing.tar")
    room = store.free_bytes()
    assert store.ingest(io.BytesIO(tree()), filename="billing.tar") == first
    assert abs(store.free_bytes() - room) < 1 << 30  # other programs write to this disk, too
    assert store.remove(first.ref.sha256) >= first.ref.size
    with pytest.raises(PackageDamaged):
        store.verified(first.ref)


def test_a_folder_around_everything_is_kept_and_hides_the_spec(store: Packages) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        info = tarfile.TarInfo("billing-1.0/slipway.yaml")
        archive.addfile(info, io.BytesIO())
    assert store.ingest(io.BytesIO(made.getvalue()), filename="billing.tar").spec_text == ""


def test_a_refused_package_is_not_there(store: Packages) -> None:
    data = b"\x7fELF not a tar"
    with pytest.raises(PackageRefused):
        store.ingest(io.BytesIO(data), filename="billing.tar")
    sha256 = hashlib.sha256(data).hexdigest()
    with pytest.raises(PackageDamaged):
        store.verified(PackageRef(sha256, len(data), PackageFormat.TAR, "billing.tar"))


def test_a_full_store_keeps_nothing_and_says_so(make_store: Stores) -> None:
    store = make_store(full=True)
    with pytest.raises(StoreFull) as full:
        store.ingest(io.BytesIO(tree()), filename="billing.tar")
    assert "no room" in full.value.message
    assert full.value.hint
    assert store.free_bytes() == 0


def test_a_damaged_package_is_never_handed_out(store: Packages) -> None:
    ref = store.ingest(io.BytesIO(tree()), filename="billing.tar").ref
    damage(store, ref)
    for _ in range(2):
        with pytest.raises(PackageDamaged) as damaged:
            store.verified(ref)
        assert damaged.value.hint
    with pytest.raises(PackageDamaged):
        store.open(ref)
    with pytest.raises(PackageDamaged):
        store.portable(ref, tools=())


def test_the_same_upload_heals_a_damaged_package(store: Packages) -> None:
    ref = store.ingest(io.BytesIO(tree()), filename="billing.tar").ref
    damage(store, ref)
    store.ingest(io.BytesIO(tree()), filename="billing.tar")
    assert store.verified(ref).read_bytes() == tree()


@pytest.mark.parametrize(
    ("filename", "tools"),
    [
        ("billing.tar", ()),
        ("billing.tar.gz", ()),
        ("billing.tar.xz", ("xz",)),
        ("billing.tar.zst", ("zstd",)),
        ("billing.zip", ("unzip",)),
        ("billing.zip", ("python3",)),
        ("billing.jar", ()),
        ("billing", ()),
    ],
)
def test_what_a_host_can_unpack_is_sent_as_it_is(
    store: Packages, filename: str, tools: tuple[str, ...]
) -> None:
    ref = store.ingest(io.BytesIO(FORMATS[filename][0]), filename=filename).ref
    assert store.portable(ref, tools=tools) == (ref, store.verified(ref))


def content(path: Path) -> str | bytes:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes() if path.is_file() else b""


def unpacked(archive: Path, folder: Path) -> dict[str, tuple[int, str | bytes]]:
    """The tree as the host's own tar or unzip makes it."""
    folder.mkdir()
    command = ["tar", "-xpf", str(archive), "-C", str(folder)]
    if archive.suffix == ".zip":
        command = ["unzip", "-q", str(archive), "-d", str(folder)]
    subprocess.run(command, check=True)
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, content(path))
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("filename", ["billing.tar.xz", "billing.tar.zst", "billing.zip"])
def test_what_a_host_cannot_unpack_becomes_the_same_tree(
    store: Packages, filename: str, tmp_path: Path
) -> None:
    data = FORMATS[filename][0]
    ref = store.ingest(io.BytesIO(data), filename=filename).ref
    made, path = store.portable(ref, tools=("tar", "gzip"))

    assert made.format is PackageFormat.TAR_GZ
    assert made.filename == "billing.tar.gz"
    assert made.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert made.size == path.stat().st_size
    assert made.unpacked_size == ref.unpacked_size
    assert store.portable(ref, tools=()) == (made, path)

    original = tmp_path / filename
    original.write_bytes(data)
    assert unpacked(path, tmp_path / "made") == unpacked(original, tmp_path / "original")
