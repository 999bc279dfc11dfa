"""Every hostile package is refused with one sentence, and nothing is written anywhere."""

import io
from pathlib import Path

import pytest

from slipway.adapters.packages import DiskPackages
from slipway.ports import PackageRefused
from tests.adapters.packages.corpus import CORPUS


def manifest(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that can be seen of a folder: types, modes, contents."""
    found = {}
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = (stat.st_mode, stat.st_nlink if path.is_file() else 0, content)
    return found


@pytest.mark.parametrize("case", CORPUS)
def test_a_hostile_package_is_refused_and_leaves_nothing(case: str, tmp_path: Path) -> None:
    filename, data, sentence = CORPUS[case]
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_bytes(b"as it was")
    store = DiskPackages(tmp_path / "a" / "b" / "store")
    before = manifest(tmp_path)

    with pytest.raises(PackageRefused) as refused:
        store.ingest(io.BytesIO(data), filename=filename)

    assert manifest(tmp_path) == before
    assert sentence in refused.value.message
    assert refused.value.message.isprintable()
    assert refused.value.hint


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 40


def test_nothing_is_left_open(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    store = DiskPackages(tmp_path)
    before = len(list(descriptors.iterdir()))
    for filename, data, _ in list(CORPUS.values())[:60]:
        with pytest.raises(PackageRefused):
            store.ingest(io.BytesIO(data), filename=filename)
    assert len(list(descriptors.iterdir())) == before
