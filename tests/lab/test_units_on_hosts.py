"""What somebody else does to a unit of ours is seen, and what a unit says last is told."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.hosts.drift_words import Drift, What
from slipway.core.hosts.seen import Asked
from slipway.core.release.steps import Probe, Remove, Restart, Stop
from slipway.core.rollout.chain_reports import NO_RIGHT
from tests.adapters.ssh import made
from tests.lab.evidence import ROOT
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.test_port_holders import CHECK, NAME, PORT, SERVE, UNIT, Reached, reached_on

PATH = f"/etc/systemd/system/{NAME}"
# The journal is as late as on a host that is short of everything.
GOES_ON_WHEN_ASKED = (
    "until grep -q -e '--[s]ync' /proc/[0-9]*/cmdline; do sleep 0.1; done; sleep 4; "
    "systemctl kill --signal=CONT systemd-journald"
)
# On a machine without a free moment its watchdog may have ended it: then it is there again first.
HOLDS_JOURNAL = (
    "systemctl reset-failed systemd-journald; systemctl start systemd-journald && "
    "systemctl kill --signal=STOP systemd-journald"
)
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
        (What.UNIT, ("sed", "-i", "/EnvironmentFile/d", PATH)),
        (What.UNIT_GONE, ("rm", PATH)),
        (What.UNIT_MASKED, ("ln", "-sf", "/dev/null", PATH)),
        (What.UNIT_OFF, ("systemctl", "disable", NAME)),
    ):
        there.machine.run(*command)
        assert await drift(there) == (Drift(what),)
        await there.succeed(there.switch("1.0"), restart)
        assert await drift(there) == ()
        assert "KillMode=mixed" in there.machine.says("cat", PATH)
        assert there.machine.says("systemctl", "is-enabled", NAME) == "enabled"


async def test_what_people_add_to_a_unit_is_seen_and_stays_theirs(
    there: Reached, tmp_path: Path
) -> None:
    restart = Restart(UNIT, made.SOON)
    await there.bring(tmp_path, "1.0", SERVE)
    await there.succeed(restart)
    edited = f"{PATH}.d/override.conf"
    there.machine.run("sh", "-c", f"mkdir -p {PATH}.d && printf '[Service]\\nNice=5\\n' >{edited}")
    assert await drift(there) == (Drift(What.DROP_IN, 1, edited),)
    there.machine.run("systemctl", "set-property", NAME, "CPUWeight=50")
    limited = f"/etc/systemd/system.control/{NAME}.d/50-CPUWeight.conf"
    assert await drift(there) == (Drift(What.DROP_IN, 2, f"{limited}, {edited}"),)

    await there.succeed(there.switch("1.0"), restart)
    assert await drift(there) == (Drift(What.DROP_IN, 2, f"{limited}, {edited}"),)
    there.machine.run("rm", edited, limited)
    await there.succeed(there.switch("1.0"), restart)
    assert await drift(there) == ()
    for what in ("Nice", "CPUWeight"):
        assert there.machine.says("systemctl", "show", "-p", what, "--value", NAME) not in (
            "5",
            "50",
        )


async def test_what_is_said_of_all_units_is_a_rule_of_the_host(
    there: Reached, tmp_path: Path
) -> None:
    folder = "/etc/systemd/system/slipway-.service.d"
    own = f"mkdir {folder} && printf '[Service]\\nNice=5\\n' >{folder}/own.conf"
    there.machine.run("sh", "-c", own)
    await there.bring(tmp_path, "1.0", SERVE)
    await there.succeed(Restart(UNIT, made.SOON))
    assert there.machine.says("systemctl", "show", "-p", "Nice", "--value", NAME) == "5"
    assert await drift(there) == ()
    there.machine.run("rm", "-r", folder)


def told(machine: Machine) -> list[str]:
    """All that a twin could have changed."""
    pid = machine.says("systemctl", "show", "-p", "MainPID", "--value", NAME)
    return [machine.says("cat", PATH), pid, machine.says("systemctl", "is-enabled", NAME)]


async def test_a_unit_of_another_root_folder_is_left_as_it_is(
    there: Reached, tmp_path: Path
) -> None:
    await there.bring(tmp_path, "1.0", SERVE)
    await there.succeed(Restart(UNIT, made.SOON), Probe(CHECK, "1.0", UNIT))
    before = told(there.machine)

    twin = Reached(there.machine, there.hosts, there.access.user)
    twin.access = replace(there.access, root=f"{ROOT}/twin")
    package, path = made.release(tmp_path, "1.0", run=SERVE)
    await twin.hosts.send_package(twin.access, "billing", package, path)
    by = replace(UNIT, text=UNIT.text.replace(f"{ROOT}/", f"{ROOT}/twin/"))
    switch = replace(there.switch("1.0"), supervised_by=by)
    _, refused = await twin.perform(made.unpack("1.0", package), switch)
    assert refused.exit_code == NO_RIGHT
    assert f"{NAME} is of another root folder on this host: it is left as it is." in refused.output
    assert f"remove the one below {ROOT}." in refused.output
    (started,) = await twin.perform(Restart(UNIT, made.SOON))
    assert started.exit_code == NO_RIGHT
    await twin.succeed(Stop(UNIT, made.SOON), Remove(UNIT))
    (seen,) = (await twin.hosts.observe(twin.access, "billing")).instances
    assert (seen.pid, seen.enabled, seen.unit) == (None, False, "")
    assert (told(there.machine), await drift(there)) == (before, ())


async def test_a_unit_that_a_person_has_written_is_left_as_it_is(
    there: Reached, tmp_path: Path
) -> None:
    there.machine.run("sh", "-c", f"printf '[Service]\\nExecStart=/bin/sleep 1\\n' >{PATH}")
    package, path = made.release(tmp_path, "1.0", run=SERVE)
    await there.hosts.send_package(there.access, "billing", package, path)
    _, refused = await there.perform(made.unpack("1.0", package), there.switch("1.0"))
    assert refused.exit_code == NO_RIGHT
    assert f"{PATH} is there, and Slipway has not written it" in refused.output
    assert "/bin/sleep" in there.machine.says("cat", PATH)
    there.machine.run("rm", PATH)


async def test_what_dies_has_its_last_words_in_the_record(there: Reached, tmp_path: Path) -> None:
    await there.bring(tmp_path, "1.0", DIES)
    results = await there.perform(Restart(UNIT, made.SOON), Probe(CHECK, "1.0", UNIT))
    assert results[-1].exit_code != 0
    assert f"Last words of {NAME}:\nstarting\ncannot open [31mledger.db\n" in results[-1].output
    assert results[-1].output.endswith("ledger.db\n")


async def test_words_that_the_journal_reads_late_are_of_its_last_run(
    there: Reached, tmp_path: Path
) -> None:
    await there.bring(tmp_path, "1.0", DIES)
    there.machine.run("sh", "-c", HOLDS_JOURNAL)
    await there.perform(Restart(UNIT, made.SOON))
    there.machine.run("systemd-run", "sh", "-c", GOES_ON_WHEN_ASKED)
    results = await there.perform(Probe(CHECK, "1.0", UNIT))
    assert results[-1].output.endswith(f"words of {NAME}:\nstarting\ncannot open [31mledger.db\n")


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
