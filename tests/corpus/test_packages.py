"""Each line of packages.txt: taken, and on the host as it says, or refused before any host is."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.adapters.packages import DiskPackages
from slipway.adapters.packages.inspection import format_of
from slipway.adapters.packages.portable import needs_repacking
from slipway.adapters.ssh.requests.program import host_program
from slipway.core.release.archive import GIB
from slipway.core.release.contents import check_contents
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageRef
from slipway.core.spec.parsing import parse_new_spec
from slipway.core.words.documents import load
from slipway.core.words.refusal import Refused
from tests.corpus.cases import PackageCase, read_cases
from tests.corpus.recording import can_make, make

CASES = read_cases()
TAKEN = [name for name, case in CASES.items() if case.is_taken]
REFUSED = [name for name, case in CASES.items() if not case.is_taken]
REPACKED = [name for name in TAKEN if needs_repacking(format_of(name), ())]
REAL = (
    *("tar", "bsdtar", "busybox", "zip", "7z", "npm", "pnpm", "ant", "mvn", "jar", "go", "git"),
    "ruby",
)


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def take_in(place: Path, name: str, data: bytes) -> tuple[DiskPackages, StoredPackage]:
    """As an upload does: the store looks into it, then its release spec is held against it."""
    store = DiskPackages(place / "store")
    stored = store.ingest(io.BytesIO(data), filename=name)
    check_contents(parse_new_spec(dict(load(stored.spec_text))), stored.contents)
    return store, stored


def on_a_host(place: Path, ref: PackageRef, package: Path) -> dict[str, str]:
    """What stands in the release, unpacked by the host program in a folder with g+s."""
    root = place / "host"
    fresh = root / "shop/releases/.1.fresh"
    root.mkdir()
    root.chmod(0o2775)
    fresh.mkdir(parents=True)
    (place / "program.sh").write_bytes(host_program().text)
    words: list[str | Path] = [fresh, package, ref.sha256, ref.format.value, str(GIB), ref.filename]
    done = subprocess.run(
        ["sh", place / "program.sh", root, "none", "unpack-into", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    paths = [path for path in fresh.rglob("*") if not path.name.startswith(".slipway-")]
    folders = {path for path in paths if path.is_dir() and not path.is_symlink()}
    assert not [path for path in folders if path.stat().st_mode & 0o6222]
    return {str(path.relative_to(fresh)): told(path) for path in paths if path not in folders}


def told(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return f"{path.stat().st_mode & 0o7777:o}"


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_stands_on_the_host(name: str, place: Path) -> None:
    case = CASES[name]
    store, stored = take_in(place, name, case.data())
    assert on_a_host(place, stored.ref, store.verified(stored.ref)) == case.tree


@pytest.mark.parametrize("name", REPACKED)
def test_it_is_the_same_on_a_host_without_tools(name: str, place: Path) -> None:
    case = CASES[name]
    store, stored = take_in(place, name, case.data())
    assert on_a_host(place, *store.portable(stored.ref, tools=())) == case.tree


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why_and_what_to_do(name: str, place: Path) -> None:
    case = CASES[name]
    with pytest.raises(Refused) as refused:
        take_in(place, name, case.data())
    assert case.sentence in refused.value.message
    assert case.hint in refused.value.hint
    assert refused.value.hint


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if can_make(case)])
def test_what_its_programs_make_here_fares_alike(name: str, place: Path) -> None:
    case = CASES[name]
    if case.is_taken:
        take_in(place, name, make(case))
    else:
        with pytest.raises(Refused) as refused:
            take_in(place, name, make(case))
        assert case.sentence in refused.value.message


def is_by_a_real_program(case: PackageCase) -> bool:
    return bool(set(case.programs) & set(REAL))


def test_most_are_made_by_the_programs_that_people_use() -> None:
    real = [case for case in CASES.values() if is_by_a_real_program(case)]
    assert len(real) >= 2 * len(CASES) / 3
    assert {program for case in real for program in case.programs} >= set(REAL)


def test_how_many_files_a_package_may_have_is_a_setting(place: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for number in range(101):
            archive.addfile(tarfile.TarInfo(f"node_modules/{number}"))
    with pytest.raises(Refused, match=r"more than 100 members \(reached at") as refused:
        DiskPackages(place, members=100).ingest(io.BytesIO(made.getvalue()), filename="a.tar")
    assert "SLIPWAY_PACKAGE_FILES" in refused.value.hint
    DiskPackages(place, members=101).ingest(io.BytesIO(made.getvalue()), filename="a.tar")
