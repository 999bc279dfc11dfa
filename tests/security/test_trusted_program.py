"""The program on a host is run only where nobody but us can have put it there."""

import os
from pathlib import Path

import pytest

from slipway.adapters.ssh.requests.program import host_program
from slipway.ports import HostIncapable
from tests.adapters.ssh import made
from tests.security.conftest import AS_ROOT, Yard

pytestmark = pytest.mark.once

NOBODY = 65534


def _kept(yard: Yard) -> Path:
    return Path(yard.root, ".slipway", f"{host_program().sha256[:32]}.sh")


async def test_one_that_was_changed_is_replaced_before_it_runs(open_yard: Yard) -> None:
    await open_yard.bring("1.0")
    await open_yard.hosts.close()  # its resident shell has read it already
    _kept(open_yard).write_text(f"touch {open_yard.folder}/caught; exit 0\n")
    await open_yard.perform(made.chain(made.note("1.0", "well"), name="after"))
    assert open_yard.notes() == ["well"]
    assert _kept(open_yard).read_bytes() == host_program().text
    assert not (open_yard.folder / "caught").exists()


@AS_ROOT
async def test_one_of_somebody_elses_is_replaced(open_yard: Yard) -> None:
    await open_yard.bring("1.0")
    await open_yard.hosts.close()
    os.chown(_kept(open_yard), NOBODY, NOBODY)
    await open_yard.perform(made.chain(made.note("1.0", "well"), name="after"))
    assert _kept(open_yard).stat().st_uid == os.geteuid()


@AS_ROOT
async def test_in_a_folder_of_somebody_elses_nothing_is_run(open_yard: Yard) -> None:
    folder = Path(open_yard.root, ".slipway")
    folder.mkdir(parents=True)
    _kept(open_yard).write_text(f"touch {open_yard.folder}/caught; exit 0\n")
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(HostIncapable, match="belongs to somebody else"):
        await open_yard.bring("1.0")
    assert not (open_yard.folder / "caught").exists()


async def test_a_link_in_its_place_leads_nowhere(open_yard: Yard) -> None:
    elsewhere = open_yard.folder / "elsewhere"
    elsewhere.mkdir()
    Path(open_yard.root, ".slipway").symlink_to(elsewhere)
    with pytest.raises(HostIncapable, match="belongs to somebody else"):
        await open_yard.bring("1.0")
