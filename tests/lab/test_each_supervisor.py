"""What all supervisors do alike: asked of each that is listed, and of each in another's place."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from slipway.core.hosts.seen import TicketResult
from slipway.core.release.steps import (
    PORT_HELD,
    HostStep,
    Probe,
    Remove,
    Restart,
    Start,
    Stop,
)
from slipway.core.release.supervision import supervised_by
from slipway.core.spec.values import ReleaseSpec, Supervisor
from tests.adapters.ssh import made
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.test_boot import (
    BY_UNIT,
    CTX,
    SPEC,
    START,
    STOP,
    TOLD,
    UNIT,
    Reached,
    reached,
    switch,
)

SPECS: Mapping[Supervisor, ReleaseSpec] = {Supervisor.SYSTEMD: BY_UNIT, Supervisor.SCRIPT: SPEC}
FOREIGN = "[Service]\nExecStart=/bin/true\n"
each = pytest.mark.parametrize("spec", [SPECS[kind] for kind in Supervisor], ids=list(Supervisor))


@pytest.fixture(scope="module")
def machine(lab: Lab) -> Iterator[Machine]:
    (made_one,) = lab.add_machines("kept-1")
    yield made_one
    lab.remove_machine("kept-1")


@pytest.fixture
async def host(machine: Machine) -> AsyncIterator[Reached]:
    async for found in reached(machine, "deploy", "sudo"):
        yield found


def start(spec: ReleaseSpec) -> Start:
    return Start(supervised_by(CTX, spec, "1.0", TOLD))


def remove(spec: ReleaseSpec) -> Remove:
    return Remove(supervised_by(CTX, spec, "1.0", TOLD))


def restart(spec: ReleaseSpec) -> Restart:
    return Restart(supervised_by(CTX, spec, "1.0", TOLD), spec.stop_timeout)


def stop(spec: ReleaseSpec, version: str = "1.0") -> Stop:
    return Stop(supervised_by(CTX, spec, version, TOLD), spec.stop_timeout)


def probe(spec: ReleaseSpec) -> Probe:
    well, late = timedelta(seconds=1.5), timedelta(seconds=5)
    check = replace(made.quick_check(deadline=late), min_healthy_time=well)
    return Probe(check, "1.0", supervised_by(CTX, spec, "1.0", TOLD))


async def bring(
    there: Reached, folder: Path, spec: ReleaseSpec, *further: HostStep, **files: bytes
) -> tuple[TicketResult, ...]:
    package, path = made.release(folder, "1.0", **{"start": START, "stop": STOP, **files})
    await there.hosts.send_package(there.access, "billing", package, path)
    return await there.perform(made.unpack("1.0", package), switch("1.0", spec), *further)


@each
async def test_it_runs_is_well_and_is_seen(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    await host.run(tmp_path, "1.0", spec)
    [pid] = host.processes()
    seen = await host.seen()
    assert (seen.running_version, str(seen.pid), seen.enabled) == ("1.0", pid, True)
    assert seen.drift == ()


@each
async def test_a_restart_ends_one_process_and_begins_another(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    await host.run(tmp_path, "1.0", spec)
    before = host.processes()
    await host.succeed(restart(spec), probe(spec))
    [after] = host.processes()
    assert after not in before


@each
async def test_a_newer_release_takes_the_place_of_the_older(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    await host.run(tmp_path, "1.0", spec)
    before = host.processes()
    await host.run(tmp_path, "1.1", spec)
    [after] = host.processes()
    assert after not in before
    assert (await host.seen()).running_version == "1.1"


@each
async def test_what_is_stopped_stays_so_until_it_is_started(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    await host.run(tmp_path, "1.0", spec)
    await host.succeed(stop(spec))
    await host.succeed(stop(spec))  # is done already
    seen = await host.seen()
    assert (host.processes(), seen.pid, seen.enabled) == ([], None, False)
    host.machine.reboot()
    assert host.processes() == []
    await host.succeed(start(spec), probe(spec))
    assert len(host.processes()) == 1
    assert (await host.seen()).enabled


@pytest.mark.parametrize(("before", "after"), list(permutations(Supervisor, 2)))
async def test_one_takes_the_place_of_another(
    host: Reached, tmp_path: Path, before: Supervisor, after: Supervisor
) -> None:
    await host.run(tmp_path, "1.0", SPECS[before])
    old = host.processes()
    await host.run(tmp_path, "1.1", SPECS[after])
    [new] = host.processes()
    assert new not in old
    seen = await host.seen()
    assert (seen.running_version, str(seen.pid), seen.drift) == ("1.1", new, ())
    await host.succeed(stop(SPECS[after], "1.1"))
    assert host.processes() == []


@each
async def test_what_runs_is_not_removed_and_what_was_removed_leaves_nothing(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    await host.run(tmp_path, "1.0", spec)
    await host.succeed(stop(spec), remove(spec))
    assert (host.processes(), host.traces()) == ([], "")
    assert (await host.hosts.observe(host.access, "billing")).releases == ()


@each
async def test_a_process_that_dies_is_not_well(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    dies = b"#!/bin/sh\nexit 3\n"
    *begun, probed = await bring(host, tmp_path, spec, restart(spec), probe(spec), run=dies)
    assert [result.exit_code for result in begun] == [0, 0, 0], begun
    assert (probed.exit_code, "Not healthy: " in probed.output) == (70, True), probed
    assert (await host.seen()).pid is None


@each
async def test_a_unit_of_somebody_else_is_left_as_it_is(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    path = f"/etc/systemd/system/{UNIT}"
    host.machine.run("sh", "-c", f"printf '{FOREIGN}' >{path}; systemctl daemon-reload")
    [*_, switched] = await bring(host, tmp_path, spec)
    assert "Slipway has not written it" in switched.output
    await host.perform(restart(spec))
    await host.perform(stop(spec), remove(spec))
    assert host.reads(path) == FOREIGN.strip()
    assert host.processes() == []


@each
async def test_nothing_is_started_where_a_stranger_listens(
    host: Reached, tmp_path: Path, spec: ReleaseSpec
) -> None:
    listen = "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 9);"
    host.machine.run(
        "systemd-run", "--unit=stranger", "--uid=nobody", "perl", "-e", f"{listen} sleep"
    )
    heard = "until ss -Hltn 'sport = 8080' | grep -q .; do sleep 0.1; done"
    host.machine.run("timeout", "10", "sh", "-c", heard)
    try:
        *begun, held = await bring(host, tmp_path, spec, restart(spec))
        assert [result.exit_code for result in begun] == [0, 0], begun
        assert (held.exit_code, "which is not ours" in held.output) == (PORT_HELD, True), held
        assert host.processes() == []
    finally:
        host.machine.run("systemctl", "stop", "stranger")
