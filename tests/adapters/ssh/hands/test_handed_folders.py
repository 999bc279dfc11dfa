"""What the hands say of folders is what the programs say that they spare."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.ssh.hands.handed import alone

BOTH = """
cd / && in_time() {{ "$@"; }}
hand unchanged '{release}'; echo $?
[ -z "$(list_changes '{release}')" ]; echo $?
"""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """One with everything that may be in one, and the list of it."""
    folder = tmp_path / "1.0"
    folder.joinpath("bin/deep er").mkdir(parents=True)
    for name in ("bin/start.sh", "bin/deep er/a\tb", "umlaut-\u00fc", "-n", "[x]*", "empty"):
        folder.joinpath(name).write_text("" if name == "empty" else "hello\n")
    folder.joinpath("bin/start.sh").chmod(0o4755)
    folder.joinpath("link").symlink_to("bin/start.sh")
    folder.joinpath("nowhere").symlink_to("/not there")
    os.mkfifo(folder / "pipe")
    folder.joinpath("__pycache__").mkdir()
    folder.joinpath("__pycache__/x.pyc").write_text("x")
    os.utime(folder / "empty", ns=(5, 1_700_000_000_000_000_007))
    alone(f"list_files '{folder}' >'{folder}/.slipway-files'\n")
    return folder


def verdicts(release: Path) -> tuple[bool, bool]:
    """Whether nothing changed, by hand and by programs."""
    by_hand, by_program = alone(BOTH.format(release=release))
    return by_hand == "0", by_program == "0"


def chmod(release: Path) -> None:
    release.joinpath("bin/start.sh").chmod(0o755)


def longer(release: Path) -> None:
    release.joinpath("-n").write_text("hello, world\n")


def younger(release: Path) -> None:
    os.utime(release / "empty", ns=(5, 1_700_000_000_000_000_008))


def gone(release: Path) -> None:
    release.joinpath("[x]*").unlink()


def led_elsewhere(release: Path) -> None:
    release.joinpath("link").unlink()
    release.joinpath("link").symlink_to("/bin/sh")


def another_sort(release: Path) -> None:
    release.joinpath("pipe").unlink()
    release.joinpath("pipe").write_text("")


def a_folder_led_elsewhere(release: Path) -> None:
    release.joinpath("bin").rename(release.parent / "bin")
    release.joinpath("bin").symlink_to(release.parent / "bin")


def closed_folder(release: Path) -> None:
    release.joinpath("bin/deep er").chmod(0o700)


CHANGES = (
    chmod,
    longer,
    younger,
    gone,
    led_elsewhere,
    another_sort,
    a_folder_led_elsewhere,
    closed_folder,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changed_is_seen(release: Path, change: Callable[[Path], None]) -> None:
    change(release)
    assert verdicts(release) == (False, False)


def test_what_is_beside_the_files_is_no_change(release: Path) -> None:
    release.joinpath("written by the service").write_text("x")
    release.joinpath("__pycache__/x.pyc").write_text("xx")
    by_hand, by_program = verdicts(release)
    assert by_program
    # A name with a tab in it is for the programs.
    assert not by_hand
    release.joinpath("bin/deep er/a\tb").unlink()
    alone(f"list_files '{release}' >'{release}/.slipway-files'\n")
    assert verdicts(release) == (True, True)


def test_rights_are_those_that_find_names(tmp_path: Path) -> None:
    for number, mode in enumerate((0o700, 0o755, 0o2775, 0o777, 0o1777, 0o020)):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        folder.chmod(mode)
    folders = " ".join(f"'{path}'" for path in [*sorted(tmp_path.iterdir()), tmp_path / "none"])
    asked = f"""
        for folder in {folders}; do
            [ -d "$folder" ] || continue
            read_rights "$folder"; echo "$mode $gid"
            (hands=''; read_rights "$folder"; echo "$mode $gid")
        done
        hand open_to_others {folders}; echo "$heard"
        echo $(find {folders} -maxdepth 0 -perm /022 2>/dev/null)
    """
    said = alone(asked)
    assert said[0:-2:2] == said[1:-2:2]
    assert len(said) == 14
    assert said[-1] == said[-2] != ""
