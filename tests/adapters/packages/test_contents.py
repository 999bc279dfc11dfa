"""What a package holds in a folder can be told from what another one holds there."""

from pathlib import Path

import pytest

from slipway.adapters.packages.inspection import inspect
from tests.adapters.packages.archives import COMPRESS, entry, tar, zipped
from tests.adapters.packages.corpus import REGULAR

BIG = bytes(range(256)) * 9000


def digest(folder: Path, suffix: str, *files: tuple[str, bytes]) -> str:
    path = folder / f"package{suffix}"
    if suffix == ".zip":
        path.write_bytes(zipped(*((name, data, REGULAR) for name, data in files)))
    else:
        members = (entry(name.encode(), data) for name, data in files)
        path.write_bytes(COMPRESS[suffix](tar(*members)))
    return inspect(path, filename=path.name).contents.digest_of("config")


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".zip"])
def test_a_folder_is_told_by_all_that_it_holds(tmp_path: Path, suffix: str) -> None:
    files = (("config/app.yml", b"a: 1"), ("config/deep/big", BIG), ("lib/x", b"1"))
    before = digest(tmp_path, suffix, *files)
    assert before
    assert digest(tmp_path, suffix, *files[:2], ("lib/x", b"2"), ("lib/y", b"")) == before
    assert digest(tmp_path, suffix, *reversed(files)) == before
    for changed in (
        (("config/app.yml", b"a: 2"), *files[1:]),
        (files[0], ("config/deep/big", BIG[:-1] + b"x"), files[2]),
        (files[0], files[2]),
        (*files, ("config/new", b"")),
    ):
        assert digest(tmp_path, suffix, *changed) != before
    assert digest(tmp_path, suffix, files[2]) == ""


def test_a_tar_and_a_zip_of_the_same_files_hold_the_same(tmp_path: Path) -> None:
    files = (("config/app.yml", b"a: 1"), ("config/big", BIG))
    assert digest(tmp_path, ".tar", *files) == digest(tmp_path, ".zip", *files)
