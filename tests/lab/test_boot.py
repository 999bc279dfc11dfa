"""A service by its own scripts comes back with its host, and no end of a login ends it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import SeenInstance, TicketResult
from slipway.core.release.layout import InstanceContext
from slipway.core.release.steps import HostStep, Probe, Remove, Restart, Start, Stop, Switch
from slipway.core.release.supervision import environment_of, supervised_by
from slipway.core.spec.values import Hook, ReleaseSpec, Scripts, Supervisor
from tests.adapters.ssh import made
from tests.lab.evidence import ROOT
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine

HOME = f"{ROOT}/billing/8080"
UNIT = "slipway-billing-8080.service"
SCOPE = "slipway-billing-8080.scope"
CTX = InstanceContext("billing", "boot-1", "prod", 8080, root=ROOT)
SCRIPTS = Scripts(start=Hook(("./bin/start.sh", "${VERSION}")), stop=Hook(("./bin/stop.sh",)))
SPEC = ReleaseSpec(
    supervisor=Supervisor.SCRIPT,
    user="app",
    scripts=SCRIPTS,
    environment=(("GREETING", 'two  words, "quoted" $HOME \\n'),),
    stop_timeout=timedelta(seconds=1),
)
BY_UNIT = ReleaseSpec(run=("./bin/run.sh",), user="app")
START = rb"""#!/bin/sh
printf '%s\n' "$1 $ROLLOUT_KIND $(id -un) $PWD" "$GREETING" >"$SHARED/started"
setsid ./bin/run.sh >/dev/null 2>&1 </dev/null &
"""
# It forgets where it came from, and its stop script does not know it: what is left is its cgroup.
HIDDEN = b"#!/bin/sh\nenv -i PATH=/usr/bin:/bin setsid sleep 100000 >/dev/null 2>&1 </dev/null &\n"
STOP = b"#!/bin/sh\npkill -f 'sleep 100000'\n"
NOTHING = b"#!/bin/sh\n"


class Reached:
    def __init__(self, machine: Machine, hosts: SshHosts, user: str, become: str) -> None:
        self.machine, self.hosts = machine, hosts
        key = machine.key_file.read_text()
        self.access = HostAccess(
            machine.name, machine.address, 22, user, ROOT, become, key, machine.host_key
        )
        self._number = 0

    async def perform(self, *steps: HostStep) -> tuple[TicketResult, ...]:
        self._number += 1
        chain = made.chain(*steps, name=f"boot-{self._number}", fence=(1, self._number))
        return await self.hosts.perform(self.access, chain, on_result=lambda result: None)

    async def succeed(self, *steps: HostStep) -> str:
        results = await self.perform(*steps)
        assert [result.exit_code for result in results] == [0] * len(steps), results
        return "".join(result.output for result in results)

    async def run(
        self, folder: Path, version: str, spec: ReleaseSpec = SPEC, **files: bytes
    ) -> str:
        own = {"start": START, "stop": STOP, **files}
        package, path = made.release(folder, version, **own)
        await self.hosts.send_package(self.access, "billing", package, path)
        by = supervised_by(CTX, spec, version, TOLD)
        probe = Probe(made.quick_check(deadline=timedelta(seconds=5)), version, by)
        unpack = made.unpack(version, package)
        return await self.succeed(
            unpack, switch(version, spec), Restart(by, spec.stop_timeout), probe
        )

    async def seen(self) -> SeenInstance:
        (seen,) = (await self.hosts.observe(self.access, "billing")).instances
        return seen

    def processes(self) -> list[str]:
        """What runs of it, looked at without Slipway."""
        return self.machine.says("pgrep", "-f", "^sleep 100000").split()

    def await_process(self) -> None:
        # A start script ends before what it leaves behind has become what it is to be.
        began = "until pgrep -f '^sleep 100000'; do sleep 0.05; done"
        self.machine.run("timeout", "20", "sh", "-c", began)

    def group(self) -> str:
        self.await_process()
        (pid,) = self.processes()
        return self.machine.says("cat", f"/proc/{pid}/cgroup").rpartition("/")[2]

    def reads(self, path: str) -> str:
        return self.machine.says("cat", path)

    def traces(self) -> str:
        """All that systemd knows of it."""
        return self.machine.says("find", "/etc/systemd/system", "-name", "*billing*") + (
            self.machine.says(
                "systemctl", "list-units", "--all", "--plain", "--no-legend", "*billing*"
            )
        )


TOLD = {
    "ROLLOUT_KIND": "upgrade",
    "FROM_VERSION": "",
    "TO_VERSION": "1.0",
    "BATCH": "1",
    "INSTANCE_NUMBER": "1",
}


def switch(version: str, spec: ReleaseSpec = SPEC) -> Switch:
    by = supervised_by(CTX, spec, version, TOLD, written=True)
    environment = environment_of(CTX, spec, version, TOLD)
    return Switch(version, environment, (), by, spec.user, stop_timeout=spec.stop_timeout)


@pytest.fixture(scope="module")
def machine(lab: Lab) -> Iterator[Machine]:
    (made_one,) = lab.add_machines("boot-1")
    yield made_one
    lab.remove_machine("boot-1")


async def reached(machine: Machine, user: str, become: str) -> AsyncIterator[Reached]:
    hosts = SshHosts(patience=timedelta(seconds=30))
    yield Reached(machine, hosts, user, become)
    await hosts.close()
    machine.run("systemctl", "disable", "--now", UNIT, check=False)
    machine.run("pkill", "-KILL", "-f", "^sleep 100000", check=False)
    machine.run("rm", "-rf", ROOT, f"/etc/systemd/system/{UNIT}")
    machine.run("systemctl", "daemon-reload")


@pytest.fixture
async def by_root(machine: Machine) -> AsyncIterator[Reached]:
    async for host in reached(machine, "root", "none"):
        yield host


@pytest.fixture
async def by_sudo(machine: Machine) -> AsyncIterator[Reached]:
    async for host in reached(machine, "deploy", "sudo"):
        yield host


@pytest.fixture
async def by_nobody(machine: Machine) -> AsyncIterator[Reached]:
    async for host in reached(machine, "deploy", "none"):
        yield host


@pytest.fixture(params=["by_root", "by_sudo"])
def host(request: pytest.FixtureRequest) -> Reached:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Reached)
    return found


STOPPER = Stop(supervised_by(CTX, SPEC, "1.0"), SPEC.stop_timeout)


async def test_it_starts_with_its_host_unless_a_person_has_stopped_it(
    host: Reached, tmp_path: Path
) -> None:
    said = await host.run(tmp_path, "1.0")
    assert "will not start" not in said
    assert "cgroup of this login" not in said
    assert host.group() == SCOPE
    before = await host.seen()
    assert (before.running_version, before.enabled) == ("1.0", True)

    host.machine.reboot()
    assert host.group() == UNIT
    assert host.machine.says("stat", "-c", "%U", f"/proc/{host.processes()[0]}") == "app"
    assert host.reads(f"{HOME}/shared/started").split("\n") == [
        f"1.0 start app {ROOT}/billing/releases/1.0",
        'two  words, "quoted" $HOME \\n',
    ]
    after = await host.seen()
    assert (after.running_version, str(after.pid)) == ("1.0", host.processes()[0])

    await host.succeed(STOPPER)
    assert (host.processes(), (await host.seen()).enabled) == ([], False)
    assert host.machine.says("systemctl", "is-active", UNIT) == "inactive"
    host.machine.reboot()
    assert host.processes() == []

    await host.succeed(switch("1.0"), Start(supervised_by(CTX, SPEC, "1.0")))
    assert host.group() == SCOPE
    await host.succeed(STOPPER, Remove(supervised_by(CTX, SPEC, "1.0")))
    assert (host.processes(), host.traces()) == ([], "")


async def test_no_end_of_sshd_ends_it(host: Reached, tmp_path: Path) -> None:
    await host.run(tmp_path, "1.0")
    (pid,) = host.processes()
    # With force, and all that is in its cgroup; so does the end of a session end what is in there.
    host.machine.run("systemctl", "kill", "--kill-who=all", "--signal=KILL", "ssh.service")
    host.machine.run("systemctl", "restart", "ssh.service")
    assert host.processes() == [pid]


async def test_what_hides_its_environment_is_found_by_its_cgroup(
    by_sudo: Reached, tmp_path: Path
) -> None:
    await by_sudo.run(tmp_path, "1.0", start=HIDDEN, stop=NOTHING)
    (pid,) = by_sudo.processes()
    seen = await by_sudo.seen()
    assert (str(seen.pid), seen.running_version) == (pid, "1.0")
    said = await by_sudo.succeed(STOPPER)
    assert (by_sudo.processes(), f"sleep (pid {pid})" in said) == ([], True)

    # And what its host has started.
    await by_sudo.run(tmp_path, "1.1", start=HIDDEN, stop=NOTHING)
    by_sudo.machine.run("systemctl", "stop", SCOPE)
    by_sudo.machine.run("systemctl", "start", UNIT)
    assert (by_sudo.group(), (await by_sudo.seen()).running_version) == (UNIT, "1.1")
    await by_sudo.run(tmp_path, "1.2", start=HIDDEN, stop=NOTHING)
    assert (by_sudo.group(), (await by_sudo.seen()).running_version) == (SCOPE, "1.2")


async def test_it_goes_to_a_unit_and_back(by_sudo: Reached, tmp_path: Path) -> None:
    await by_sudo.run(tmp_path, "1.0")
    await by_sudo.run(tmp_path, "1.1", BY_UNIT)
    assert by_sudo.group() == UNIT
    assert by_sudo.machine.says("systemctl", "show", "-p", "Type", "--value", UNIT) == "exec"
    await by_sudo.run(tmp_path, "1.2")
    assert by_sudo.group() == SCOPE
    assert by_sudo.machine.says("systemctl", "show", "-p", "Type", "--value", UNIT) == "oneshot"
    seen = await by_sudo.seen()
    assert (seen.running_version, seen.enabled) == ("1.2", True)


async def test_without_rights_it_runs_and_says_what_will_not_be(
    by_nobody: Reached, tmp_path: Path
) -> None:
    by_nobody.machine.run("install", "-d", "-o", "deploy", ROOT)
    said = await by_nobody.run(tmp_path, "1.0", NOBODYS)
    assert (
        "billing 8080 will not start by itself when this host is restarted: our user is not root, "
        "nor has it sudo. Let our user be root, or have sudo without password."
    ) in said
    seen = await by_nobody.seen()
    assert (seen.running_version, seen.enabled, by_nobody.traces()) == ("1.0", False, "")
    await by_nobody.succeed(STOPPER, Remove(supervised_by(CTX, NOBODYS, "1.0")))
    assert by_nobody.processes() == []


NOBODYS = ReleaseSpec(supervisor=Supervisor.SCRIPT, scripts=SCRIPTS)


async def test_without_a_user_of_its_own_it_runs_as_who_logs_in(
    by_sudo: Reached, tmp_path: Path
) -> None:
    await by_sudo.run(tmp_path, "1.0", NOBODYS)
    assert by_sudo.group() == SCOPE
    await by_sudo.succeed(Stop(supervised_by(CTX, NOBODYS, "1.0"), made.SOON))
    by_sudo.machine.run("systemctl", "start", UNIT)
    assert by_sudo.reads(f"{HOME}/shared/started").startswith("1.0 start deploy ")


async def test_under_two_roots_a_unit_is_of_one(by_root: Reached, tmp_path: Path) -> None:
    await by_root.run(tmp_path, "1.0")
    (pid,) = by_root.processes()
    other = Reached(by_root.machine, by_root.hosts, "root", "none")
    other.access = replace(by_root.access, root=f"{ROOT}/other")
    package, path = made.release(tmp_path, "1.0", start=START, stop=NOTHING)
    await other.hosts.send_package(other.access, "billing", package, path)
    said = await other.succeed(made.unpack("1.0", package), switch("1.0"), STOPPER)
    assert f"{UNIT} is of another root folder on this host." in said
    assert (by_root.processes(), (await by_root.seen()).enabled) == ([pid], True)
    assert not (await other.seen()).enabled


async def test_a_start_script_that_takes_too_long_leaves_nothing(
    by_sudo: Reached, tmp_path: Path
) -> None:
    hanging = HIDDEN + b"sleep 100001\n"
    spec = ReleaseSpec(
        supervisor=Supervisor.SCRIPT,
        user="app",
        scripts=Scripts(
            Hook(("./bin/start.sh",), timedelta(milliseconds=500)), Hook(("./bin/stop.sh",))
        ),
    )
    package, path = made.release(tmp_path, "1.0", start=hanging, stop=NOTHING)
    await by_sudo.hosts.send_package(by_sudo.access, "billing", package, path)
    by = supervised_by(CTX, spec, "1.0")
    steps = made.unpack("1.0", package), switch("1.0", spec), Restart(by, spec.stop_timeout)
    *_, started = await by_sudo.perform(*steps)
    assert (started.exit_code, by_sudo.processes()) == (124, [])
