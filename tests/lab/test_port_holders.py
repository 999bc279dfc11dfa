"""With systemd a process is ours by the cgroup of its unit, whoever else calls himself so."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import TicketResult
from slipway.core.release.steps import (
    PORT_HELD,
    HostStep,
    Probe,
    Remove,
    Restart,
    Start,
    Stop,
    Switch,
)
from slipway.core.release.supervisors.systemd import SystemdUnit
from slipway.core.spec.values import HealthCheck
from tests.adapters.ssh import made
from tests.lab.evidence import ROOT
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine

PORT = 8171
HOME = f"{ROOT}/billing/{PORT}"
NAME = f"slipway-billing-{PORT}.service"
SOCKET = NAME.replace(".service", ".socket")
UNIT = SystemdUnit(
    NAME,
    "[Service]\n"
    "Type=exec\n"
    "User=app\n"
    f"WorkingDirectory={HOME}/current\n"
    f"EnvironmentFile={HOME}/environment\n"
    f"ExecStart={HOME}/current/bin/run.sh\n"
    "KillMode=mixed\n"
    "\n[Install]\nWantedBy=multi-user.target\n",
)
# A host has no more than Perl. Both the parent and the child hold the port; the child answers.
ANSWER = (
    "use IO::Socket::INET; my $s = IO::Socket::INET->new("
    f"LocalPort => {PORT}, Listen => 9, ReuseAddr => 1) or sleep; FORK"
    "while (my $c = $s->accept) { <$c>; print $c qq(HTTP/1.0 200 OK\\r\\n\\r\\nwell); close $c }"
)
SERVE = f"#!/bin/sh\nexec perl -e '{ANSWER.replace('FORK', 'fork; ')}'\n".encode()
# It takes the socket that systemd hands on.
TAKE = (
    "use IO::Socket::INET; my $s = IO::Socket::INET->new; $s->fdopen(3, q(r+)); "
    "while (my $c = $s->accept) { close $c }"
)
CHECK = HealthCheck(
    http=f"http://127.0.0.1:{PORT}/",
    interval=timedelta(milliseconds=100),
    min_healthy_time=timedelta(milliseconds=200),
    healthy_deadline=timedelta(seconds=5),
)


class Reached:
    """A lab host, asked by one of its users."""

    def __init__(self, machine: Machine, hosts: SshHosts, user: str) -> None:
        self.machine, self.hosts, self._number = machine, hosts, 0
        become = "none" if user == "root" else "sudo"
        key = machine.key_file.read_text()
        self.access = HostAccess(
            machine.name, machine.address, 22, user, ROOT, become, key, machine.host_key
        )

    async def perform(self, *steps: HostStep) -> tuple[TicketResult, ...]:
        self._number += 1
        name = f"{self.access.user}-{self._number}"
        fence = 1 if self.access.user == "root" else 2, self._number
        chain = made.chain(*steps, name=name, instance=str(PORT), fence=fence)
        return await self.hosts.perform(self.access, chain, on_result=lambda result: None)

    async def bring(self, folder: Path, version: str, run: bytes) -> None:
        package, path = made.release(folder, version, run=run)
        await self.hosts.send_package(self.access, "billing", package, path)
        await self.succeed(made.unpack(version, package), self.switch(version))

    async def succeed(self, *steps: HostStep) -> None:
        results = await self.perform(*steps)
        assert [result.exit_code for result in results] == [0] * len(steps), results

    def switch(self, version: str) -> Switch:
        environment = made.environment(ROOT, version, str(PORT))
        return Switch(version, environment, (), UNIT, shared_owner="app")


@asynccontextmanager
async def reached_on(machine: Machine, user: str) -> AsyncIterator[Reached]:
    """Nothing of ours is left there afterwards."""
    hosts = SshHosts(patience=timedelta(seconds=30))
    host = Reached(machine, hosts, user)
    yield host
    await host.perform(Stop(UNIT, made.SOON), Remove(UNIT))
    machine.run("rm", "-rf", ROOT)
    await hosts.close()


@pytest.fixture(scope="module")
def machine(lab: Lab) -> Iterator[Machine]:
    (made_one,) = lab.add_machines("held-1")
    yield made_one
    lab.remove_machine("held-1")


@pytest.fixture(params=["root", "deploy"])
async def reached(request: pytest.FixtureRequest, machine: Machine) -> AsyncIterator[Reached]:
    async with reached_on(machine, request.param) as host:
        yield host


def stranger(machine: Machine) -> str:
    """Somebody's process on the port; its pid."""
    own = ("--unit=stranger", "--uid=nobody", f"--setenv=SLIPWAY_RUNNING={HOME}/1.0")
    machine.run("systemd-run", *own, "perl", "-e", ANSWER.replace("FORK", ""))
    wait = f"until ss -Hltn 'sport = {PORT}' | grep -q .; do sleep 0.1; done"
    machine.run("timeout", "10", "sh", "-c", wait)
    return machine.says("systemctl", "show", "-p", "MainPID", "--value", "stranger")


