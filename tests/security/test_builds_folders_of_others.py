"""Builds are made in no folder that somebody else can write in."""

import os
from pathlib import Path

import pytest

from slipway.adapters.builds.command.places import Workshop
from slipway.ports.builds import ServerTrouble
from tests.security.conftest import AS_ROOT

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", ["builds", "builds/b-1"])
@pytest.mark.parametrize("how", ["open", "link", pytest.param("owner", marks=AS_ROOT)])
def test_one_that_was_there_before_us_is_refused(tmp_path: Path, name: str, how: str) -> None:
    folder = tmp_path / name
    folder.parent.mkdir(exist_ok=True)
    if how == "link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        folder.chmod(0o777 if how == "open" else 0o711)
    if how == "owner":
        os.chown(folder, 65534, 65534)
    workshop = Workshop(tmp_path / "builds")
    with pytest.raises(ServerTrouble, match="builds"):
        workshop.make(workshop.place("b-1"))
