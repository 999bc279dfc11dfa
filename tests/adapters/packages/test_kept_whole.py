"""What stays the one file that it is is never judged as if it were unpacked."""

import io
import stat
import warnings
from pathlib import Path

import pytest

from slipway.adapters.packages import DiskPackages
from slipway.core.release.steps import PackageFormat
from slipway.ports import PackageRefused
from tests.adapters.packages.archives import zipped
from tests.adapters.packages.corpus import REGULAR, ZIPS

LINK = stat.S_IFLNK | 0o777
# Without a directory that can be read it is no zip file at all.
UNREADABLE = {
    "no end",
    "something behind",
    "a lying count",
    "a lying directory",
    "a directory larger than all",
    "too few counted",
}


def twice(*entries: tuple[str, bytes, int]) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice
        return zipped(*entries)


ODD = {case: data for case, (data, _) in ZIPS.items() if case not in UNREADABLE} | {
    "a file twice": twice(("META-INF/LICENSE", b"a", REGULAR), ("META-INF/LICENSE", b"b", REGULAR)),
    "a link twice": twice(("a", b"x", LINK), ("a", b"y", LINK)),
    "a file and a folder": zipped(("license", b"x", REGULAR), ("license/a", b"y", REGULAR)),
    "names that differ in case": zipped(("License", b"x", REGULAR), ("LICENSE", b"y", REGULAR)),
}


@pytest.mark.parametrize("ending", ["jar", "war", "ear", "whl"])
@pytest.mark.parametrize("case", ODD)
def test_what_is_in_it_is_its_own_affair(tmp_path: Path, case: str, ending: str) -> None:
    stored = DiskPackages(tmp_path).ingest(io.BytesIO(ODD[case]), filename=f"a.{ending}")
    assert stored.ref.format is PackageFormat.FILE
    assert stored.ref.unpacked_size == len(ODD[case])


@pytest.mark.parametrize("case", sorted(UNREADABLE))
def test_what_is_no_zip_file_is_no_jar(tmp_path: Path, case: str) -> None:
    with pytest.raises(PackageRefused):
        DiskPackages(tmp_path).ingest(io.BytesIO(ZIPS[case][0]), filename="a.jar")


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ((("slipway.yaml", b"a", REGULAR), ("slipway.yaml", b"b", REGULAR)), "twice"),
        ((("slipway.yaml", b"#" * 70_000, REGULAR),), "larger than 64 KiB"),
        ((("slipway.yaml", b"x", LINK),), "not a plain file"),
    ],
)
def test_the_release_spec_in_it_is_read_and_judged(
    tmp_path: Path, entries: tuple[tuple[str, bytes, int], ...], why: str
) -> None:
    with pytest.raises(PackageRefused, match=why):
        DiskPackages(tmp_path).ingest(io.BytesIO(twice(*entries)), filename="a.jar")
