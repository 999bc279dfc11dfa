"""The process that was found well is noted; the note counts only while it is still that process."""

import os
import subprocess
from pathlib import Path

from slipway.core.hosts.seen import SeenInstance
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.waiting import has_ended, until


async def seen_after_probe(ssh: Yard) -> tuple[SeenInstance, Path]:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    (probed,) = await ssh.perform(made.chain(made.probe("1.0"), name="probe"))
    assert probed.exit_code == 0
    seen = await observed(ssh)
    note = Path(ssh.root, "billing/8080/.running")
    assert (str(seen.pid), seen.running_version) == (note.read_text().split()[0], "1.0")
    return seen, note


async def observed(ssh: Yard) -> SeenInstance:
    (seen,) = (await ssh.hosts.observe(ssh.access, "billing")).instances
    return seen


async def test_a_noted_process_that_died_is_not_seen(ssh: Yard) -> None:
    seen, note = await seen_after_probe(ssh)
    subprocess.run(["kill", "-KILL", str(seen.pid)], check=True)
    await until(lambda: has_ended(seen.pid))
    assert note.exists()
    assert (await observed(ssh)).pid is None


async def test_a_pid_given_to_another_process_is_not_taken_for_the_noted_one(ssh: Yard) -> None:
    seen, note = await seen_after_probe(ssh)
    _, *rest = note.read_text().split()
    note.write_text(" ".join([str(os.getpid()), *rest]))
    assert (await observed(ssh)).pid == seen.pid


async def test_a_broken_note_is_none(ssh: Yard) -> None:
    seen, note = await seen_after_probe(ssh)
    for text in ("", "x", "1 2", "$(id) 1 2 3"):
        note.write_text(text)
        assert await observed(ssh) == seen
