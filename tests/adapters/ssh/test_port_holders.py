"""Healthy is said of the process that is the instance's own: whoever else answers is named."""

import os
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.core.hosts.seen import TicketResult
from slipway.core.release.steps import HostStep, Start, Switch
from slipway.core.spec.values import HealthCheck
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.servers import check, is_answered, run_script, stranger, until_answered
from tests.adapters.ssh.waiting import until
from tests.ports import free_port

PORT_HELD = 78
EVERYWHERE = "::"


async def perform(
    yard: Yard, port: int, *steps: HostStep, name: str = "t", instance: str = ""
) -> tuple[TicketResult, ...]:
    return await yard.perform(made.chain(*steps, name=name, instance=instance or str(port)))


def steps(yard: Yard, port: int) -> tuple[Switch, HostStep]:
    return made.switch(yard.root, "1.0", str(port)), made.restart()


async def started(yard: Yard, port: int, run: bytes, name: str = "run") -> None:
    await yard.bring("1.0", run=run)
    results = await perform(yard, port, *steps(yard, port), name=name)
    assert [result.exit_code for result in results] == [0, 0], results


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "0.0.0.0", EVERYWHERE])
async def test_who_answers_itself_is_well(ssh: Yard, address: str) -> None:
    port = free_port()
    await started(ssh, port, run_script(address))
    asked = {"0.0.0.0": "127.0.0.1", EVERYWHERE: "127.0.0.1"}.get(address, address)
    (probed,) = await perform(ssh, port, made.probe("1.0", check(port, asked)))
    assert probed.exit_code == 0, probed


async def test_who_answers_by_a_child_is_well(ssh: Yard) -> None:
    port = free_port()
    await started(ssh, port, run_script(fork=True))
    (probed,) = await perform(ssh, port, made.probe("1.0", check(port)))
    assert probed.exit_code == 0, probed


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", EVERYWHERE])
async def test_a_stranger_who_answers_in_its_place_is_named(ssh: Yard, address: str) -> None:
    port = free_port()
    await started(ssh, port, made.RUN)
    asked = "127.0.0.1" if address == EVERYWHERE else address
    with stranger(port, address) as pid:
        await until_answered(port, asked)
        (probed,) = await perform(ssh, port, made.probe("1.0", check(port, asked)))
    assert probed.exit_code == PORT_HELD
    last = probed.output.splitlines()[-1]
    assert last.startswith(f"Not healthy: port {port} is held by python")
    assert last.endswith(f"(pid {pid}), which is not ours.")


async def test_a_stranger_is_named_where_the_check_only_connects(ssh: Yard) -> None:
    port = free_port()
    await started(ssh, port, made.RUN)
    by_tcp = replace(check(port), http="", tcp=f"127.0.0.1:{port}")
    with stranger(port):
        await until_answered(port)
        (probed,) = await perform(ssh, port, made.probe("1.0", by_tcp))
    assert probed.exit_code == PORT_HELD


async def test_without_a_port_of_its_own_who_is_asked_must_be_ours(ssh: Yard) -> None:
    port = free_port()
    await ssh.bring("1.0")
    run = made.switch(ssh.root, "1.0", "main"), made.restart()
    await perform(ssh, port, *run, name="run", instance="main")
    with stranger(port):
        await until_answered(port)
        probe = made.probe("1.0", check(port))
        (probed,) = await perform(ssh, port, probe, instance="main")
    assert probed.exit_code == PORT_HELD


async def test_whoever_stands_in_front_may_answer_on_a_port_of_his_own(ssh: Yard) -> None:
    port, front = free_port(), free_port()
    await started(ssh, port, made.RUN)
    with stranger(front):
        await until_answered(front)
        (probed,) = await perform(ssh, port, made.probe("1.0", check(front)))
    assert probed.exit_code == 0, probed


