"""Whatever was done to the bytes of an archive: it is taken, or refused with a sentence."""

import gzip
import io
import lzma
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.adapters.packages.inspection import inspect
from slipway.ports import PackageRefused


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in ("slipway.yaml", "bin/" + "long" * 40, "ä"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return made.getvalue()[:6144]


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("slipway.yaml", "run: [./app]\n" * 9)
        archive.writestr("ä", b"12")
    return made.getvalue()


WHOLE = {
    "a.tar": _tar(),
    "a.tar.gz": gzip.compress(_tar(), mtime=0),
    "a.tar.xz": lzma.compress(_tar()),
    "a.tar.zst": zstandard.compress(_tar()),
    "a.zip": _zip(),
    "a.jar": _zip(),
    "a.whl": _zip(),
}
CHANGE = st.tuples(st.integers(0, 1 << 16), st.integers(0, 255))


def _look(name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        inspect(path, filename=name)


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=60, deadline=None)
@given(changes=st.lists(CHANGE, min_size=1, max_size=4), cut=st.integers(0, 30))
def test_changed_bytes_are_refused_or_do_no_harm(
    name: str, changes: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(WHOLE[name])
    for at, value in changes:
        content[at % len(content)] = value
    with suppress(PackageRefused):
        _look(name, bytes(content[: len(content) - max(0, cut - 20)]))


# Of a member in the directory: version needed, flags, method.
@pytest.mark.parametrize("name", ["a.zip", "a.jar", "a.whl"])
@pytest.mark.parametrize(("at", "value"), [(6, 99), (8, 1), (8, 0x60), (10, 99), (10, 14)])
def test_what_a_zip_asks_of_its_reader_in_vain_is_refused(name: str, at: int, value: int) -> None:
    content = bytearray(WHOLE[name])
    content[content.index(b"PK\x01\x02") + at] = value
    with pytest.raises(PackageRefused):
        _look(name, bytes(content))
