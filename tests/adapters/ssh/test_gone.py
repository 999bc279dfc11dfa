"""Gone is seen, never concluded from not seeing; and tidying up ends no step."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from slipway.core.release.steps import Prune, Remove, Stop
from slipway.core.release.supervisors.script import ScriptSupervisor
from slipway.core.spec.values import Hook
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.servers import check, is_answered, run_script, stranger, until_answered
from tests.adapters.ssh.waiting import until
from tests.ports import free_port

# It forgets with what environment it was started: our mark is not to be seen.
HIDE = b'#!/bin/sh\nsetsid env -i PORT="$PORT" ./bin/run.sh >/dev/null 2>&1 </dev/null &\n'
LEFT = "Left behind: "
LEAVE = b"#!/bin/sh\ntrue\n"


def hidden(status: str) -> ScriptSupervisor:
    """The scripts of a service whose status script is this one."""
    own = made.scripts()
    return ScriptSupervisor(own.start, own.stop, Hook((f"./bin/{status}.sh",)))


async def start(yard: Yard, port: int, **files: bytes) -> None:
    await yard.bring("1.0", **files)
    steps = made.switch(yard.root, "1.0", str(port)), made.restart()
    results = await yard.perform(made.chain(*steps, name="run", instance=str(port)))
    assert [result.exit_code for result in results] == [0, 0], results


async def test_what_hides_its_mark_and_listens_is_ended_by_a_stop(ssh: Yard) -> None:
    port = free_port()
    await start(ssh, port, start=HIDE, stop=LEAVE, run=run_script())
    await until_answered(port)
    (stopped,) = await ssh.perform(made.chain(made.stop(), name="stop", instance=str(port)))
    assert stopped.exit_code == 0
    assert "Still running after the stop script: python" in stopped.output
    assert not is_answered(port)


# Found by neither port nor mark: it alone knows what it has started.
FORGET = b"""#!/bin/sh
setsid env -i ./bin/run.sh >/dev/null 2>&1 </dev/null &
echo $! >"$SHARED/pid"
"""


@pytest.mark.parametrize("instance", ["main", "8080"])  # on a port that it does not listen on
async def test_what_cannot_be_seen_at_all_is_stopped_by_its_stop_script_once(
    ssh: Yard, instance: str
) -> None:
    stop = b'#!/bin/sh\necho stopping\nkill "$(cat "$SHARED/pid")"\n'
    await ssh.bring("1.0", start=FORGET, stop=stop)
    steps = made.switch(ssh.root, "1.0", instance), made.restart()
    results = await ssh.perform(made.chain(*steps, name="run", instance=instance))
    assert [result.exit_code for result in results] == [0, 0], results
    pid = int(Path(ssh.root, f"billing/{instance}/shared/run/pid").read_text())
    # Empty of one that nobody has waited for, and while one becomes another program.
    running = Path(f"/proc/{pid}/cmdline")
    await until(lambda: bool(running.read_bytes()))
    for name, said in (("stop", "stopping\n"), ("again", "")):
        chain = made.chain(made.stop(), name=name, instance=instance)
        (stopped,) = await ssh.perform(chain)
        assert (stopped.exit_code, stopped.output) == (0, said), stopped
    assert not running.exists() or not running.read_bytes()


async def test_what_cannot_be_seen_and_has_died_is_no_failure_of_a_stop(ssh: Yard) -> None:
    await ssh.bring("1.0", start=LEAVE, stop=b"#!/bin/sh\nexit 3\n")
    steps = made.switch(ssh.root, "1.0", "main"), made.restart(), made.stop()
    results = await ssh.perform(made.chain(*steps, name="run", instance="main"))
    assert [result.exit_code for result in results] == [0, 0, 0], results


async def test_what_hides_its_mark_and_listens_is_not_removed(ssh: Yard) -> None:
    port = free_port()
    await start(ssh, port, start=HIDE, stop=LEAVE, run=run_script())
    await until_answered(port)
    remove = made.chain(Remove(made.scripts()), name="remove", instance=str(port))
    (removed,) = await ssh.perform(remove)
    assert removed.exit_code == 75
    assert f"billing {port} still runs: python" in removed.output
    assert is_answered(port)
    await ssh.perform(made.chain(made.stop(), name="stop", instance=str(port)))
    assert not is_answered(port)


async def test_a_hidden_service_that_its_status_script_still_sees_has_not_stopped(
    ssh: Yard,
) -> None:
    await ssh.bring("1.0", start=LEAVE, stop=LEAVE, status=LEAVE)
    switch = made.switch(ssh.root, "1.0")
    await ssh.perform(made.chain(switch, name="switch"))
    step = Stop(hidden("status"), made.NO_TIME)
    (stopped,) = await ssh.perform(made.chain(step, name="stop"))
    assert (stopped.exit_code, stopped.output.splitlines()[-1]) == (
        75,
        "Its status script says that it still runs.",
    )


async def test_a_stranger_on_its_port_is_nothing_to_a_stop(ssh: Yard) -> None:
    port = free_port()
    await start(ssh, port)
    with stranger(port):
        await until_answered(port)
        steps = made.stop(), Remove(made.scripts())
        results = await ssh.perform(made.chain(*steps, name="gone", instance=str(port)))
        assert [result.exit_code for result in results] == [0, 0], results
        assert is_answered(port)


async def test_another_instance_of_the_same_release_is_not_ended(ssh: Yard) -> None:
    """It listens on our port, comes from our release, and is marked as the other's."""
    port, other = free_port(), "other"
    await ssh.bring("1.0", run=run_script().replace(b"$PORT", str(port).encode()))
    theirs = made.switch(ssh.root, "1.0", other), made.restart()
    await ssh.perform(made.chain(*theirs, name="theirs", instance=other))
    await until_answered(port)
    await ssh.perform(
        made.chain(made.switch(ssh.root, "1.0", str(port)), name="own", instance=str(port))
    )
    (stopped,) = await ssh.perform(made.chain(made.stop(), name="stop", instance=str(port)))
    assert stopped.exit_code == 0
    assert is_answered(port)


