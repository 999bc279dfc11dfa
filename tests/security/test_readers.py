"""What is secret by its nature can be read by root and by whoever a service runs as, alone."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.release.steps import RunHook, Undrain
from slipway.core.spec.values import EVERYBODY, Hook
from tests.adapters.ssh import made
from tests.security.conftest import AS_ROOT, Yard

pytestmark = pytest.mark.once

STRANGER, GAMES = 54321, "games"
SECRET = "hunter2-of-billing"
TELL = b'#!/bin/sh\necho "$SECRET"; cat ./version >&2\n'


def _seen_by_a_stranger(folder: Path) -> list[str]:
    """What somebody with an account of the host finds of the secret, and of the package."""
    # By themselves: root's own grep would be let in everywhere.
    found = subprocess.run(
        ["grep", "-rlsE", f"{SECRET}|^echo .starting", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        user=STRANGER,
        group=STRANGER,
        extra_groups=[],
    )
    return found.stdout.splitlines()


@AS_ROOT
@pytest.mark.parametrize("user", ["", GAMES])
async def test_a_stranger_reads_neither_output_nor_values_nor_a_release(
    any_yard: Yard, user: str
) -> None:
    await any_yard.bring("1.0", tell=TELL)
    switch = made.switch(any_yard.root, "1.0")
    environment = (*switch.environment, ("SECRET", SECRET))
    switch = replace(switch, environment=environment, shared_owner=user)
    hook = RunHook("after_activate", Hook(("./bin/tell.sh",), made.SOON, made.SOON), "1.0", user)
    results = await any_yard.perform(made.chain(hook, switch, hook, name="tell"))
    assert [result.exit_code for result in results] == [0, 0, 0], results
    assert SECRET in results[-1].output
    assert _seen_by_a_stranger(Path(any_yard.root)) == []


@AS_ROOT
async def test_where_its_service_says_so_everybody_reads_a_release(any_yard: Yard) -> None:
    await any_yard.bring("1.0")
    switch = replace(made.switch(any_yard.root, "1.0"), readers=EVERYBODY)
    (switched,) = await any_yard.perform(made.chain(switch, name="switch"))
    assert switched.exit_code == 0, switched
    seen = _seen_by_a_stranger(Path(any_yard.root))
    assert f"{any_yard.root}/billing/releases/1.0/bin/start.sh" in seen


def _mode(yard: Yard) -> int:
    return Path(yard.root, "billing/releases/1.0").stat().st_mode & 0o777


async def _switched(yard: Yard, name: str, readers: str, user: str) -> int:
    """Return the release's mode after a switch to it."""
    switch = replace(made.switch(yard.root, "1.0"), readers=readers, shared_owner=user)
    (switched,) = await yard.perform(made.chain(switch, name=name))
    assert switched.exit_code == 0, switched
    return _mode(yard)


@AS_ROOT
@pytest.mark.parametrize(("user", "closed"), [("", 0o500), (GAMES, 0o550)])
async def test_that_everybody_reads_a_release_can_be_taken_back(
    any_yard: Yard, user: str, closed: int
) -> None:
    await any_yard.bring("1.0")
    # Linked folders leave it closed to writers, and so it stays.
    assert await _switched(any_yard, "open", EVERYBODY, user) == 0o555
    assert await _switched(any_yard, "closed", "", user) == closed
    assert await _switched(any_yard, "again", "", user) == closed
    assert await _switched(any_yard, "anew", EVERYBODY, user) == 0o555


@AS_ROOT
@pytest.mark.parametrize("mode", [0o755, 0o555])
async def test_a_release_that_was_brought_before_stays_as_it_is(any_yard: Yard, mode: int) -> None:
    await any_yard.bring("1.0")
    release = Path(any_yard.root, "billing/releases/1.0")
    (release / ".slipway-readers").unlink()
    await _switched(any_yard, "linked", "", "")
    release.chmod(mode)
    hook = RunHook("drain", Hook(("./version",), made.SOON, made.SOON), "1.0", GAMES)
    await any_yard.perform(made.chain(hook, name="drain"))
    assert _mode(any_yard) == mode
    assert await _switched(any_yard, "user", "", GAMES) == mode


@AS_ROOT
@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_drain_that_is_taken_back_closes_nothing(any_yard: Yard, is_kept: bool) -> None:
    await any_yard.bring("1.0", turn=b"#!/bin/sh\n")
    assert await _switched(any_yard, "open", EVERYBODY, GAMES) == 0o555
    turn = Hook(("./bin/turn.sh",), made.SOON, made.SOON)
    drain = RunHook("drain", turn, "1.0", GAMES, turn, EVERYBODY)
    await any_yard.perform(made.chain(drain, name="drain"))
    (owed,) = Path(any_yard.root, "billing/8080").glob(".drained.*")
    if not is_kept:  # by a program that did not write down who reads
        owed.write_text(owed.read_text().replace(f"readers {EVERYBODY}\n", ""))
    undrain = Undrain()
    (undrained,) = await any_yard.perform(made.chain(undrain, name="undrain"))
    assert (undrained.exit_code, owed.exists()) == (0, False), undrained
    assert _mode(any_yard) == 0o555


async def test_what_an_older_program_left_open_is_closed(open_yard: Yard) -> None:
    tickets = Path(open_yard.root, ".slipway/tickets")
    tickets.mkdir(parents=True)
    tickets.chmod(0o755)
    tickets.parent.chmod(0o755)
    await open_yard.bring("1.0")
    assert tickets.stat().st_mode & 0o777 == 0o700
