"""What starts a service by scripts with its host is looked at like a unit that runs one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from slipway.core.hosts.drift_words import Drift, What
from slipway.core.release.steps import Restart
from slipway.core.release.supervision import supervised_by
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.test_boot import (
    CTX,
    HIDDEN,
    NOTHING,
    SPEC,
    STOPPER,
    TOLD,
    UNIT,
    Reached,
    reached,
    switch,
)


@pytest.fixture(scope="module")
def boot_machine(lab: Lab) -> Iterator[Machine]:
    (made_one,) = lab.add_machines("boot-2")
    yield made_one
    lab.remove_machine("boot-2")


@pytest.fixture(params=[("root", "none"), ("deploy", "sudo")], ids=["root", "sudo"])
async def host(request: pytest.FixtureRequest, boot_machine: Machine) -> AsyncIterator[Reached]:
    async for found in reached(boot_machine, *request.param):
        yield found


async def test_what_became_of_what_starts_it_at_boot_is_seen_and_put_back(
    host: Reached, tmp_path: Path
) -> None:
    await host.run(tmp_path, "1.0")
    assert (await host.seen()).drift == ()
    by = supervised_by(CTX, SPEC, "1.0", TOLD)
    path = f"/etc/systemd/system/{UNIT}"
    for what, command in (
        (What.UNIT, ("sed", "-i", "s/ExecStart=.*/ExecStart=true/", path)),
        (What.UNIT, ("sed", "-i", "/EnvironmentFile/d", path)),
        (What.UNIT_GONE, ("rm", path)),
        (What.UNIT_MASKED, ("ln", "-sf", "/dev/null", path)),
        (What.UNIT_OFF, ("systemctl", "disable", UNIT)),
    ):
        host.machine.run(*command)
        assert (await host.seen()).drift == (Drift(what),)
        await host.succeed(switch("1.0"), Restart(by, SPEC.stop_timeout))
        assert (await host.seen()).drift == ()
        assert host.machine.says("systemctl", "is-enabled", UNIT) == "enabled"
    added = f"{path}.d/override.conf"
    host.machine.run("sh", "-c", f"mkdir {path}.d && printf '[Service]\\nNice=5\\n' >{added}")
    assert (await host.seen()).drift == (Drift(What.DROP_IN, 1, added),)
    host.machine.run("rm", "-r", f"{path}.d")
    host.machine.reboot()
    assert host.group() == UNIT


async def test_what_hides_is_found_though_what_starts_it_at_boot_is_gone(
    host: Reached, tmp_path: Path
) -> None:
    await host.run(tmp_path, "1.0", start=HIDDEN, stop=NOTHING)
    host.await_process()
    (pid,) = host.processes()
    host.machine.run("rm", f"/etc/systemd/system/{UNIT}")
    assert str((await host.seen()).pid) == pid
    await host.succeed(STOPPER)
    assert host.processes() == []