async def test_forks_that_outlive_the_first_process_are_ended(ssh: Yard) -> None:
    port = free_port()
    await start(ssh, port, run=run_script(fork=True))
    await until_answered(port)
    (probed,) = await ssh.perform(
        made.chain(made.probe("1.0", check(port)), name="probe", instance=str(port))
    )
    assert probed.exit_code == 0
    # Its stop script ends the first one only.
    (stopped,) = await ssh.perform(made.chain(made.stop(), name="stop", instance=str(port)))
    assert stopped.exit_code == 0
    assert not is_answered(port)


def left_behind(output: str) -> list[list[str]]:
    """The path and the reason of each line that says what could not be deleted."""
    lines = (line for line in output.splitlines() if line.startswith(LEFT))
    return [line.removeprefix(LEFT).split(": ", 1) for line in lines]


@contextmanager
def mounted(path: Path) -> Iterator[None]:
    """Something is mounted there, wherever it is moved: not even root can remove it."""
    name = f"slipway-{os.getpid()}"
    if subprocess.run(["mount", "-t", "tmpfs", name, path], check=False).returncode != 0:
        pytest.skip("nothing may be mounted here")
    try:
        yield
    finally:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
        for where in [found for source, found, *_ in mounts if source == name]:
            subprocess.run(["umount", "-l", where], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
async def test_an_old_release_that_cannot_be_removed_is_told_and_tried_again(ssh: Yard) -> None:
    for version in ("1.0", "1.1", "1.2"):
        await ssh.bring(version)
    await ssh.run("1.2")
    releases = Path(ssh.root, "billing/releases")
    with mounted(releases / "1.0/bin"):
        (pruned,) = await ssh.perform(made.chain(Prune(()), name="prune"))
        assert pruned.exit_code == 0
        ((path, why),) = left_behind(pruned.output)
        assert Path(path).parent == releases
        assert "1.0" in Path(path).name
        assert "busy" in why
        assert "Removed release 1.1." in pruned.output
    (again,) = await ssh.perform(made.chain(Prune(()), name="again"))
    assert (again.exit_code, left_behind(again.output)) == (0, [])
    assert [path.name for path in releases.iterdir()] == ["1.2"]


async def test_each_release_that_goes_with_the_last_instance_is_told_by_its_name(ssh: Yard) -> None:
    for version in ("1.0", "1.1"):
        await ssh.bring(version)
    await ssh.run("1.1")
    *_, removed = await ssh.perform(made.chain(made.stop(), Remove(made.scripts()), name="gone"))
    told = [line for line in removed.output.splitlines() if line.startswith("Removed ")]
    assert (removed.exit_code, told) == (0, ["Removed release 1.0.", "Removed release 1.1."])
    assert not Path(ssh.root, "billing/releases").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
async def test_a_removal_is_done_though_a_release_is_left(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    with mounted(Path(ssh.root, "billing/releases/1.0/bin")):
        results = await ssh.perform(made.chain(made.stop(), Remove(made.scripts()), name="gone"))
        assert [result.exit_code for result in results] == [0, 0], results
        assert len(left_behind(results[-1].output)) == 1
    (seen,) = (await ssh.hosts.observe(ssh.access, "billing")).instances
    assert (seen.link, seen.pid) == ("", None)
