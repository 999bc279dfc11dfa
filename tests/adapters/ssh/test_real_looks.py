"""A full look at a real host, beyond what a fake one can be asked."""

import asyncio
import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.ssh import calls
from slipway.adapters.ssh.requests import program
from slipway.core.hosts.seen import Asked, Outcome, Report, SeenInstance
from slipway.core.release.steps import Fence, Prune, Remove
from slipway.ports import HostGarbled
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.waiting import has_ended, until


async def look(ssh: Yard, *command: str, tickets: tuple[str, ...] = ()) -> SeenInstance:
    asked = Asked("8080", made.quick_check(*command), tickets=tickets)
    (seen,) = (await ssh.hosts.observe(ssh.access, "billing", asked=(asked,))).instances
    return seen


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", ""),
        ("exit 3", "the check ended with 3: it said nothing"),
        ("echo; echo ' '; exit 3", "the check ended with 3: it said nothing"),
        (
            "echo first; printf 'last\\t\\001 one\\n\\n'; exit 4",
            "the check ended with 4: last one",
        ),
    ],
)
async def test_a_check_is_quoted_by_its_last_line(ssh: Yard, script: str, why: str) -> None:
    await ssh.bring("1.0")
    await ssh.run_well("1.0")
    seen = await look(ssh, "sh", "-c", script)
    assert (seen.healthy, seen.why) == (not why, why)


async def test_nobody_listens(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run_well("1.0")
    check = replace(made.quick_check(), http="http://127.0.0.1:1/healthz")
    asked = Asked("8080", check)
    (seen,) = (await ssh.hosts.observe(ssh.access, "billing", asked=(asked,))).instances
    assert (seen.healthy, seen.why) == (False, "http://127.0.0.1:1/healthz does not answer")


async def test_a_step_whose_runner_was_killed_was_interrupted(ssh: Yard) -> None:
    await ssh.bring("1.0", long=b'#!/bin/sh\necho $$ >"$HOME/began"\nexec sleep 1000\n')
    await ssh.run("1.0")
    asked = asyncio.create_task(ssh.perform(made.chain(made.hook("1.0", "./bin/long.sh"))))
    began = ssh.home / "began"
    await until(lambda: began.exists() and began.read_text() != "")
    async with asyncio.timeout(10):
        while not (await look(ssh, tickets=("t-1",))).reports:
            await asyncio.sleep(0.01)
    asked.cancel()
    # Whoever asks no more, it goes on.
    assert (await look(ssh, tickets=("t-1",))).reports == (Report("t-1", Outcome.RUNNING),)
    (runner,) = Path(ssh.root, ".slipway/tickets").glob("t-1.*.runner")
    body = began.read_text().strip()
    subprocess.run(["kill", "-KILL", runner.read_text().split()[0], body], check=True)
    await until(lambda: has_ended(body))
    async with asyncio.timeout(10):
        while (seen := await look(ssh, tickets=("t-1",))).reports[0].outcome is Outcome.RUNNING:
            await asyncio.sleep(0.01)
    assert seen.reports == (Report("t-1", Outcome.INTERRUPTED),)


async def test_a_look_leaves_no_program_behind(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run_well("1.0")
    shutil.rmtree(Path(ssh.root, ".slipway"))
    asked = Asked("8080", made.quick_check("sh", "-c", 'echo "it\'s"; exit 3'), fence=Fence(4, 2))
    (seen,) = (await ssh.hosts.observe(ssh.access, "billing", asked=(asked,))).instances
    assert (seen.epoch, seen.why) == (4, "the check ended with 3: it's")
    assert not list(Path(ssh.root, ".slipway").glob("*.sh"))


async def test_what_was_started_in_another_boot_is_known_only_without_a_switch(ssh: Yard) -> None:
    await ssh.bring("1.0")
    switch = replace(made.switch(ssh.root, "1.0"), fingerprint="first")
    await ssh.perform(made.chain(switch, made.restart(), made.probe("1.0"), name="run"))
    note = Path(ssh.root, "billing/8080/.started")
    fingerprint, boot, *rest = note.read_text().split()
    note.write_text(" ".join([fingerprint, "another-boot", *rest]) + "\n")
    assert (await look(ssh)).started_with == "first"
    for text in ("first another-boot 12345 -\n", f"first {boot} 1 -\n", "first", "", "\0\0\0"):
        note.write_text(text)
        assert (await look(ssh)).started_with == ""


@pytest.mark.parametrize("broken", ["", "\0\0\0\0", "x y z\n", "9" * 30 + " 1\n"])
async def test_a_broken_fence_is_none(ssh: Yard, broken: str) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    Path(ssh.root, "billing/8080/receipts/fence").write_text(broken)
    (again,) = await ssh.perform(made.chain(made.restart(), name="again", fence=(2, 1)))
    assert again.exit_code == 0


async def test_the_fence_of_a_former_program_still_stands(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    Path(ssh.root, "billing/8080/receipts/fence").write_text("7 3\n")
    seen = await look(ssh)
    assert (seen.epoch, seen.sequence, seen.installation) == (7, 3, "")


async def test_what_is_on_its_way_survives_the_removal_of_another_service(
    ssh: Yard, tmp_path: Path
) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    removal = made.chain(made.stop(), Remove(made.scripts()), name="removal")
    assert [result.exit_code for result in await ssh.perform(removal)] == [0, 0]
    package, path = made.release(tmp_path, "2.0")
    await ssh.hosts.send_package(ssh.access, "other", package, path)
    gone = "bring-1-0-1", "run-1", "run-2", "removal-1", "removal-2"
    await ssh.hosts.forget(ssh.access, gone)
    chain = made.chain(made.unpack("2.0", package), name="other")
    (result,) = await ssh.perform(replace(chain, service="other"))
    assert result.exit_code == 0


async def test_a_release_whose_undrain_is_owed_is_not_pruned(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    await ssh.bring("1.1")
    Path(ssh.root, "billing/8080/.drained.1.1").write_text("word ./bin/note.sh\n")
    await ssh.perform(made.chain(Prune(()), name="prune"))
    seen = await ssh.hosts.observe(ssh.access, "billing")
    assert [version for version, _ in seen.releases] == ["1.0", "1.1"]


async def test_a_host_that_talks_nonsense_is_told_by_name(
    by_hand: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b'while read -r _; do printf "slipway\\nnonsense\\nserved 0\\n"; done\n'
    nonsense = program.Program(text, hashlib.sha256(text).hexdigest())
    for module in (program, calls):
        monkeypatch.setattr(module, "host_program", lambda: nonsense)
    with pytest.raises(HostGarbled, match=by_hand.access.name):
        await by_hand.hosts.observe(by_hand.access, "billing")
    with pytest.raises(HostGarbled, match=by_hand.access.name):
        await by_hand.hosts.check(by_hand.access)
    with pytest.raises(HostGarbled, match=by_hand.access.name):
        await by_hand.perform(made.chain(made.receipt("1.0")))
