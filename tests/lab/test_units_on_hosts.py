"""What somebody else does to a unit of ours is seen, and what a unit says last is told."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.drift import Drift, What
from slipway.core.seen import Asked
from slipway.core.steps import Probe, Restart
from tests.adapters.ssh import made
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.test_port_holders import CHECK, NAME, PORT, SERVE, UNIT, Reached, reached_on

PATH = f"/etc/systemd/system/{NAME}"
DIES = b"#!/bin/sh\nprintf 'starting\\ncannot open \\033[31mledger.db\\n' >&2\nexit 3\n"


@pytest.fixture(scope="module")
def unit_machine(lab: Lab) -> Iterator[Machine]:
    (made_one,) = lab.add_machines("unit-1")
    yield made_one
    lab.remove_machine("unit-1")


@pytest.fixture(params=["root", "deploy"])
async def there(request: pytest.FixtureRequest, unit_machine: Machine) -> AsyncIterator[Reached]:
    async with reached_on(unit_machine, request.param) as host:
        yield host


async def drift(there: Reached) -> tuple[Drift, ...]:
    (seen,) = (await there.hosts.observe(there.access, "billing")).instances
    return seen.drift


async def test_a_unit_that_was_edited_or_removed_is_seen_and_written_anew(
    there: Reached, tmp_path: Path
) -> None:
    restart = Restart(UNIT, made.SOON)
    await there.bring(tmp_path, "1.0", SERVE)
    await there.succeed(restart, Probe(CHECK, "1.0", UNIT))
    assert await drift(there) == ()
    for what, command in (
        (What.UNIT, ("sed", "-i", "s/KillMode=mixed/KillMode=none/", PATH)),
        (What.UNIT_GONE, ("rm", PATH)),
    ):
        there.machine.run(*command)
        assert await drift(there) == (Drift(what),)
        await there.succeed(there.switch("1.0"), restart)
        assert await drift(there) == ()
        assert "KillMode=mixed" in there.machine.says("cat", PATH)


async def test_what_dies_has_its_last_words_in_the_record(there: Reached, tmp_path: Path) -> None:
    await there.bring(tmp_path, "1.0", DIES)
    results = await there.perform(Restart(UNIT, made.SOON), Probe(CHECK, "1.0", UNIT))
    assert results[-1].exit_code != 0
    assert f"Last words of {NAME}:\nstarting\ncannot open [31mledger.db\n" in results[-1].output
    assert results[-1].output.endswith("ledger.db\n")


async def test_its_check_runs_as_the_unit_does_and_not_as_we_do(
    there: Reached, tmp_path: Path
) -> None:
    asks_who = replace(CHECK, http="", command=("sh", "-c", "id -un; exit 1"))
    await there.bring(tmp_path, "1.0", SERVE)
    results = await there.perform(Restart(UNIT, made.SOON), Probe(asks_who, "1.0", UNIT))
    assert "the check ended with 1: app" in results[-1].output
    asked = (Asked(str(PORT), asks_who),)
    (seen,) = (await there.hosts.observe(there.access, "billing", asked=asked)).instances
    assert seen.why == "the check ended with 1: app"
