"""What the host program does on a real host, beyond the port's contract."""

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh.requests.requests import chain_request
from slipway.core.release.steps import Remove, Switch
from slipway.core.release.supervisors.script import ScriptSupervisor
from slipway.core.spec.values import HealthCheck, Hook
from slipway.ports import StaleClaim
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.waiting import until


def ticket_files(yard: Yard) -> list[str]:
    return sorted(path.name for path in Path(yard.root, ".slipway", "tickets").glob("*"))


async def test_nothing_of_ours_is_left_but_receipts(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    steps = made.receipt("1.0"), made.stop(), made.receipt(""), Remove(made.scripts())
    await ssh.perform(made.chain(*steps, name="gone"))
    tickets = ["bring-1-0-1", "run-1", "run-2", "gone-1", "gone-2", "gone-3", "gone-4"]
    await ssh.hosts.forget(ssh.access, tuple(tickets))
    await ssh.hosts.observe(ssh.access, "billing")
    left = sorted(str(path.relative_to(ssh.root)) for path in Path(ssh.root).rglob("*"))
    assert [path for path in left if not path.startswith("billing/8080/shared")] == [
        "billing",
        "billing/8080",
        "billing/8080/receipts",
        "billing/8080/receipts/fence",
        "billing/8080/receipts/gone-1",
        "billing/8080/receipts/gone-3",
    ]


async def test_a_shared_folder_that_holds_something_is_kept_and_named(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    kept = Path(ssh.root, "billing/8080/shared/run/precious")
    kept.write_text("data")
    *_, removed = await ssh.perform(made.chain(made.stop(), Remove(made.scripts()), name="gone"))
    assert removed.exit_code == 0
    assert "shared: it is not empty" in removed.output
    assert kept.read_text() == "data"


async def test_a_receipt_says_who_did_what(ssh: Yard) -> None:
    await ssh.perform(made.chain(made.receipt("1.1"), fence=(3, 4)))
    text = Path(ssh.root, "billing/8080/receipts/t-1").read_text()
    assert "rollout 7\naction upgrade\nfrom \nto 1.1\nepoch 3\nsequence 4\n" in text


async def test_a_release_is_read_only(ssh: Yard) -> None:
    package = await ssh.bring("1.0")
    release = Path(ssh.root, "billing/releases/1.0")
    assert (release / ".slipway-package").read_text().strip() == package.sha256
    writable = [path for path in (release, *release.rglob("*")) if path.stat().st_mode & 0o222]
    assert writable == [release]  # ours alone, for the links to shared folders
    assert release.stat().st_mode & 0o022 == 0


async def test_values_are_never_evaluated(ssh: Yard) -> None:
    await ssh.bring("1.0", show=b'#!/bin/sh\nprintf "[%s]" "$@" "$ODD"\n')
    hostile = ["$(touch pwned)", "`id`", "; id", "a'b\"c", "* ?", "\\n\\t", "-n", "", "é\n\nx\n"]
    values = (*made.environment(ssh.root, "1.0"), ("ODD", "".join(hostile)))
    switch = Switch("1.0", values, (), made.scripts())
    hook = made.hook("1.0", "./bin/show.sh", *hostile)
    _, result = await ssh.perform(made.chain(switch, hook))
    assert result.output == "".join(f"[{word}]" for word in (*hostile, "".join(hostile)))
    assert not list(Path(ssh.root).parent.rglob("pwned"))


async def test_the_environment_of_the_last_switch_is_there_for_later_hooks(ssh: Yard) -> None:
    await ssh.bring("1.0", show=b'#!/bin/sh\nprintf "%s" "$ODD"\n')
    odd = 'line one\nline "two" \\ $HOME `id`\\'
    switch = Switch("1.0", (("ODD", odd),), (), made.scripts())
    await ssh.perform(made.chain(switch))
    (result,) = await ssh.perform(made.chain(made.hook("1.0", "./bin/show.sh"), name="later"))
    assert result.output == odd


async def test_a_daemon_with_open_descriptors_holds_nothing(ssh: Yard) -> None:
    start = b"#!/bin/sh\necho starting\nsleep 100000 &\n"
    stop = b"#!/bin/sh\ntrue\n"
    await ssh.bring("1.0", start=start, stop=stop)
    await asyncio.wait_for(ssh.run("1.0"), 5)
    (probed,) = await ssh.perform(made.chain(made.probe("1.0"), name="probe"))
    assert probed.exit_code == 0
    pid = int(probed.output.split("process ")[1].split()[0])
    held = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [target for target in held if ssh.root in target and "pipe" not in target]
    # The stop script leaves it alone; afterwards it is gone all the same.
    (stopped,) = await ssh.perform(made.chain(made.stop(), name="stop"))
    assert stopped.exit_code == 0
    seen = await ssh.hosts.observe(ssh.access, "billing")
    assert seen.instances[0].pid is None


async def test_a_later_claim_ends_the_earlier_one_at_the_next_ticket(ssh: Yard) -> None:
    hold = b'#!/bin/sh\ntouch "$HOME/began"\nuntil [ -e "$HOME/go" ]; do sleep 0.02; done\n'
    await ssh.bring("1.0", hold=hold)
    steps = made.hook("1.0", "./bin/hold.sh"), made.note("1.0", "late")
    earlier = asyncio.create_task(ssh.perform(made.chain(*steps, fence=(1, 1))))
    await until(Path(ssh.root).parent.joinpath("began").exists)
    later = asyncio.create_task(
        ssh.perform(made.chain(made.note("1.0", "newer"), name="n", fence=(2, 1)))
    )
    fence = Path(ssh.root, "billing/8080/receipts/fence")
    await until(lambda: fence.read_text() == "2 1 - 2 1\n")
    Path(ssh.root).parent.joinpath("go").touch()
    with pytest.raises(StaleClaim):
        await earlier
    assert [result.exit_code for result in await later] == [0]
    assert ssh.notes() == ["newer"]


async def test_a_truncated_request_starts_nothing(ssh: Yard) -> None:
    await ssh.bring("1.0")
    program = next(Path(ssh.root, ".slipway").glob("*.sh"))
    whole = chain_request(made.chain(made.note("1.0", "never")))
    for cut in range(0, len(whole) - 1, 37):
        done = subprocess.run(
            ["sh", program, ssh.root, "none", "chain"],
            input=whole[:cut],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 98
    assert not [name for name in ticket_files(ssh) if name.startswith("t-1")]
    assert ssh.notes() == []


async def test_upgrading_stops_the_old_release_by_its_own_script(ssh: Yard) -> None:
    leave = (
        b'#!/bin/sh\necho "left $VERSION from $PWD" >>"$HOME/left"\nkill "$(cat "$SHARED/pid")"\n'
    )
    await ssh.bring("1.0", leave=leave)
    await ssh.bring("1.1")
    own = ScriptSupervisor(Hook(("./bin/start.sh",)), Hook(("./bin/leave.sh",)))
    first = Switch("1.0", made.environment(ssh.root, "1.0"), ("run",), own)
    await ssh.perform(made.chain(first, made.restart(), name="one"))
    results = await ssh.perform(
        made.chain(made.switch(ssh.root, "1.1"), made.restart(), made.probe("1.1"), name="two")
    )
    assert [result.exit_code for result in results] == [0, 0, 0]
    left = Path(ssh.root).parent.joinpath("left").read_text()
    assert left == f"left 1.0 from {ssh.root}/billing/releases/1.0\n"


async def test_a_crashed_service_can_be_restarted(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    seen = await ssh.hosts.observe(ssh.access, "billing")
    subprocess.run(["kill", "-KILL", str(seen.instances[0].pid)], check=True)
    results = await ssh.perform(made.chain(made.restart(), made.probe("1.0"), name="again"))
    assert [result.exit_code for result in results] == [0, 0]


async def test_a_service_that_dies_in_its_window_is_not_healthy(ssh: Yard) -> None:
    await ssh.bring("1.0", run=b"#!/bin/sh\nexec sleep 0.7\n")
    await ssh.run("1.0")
    check = HealthCheck(
        interval=timedelta(seconds=0.1),
        min_healthy_time=timedelta(seconds=2),
        healthy_deadline=timedelta(seconds=30),
    )
    (result,) = await asyncio.wait_for(
        ssh.perform(
            made.chain(made.probe("1.0", check), name="probe", timeout=timedelta(minutes=1))
        ),
        10,  # nobody starts it again, so the deadline is not waited for
    )
    assert result.exit_code == 70
    assert "has died" in result.output


async def test_two_instances_share_a_release(ssh: Yard) -> None:
    await ssh.bring("1.0")
    for instance in ("8080", "8081"):
        switch = Switch("1.0", (("PORT", instance), ("SHARED", "/tmp")), (), made.scripts())
        results = await ssh.perform(made.chain(switch, name=f"s{instance}", instance=instance))
        assert results[0].exit_code == 0, results
    seen = await ssh.hosts.observe(ssh.access, "billing")
    assert [(one.instance, one.link) for one in seen.instances] == [
        ("8080", "1.0"),
        ("8081", "1.0"),
    ]


async def test_shared_folders_of_two_instances_are_never_mixed(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.perform(made.chain(made.switch(ssh.root, "1.0")))
    other = made.chain(made.switch(ssh.root, "1.0", "8081"), name="other", instance="8081")
    (result,) = await ssh.perform(other)
    assert result.exit_code == 65
    assert "belongs to another instance" in result.output
