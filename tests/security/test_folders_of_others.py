"""We work in no folder in which somebody else decides what is started."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.ports import HostIncapable
from tests.adapters.ssh import made
from tests.security.conftest import AS_ROOT, Yard

pytestmark = pytest.mark.once

NOBODY = 65534
FOLDERS = ["billing", "billing/8080", "billing/8080/receipts", "billing/releases"]


@AS_ROOT
@pytest.mark.parametrize("place", FOLDERS)
async def test_one_that_a_stranger_made_before_us_is_refused(any_yard: Yard, place: str) -> None:
    Path(any_yard.root).chmod(0o1777)
    for folder in FOLDERS:
        Path(any_yard.root, folder).mkdir(parents=True, exist_ok=True)
    os.chown(Path(any_yard.root, place), NOBODY, NOBODY)
    await _refused(any_yard, f"{any_yard.root}/{place} belongs to nobody.*chown -R root:root")


@AS_ROOT
@pytest.mark.parametrize("name", ["environment", ".running", ".started", ".drained.0.9"])
async def test_what_a_stranger_left_in_one_of_ours_is_not_believed(
    any_yard: Yard, name: str
) -> None:
    left = Path(any_yard.root, "billing/8080", name)
    left.parent.mkdir(parents=True)
    left.write_text(f"#supervisor script \n#user \n#version 0.9\n#stop :touch {left}.caught.\n")
    os.chown(left, NOBODY, NOBODY)
    await _refused(any_yard, f"{left} belongs to nobody")


@pytest.mark.parametrize("place", FOLDERS)
async def test_one_in_which_everybody_writes_is_refused(any_yard: Yard, place: str) -> None:
    folder = Path(any_yard.root, place)
    folder.mkdir(parents=True)
    folder.chmod(0o1777)
    await _refused(any_yard, f"others can write in {folder}.*chmod go-w {folder}")


@pytest.mark.parametrize("place", FOLDERS)
async def test_a_link_in_its_place_is_refused(any_yard: Yard, place: str) -> None:
    link = Path(any_yard.root, place)
    link.parent.mkdir(parents=True, exist_ok=True)
    (any_yard.folder / "elsewhere").mkdir()
    link.symlink_to(any_yard.folder / "elsewhere")
    await _refused(any_yard, f"{link} is a link")


async def test_a_root_folder_in_which_everybody_renames_is_refused(any_yard: Yard) -> None:
    Path(any_yard.root).chmod(0o777)
    await _refused(any_yard, f"others can write in {any_yard.root}")


@AS_ROOT
async def test_a_group_of_others_is_refused(any_yard: Yard) -> None:
    folder = Path(any_yard.root, "billing")
    folder.mkdir()
    os.chown(folder, 0, NOBODY)
    folder.chmod(0o2775)
    await _refused(any_yard, f"others can write in {folder}")


def _setgid(root: Path) -> None:
    root.chmod(0o2775)


def _sticky(root: Path) -> None:
    root.chmod(0o1777)


def _of_our_group(root: Path) -> None:
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder).chmod(0o2775)


def _linked(root: Path) -> None:
    root.rename(root.with_name("disk"))
    root.symlink_to(root.with_name("disk"))


@pytest.mark.parametrize("made_so", [_setgid, _sticky, _of_our_group, _linked])
async def test_what_people_share_on_purpose_goes_on(
    any_yard: Yard, made_so: Callable[[Path], None]
) -> None:
    await any_yard.bring("1.0")
    made_so(Path(any_yard.root))
    (switched,) = await any_yard.perform(
        made.chain(made.switch(any_yard.root, "1.0"), name="switch")
    )
    assert switched.exit_code == 0, switched


async def _refused(yard: Yard, said: str) -> None:
    with pytest.raises(HostIncapable, match=said):
        await yard.bring("1.0")
    assert not list(Path(yard.root, "billing/releases").glob("1.0*"))