async def test_only_what_is_in_the_cgroup_is_well(reached: Reached, tmp_path: Path) -> None:
    restart, probe = Restart(UNIT, made.SOON), Probe(CHECK, "1.0", UNIT)
    await reached.bring(tmp_path, "1.0", SERVE)
    await reached.succeed(restart, probe)
    await reached.succeed(Stop(UNIT, made.SOON))

    pid = stranger(reached.machine)
    held = f"held by perl (pid {pid}), which is not ours."
    for start in (restart, Start(UNIT)):
        (refused,) = await reached.perform(start)
        assert (refused.exit_code, held in refused.output) == (PORT_HELD, True), refused
    reached.machine.run("systemctl", "start", NAME)
    (probed,) = await reached.perform(probe)
    assert (probed.exit_code, held in probed.output) == (PORT_HELD, True), probed

    # He is nothing to a stop; and when he is gone, all is well.
    await reached.succeed(Stop(UNIT, made.SOON))
    reached.machine.run("systemctl", "stop", "stranger")
    await reached.succeed(restart, probe)


async def test_a_socket_that_systemd_holds_for_the_unit_is_ours(
    reached: Reached, tmp_path: Path
) -> None:
    by_tcp = replace(CHECK, http="", tcp=f"127.0.0.1:{PORT}")
    await reached.bring(tmp_path, "1.0", f"#!/bin/sh\nexec perl -e '{TAKE}'\n".encode())
    path = f"/etc/systemd/system/{SOCKET}"
    text = f"[Socket]\nListenStream={PORT}\n"
    reached.machine.run("tee", path, input=text)
    try:
        reached.machine.run("systemctl", "daemon-reload")
        reached.machine.run("systemctl", "start", SOCKET)
        await reached.succeed(Restart(UNIT, made.SOON), Probe(by_tcp, "1.0", UNIT))
        await reached.succeed(Stop(UNIT, made.SOON))
    finally:
        reached.machine.run("systemctl", "stop", SOCKET)
        reached.machine.run("rm", path)
        reached.machine.run("systemctl", "daemon-reload")


async def test_what_a_stop_leaves_in_the_cgroup_is_told(reached: Reached, tmp_path: Path) -> None:
    await reached.bring(tmp_path, "1.0", b"#!/bin/sh\nsleep 100001 &\nexec sleep 100000\n")
    await reached.succeed(Restart(UNIT, made.SOON))
    folder = f"/etc/systemd/system/{NAME}.d"
    reached.machine.run("mkdir", "-p", folder)
    reached.machine.run("tee", f"{folder}/keep.conf", input="[Service]\nKillMode=process\n")
    reached.machine.run("systemctl", "daemon-reload")
    try:
        (stopped,) = await reached.perform(Stop(UNIT, made.SOON))
        assert stopped.exit_code == 75
        assert f"billing {PORT} still runs: sleep (pid " in stopped.output
    finally:
        reached.machine.run("rm", "-r", folder)
        reached.machine.run("systemctl", "daemon-reload")
        reached.machine.run("pkill", "-KILL", "-f", "sleep 100001", check=False)