async def test_a_neighbour_on_another_loopback_address_holds_nothing_of_ours(ssh: Yard) -> None:
    port = free_port()
    own, of_another = "127.0.0.77", "127.0.0.78"
    with stranger(port, of_another):
        await until_answered(port, of_another)
        await ssh.bring("1.0", run=run_script(own))
        switch = made.switch(ssh.root, "1.0", str(port))
        switch = replace(switch, environment=(*switch.environment, ("ADDRESS", own)))
        probe = made.probe("1.0", check(port, own))
        results = await perform(ssh, port, switch, made.restart(), probe)
    assert [result.exit_code for result in results] == [0, 0, 0], results


@pytest.mark.parametrize("start", [made.restart(), Start(made.scripts())])
async def test_nothing_is_started_on_a_port_that_a_stranger_holds(
    ssh: Yard, start: HostStep
) -> None:
    port = free_port()
    note = b'#!/bin/sh\ntouch "$HOME/started"\n'
    await ssh.bring("1.0", start=note)
    with stranger(port) as pid:
        await until_answered(port)
        switch = made.switch(ssh.root, "1.0", str(port))
        *_, refused = await perform(ssh, port, switch, start)
    assert refused.exit_code == PORT_HELD
    assert f"Port {port} is held by python" in refused.output
    assert f"(pid {pid}), which is not ours." in refused.output
    assert not Path(ssh.root).parent.joinpath("started").exists()


async def test_a_check_that_says_nothing_is_said_to(ssh: Yard) -> None:
    await ssh.bring("1.0", sick=b"#!/bin/sh\nexit 3\n", ill=b"#!/bin/sh\necho why; echo; exit 4\n")
    await ssh.run("1.0")
    silent = HealthCheck(command=("./bin/sick.sh",), healthy_deadline=timedelta(seconds=1))
    telling = replace(silent, command=("./bin/ill.sh",))
    for check_by, last in (
        (silent, "Not healthy: the check ended with 3: it said nothing."),
        (telling, "Not healthy: the check ended with 4: why."),
    ):
        name = check_by.command[0][6:-3]
        (probed,) = await ssh.perform(made.chain(made.probe("1.0", check_by), name=name))
        assert (probed.exit_code, probed.output.splitlines()[-1]) == (70, last)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start processes of other users")
async def test_another_users_process_with_our_mark_is_not_ours(ssh: Yard) -> None:
    port = free_port()
    await started(ssh, port, made.RUN)
    await perform(ssh, port, made.stop(), name="stop")
    mark = {"SLIPWAY_RUNNING": f"{ssh.root}/billing/{port}/1.0"}
    with stranger(port, environment=mark, user=65534) as pid:
        await until_answered(port)
        seen = (await ssh.hosts.observe(ssh.access, "billing")).find(str(port))
        assert seen is not None
        assert (seen.pid, seen.running_version) == (None, "")
        (refused,) = await perform(ssh, port, made.restart(), name="again")
        assert (refused.exit_code, str(pid) in refused.output) == (PORT_HELD, True)
        (stopped,) = await perform(ssh, port, made.stop(), name="stop-again")
        assert stopped.exit_code == 0
        assert is_answered(port)  # nobody has ended what is not ours


@pytest.mark.parametrize("version", ["9" * 300, "3.0", "..", "1.0 7 7", ""])
async def test_a_process_of_ours_is_of_no_version_that_is_not_here(ssh: Yard, version: str) -> None:
    await ssh.bring("1.0")
    await ssh.perform(made.chain(made.switch(ssh.root, "1.0")))
    mark = {"SLIPWAY_RUNNING": f"{ssh.root}/billing/8080/{version}"}
    with subprocess.Popen(["sleep", "100000"], env=mark) as process:
        # Under load a process is there a moment before what it was started with is.
        environment = Path("/proc", str(process.pid), "environ")
        try:
            await until(lambda: b"SLIPWAY_RUNNING" in environment.read_bytes())
            (seen,) = (await ssh.hosts.observe(ssh.access, "billing")).instances
        finally:
            process.kill()
    assert (seen.pid, seen.running_version) == (process.pid, "")
