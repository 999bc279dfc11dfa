"""A host that cannot start a service by scripts when it is restarted: it runs all the same."""

import hashlib
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.ssh import calls
from slipway.adapters.ssh.requests import program
from slipway.adapters.ssh.requests.program import Program, host_program
from slipway.core.release.steps import Remove, Restart, Start, Stop
from slipway.core.release.supervisors.systemd import SystemdUnit
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard

BOOT = SystemdUnit("slipway-billing-8080.service", "[Service]\nUser=\nExecStart=/bin/false\n")
BY_SCRIPTS = replace(made.scripts(), boot=BOOT)
SAID = (
    "billing 8080 will not start by itself when this host is restarted: systemd does not run here. "
    "Let the host's own boot scripts start it.\n"
)


@pytest.fixture
def no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever machine the tests run on."""
    text = host_program().text.replace(b"/run/systemd/system", b"/run/no/systemd")
    without = Program(text, hashlib.sha256(text).hexdigest())
    for module in (program, calls):
        monkeypatch.setattr(module, "host_program", lambda: without)


@pytest.mark.usefixtures("no_systemd")
async def test_without_systemd_it_runs_and_says_what_will_not_be(by_hand: Yard) -> None:
    await by_hand.bring("1.0")
    switch = replace(made.switch(by_hand.root, "1.0"), supervised_by=BY_SCRIPTS)
    restart = Restart(BY_SCRIPTS, made.SOON)
    probe = replace(made.probe("1.0"), supervised_by=BY_SCRIPTS)
    switched, *others = await by_hand.perform(made.chain(switch, restart, probe))
    assert (switched.exit_code, switched.output) == (0, SAID)
    assert [(each.exit_code, "boot" in each.output) for each in others] == [(0, False)] * 2

    (seen,) = (await by_hand.hosts.observe(by_hand.access, "billing")).instances
    assert (seen.running_version, seen.enabled, seen.unit) == ("1.0", False, "")
    gone = Stop(BY_SCRIPTS, made.SOON), Remove(replace(BY_SCRIPTS, boot=SystemdUnit(BOOT.name)))
    results = await by_hand.perform(made.chain(*gone, name="gone"))
    assert [each.exit_code for each in results] == [0, 0], results


@pytest.mark.usefixtures("no_systemd")
async def test_the_environment_lies_there_as_a_boot_needs_it(by_hand: Yard) -> None:
    awkward = "a \"b\" $(id) `id` \\n 'c'\nd"
    await by_hand.bring("1.0")
    own = ("BATCH", "mine"), ("NOTE", awkward), *made.environment(by_hand.root, "1.0")
    switch = replace(
        made.switch(by_hand.root, "1.0"), supervised_by=BY_SCRIPTS, environment=tuple(sorted(own))
    )
    (switched,) = await by_hand.perform(made.chain(switch))
    assert switched.exit_code == 0, switched
    path = Path(by_hand.root, "billing/8080/environment")
    # What is special to systemd in double quotes is so to a shell as well.
    names = ("NOTE", "BATCH", "ROLLOUT_KIND", "TO_VERSION", "SLIPWAY_RUNNING")
    shown = " ".join(f'"${name}"' for name in names)
    script = f". {shlex.quote(str(path))}; printf '%s|' {shown}"
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    mark = f"{by_hand.root}/billing/8080/1.0"
    assert read.stdout.split("|")[:-1] == [awkward, "mine", "start", "1.0", mark]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_host_program_before_this_one_has_switched_it(by_hand: Yard) -> None:
    await by_hand.bring("1.0")
    await by_hand.run("1.0")
    unwritten = replace(BY_SCRIPTS, boot=SystemdUnit(BOOT.name))
    later = made.chain(Stop(unwritten, made.SOON), Start(unwritten), name="later")
    results = await by_hand.perform(later)
    assert [each.exit_code for each in results] == [0, 0], results
    assert results[1].output == "starting 1.0 on 8080\n"
