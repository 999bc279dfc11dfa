"""The shell that stays on a kept connection: used again, replaced when it is gone."""

import asyncio
import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh.connections.residents import Resident
from slipway.adapters.ssh.requests.program import MISSING, ProgramMissing
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.processes import commands
from tests.adapters.ssh.waiting import until

HOLD = b'#!/bin/sh\ntouch "$HOME/began"\nuntil [ -e "$HOME/go" ]; do sleep 0.02; done\n'
SIGPIPE = 1 << (signal.SIGPIPE - 1)


def residents(yard: Yard) -> list[int]:
    """The processes that wait on the host for requests."""
    return [
        process
        for process, words in commands()
        if words[-1:] == [b"serve"] and yard.root.encode() in words and b"-c" not in words
    ]


async def the_resident(yard: Yard) -> int:
    """The one that is there when the fork that has answered has ended."""
    await until(lambda: len(residents(yard)) == 1)
    return residents(yard)[0]


async def test_one_shell_answers_one_request_after_the_other(ssh: Yard) -> None:
    await ssh.bring("1.0")
    first = await the_resident(ssh)
    await ssh.run("1.0")
    await ssh.hosts.forget(ssh.access, ("run-1", "run-2"))
    await ssh.hosts.observe(ssh.access, "billing")
    assert (await ssh.hosts.check(ssh.access)).root_writable
    assert await the_resident(ssh) == first


async def test_it_ends_with_the_connection(ssh: Yard) -> None:
    await ssh.bring("1.0")
    assert residents(ssh)
    await ssh.hosts.close()
    await until(lambda: not residents(ssh))


async def test_a_host_is_looked_at_while_a_step_runs(ssh: Yard) -> None:
    await ssh.bring("1.0", hold=HOLD)
    asked = asyncio.create_task(ssh.perform(made.chain(made.hook("1.0", "./bin/hold.sh"))))
    await until(Path(ssh.root).parent.joinpath("began").exists)
    await asyncio.wait_for(ssh.hosts.observe(ssh.access, "billing"), 5)
    Path(ssh.root).parent.joinpath("go").touch()
    assert [result.exit_code for result in await asked] == [0]
    await the_resident(ssh)


async def test_another_takes_the_place_of_one_that_was_killed(ssh: Yard) -> None:
    await ssh.bring("1.0")
    os.kill(await the_resident(ssh), signal.SIGKILL)
    assert (await ssh.hosts.observe(ssh.access, "billing")).releases
    assert [r.exit_code for r in await ssh.perform(made.chain(made.note("1.0", "once")))] == [0]
    assert ssh.notes() == ["once"]


async def test_the_runner_outlives_the_shell_that_began_it(ssh: Yard) -> None:
    await ssh.bring("1.0", hold=HOLD)
    steps = made.hook("1.0", "./bin/hold.sh"), made.note("1.0", "once")
    asked = asyncio.create_task(ssh.perform(made.chain(*steps)))
    await until(Path(ssh.root).parent.joinpath("began").exists)
    runners = Path(ssh.root, ".slipway/tickets").glob("t-1.*.runner")
    runner = int(next(runners).read_text().split()[0])
    for process in residents(ssh):
        if process != runner:  # it was forked, and is called the same
            os.kill(process, signal.SIGKILL)
    Path(ssh.root).parent.joinpath("go").touch()
    assert [(r.exit_code, r.interrupted) for r in await asked] == [(0, False), (0, False)]
    assert ssh.notes() == ["once"]


async def test_a_long_story_is_heard_whole(ssh: Yard) -> None:
    flood = b"#!/bin/sh\nhead -c 30000 /dev/zero | tr '\\0' x\necho \"end $1\"\n"
    await ssh.bring("1.0", flood=flood)
    steps = [made.hook("1.0", "./bin/flood.sh", str(number)) for number in range(4)]
    results = await ssh.perform(made.chain(*steps, timeout=timedelta(seconds=60)))
    assert [result.output[-6:] for result in results] == [f"end {n}\n" for n in range(4)]
    assert {len(result.output) for result in results} == {30_006}


async def test_a_program_that_was_taken_away_is_sent_again(ssh: Yard) -> None:
    await ssh.bring("1.0")
    shutil.rmtree(Path(ssh.root, ".slipway"))
    assert (await ssh.hosts.observe(ssh.access, "billing")).releases
    assert [r.exit_code for r in await ssh.perform(made.chain(made.note("1.0", "here")))] == [0]
    assert ssh.notes() == ["here"]


async def test_scripts_inherit_nothing_of_the_connection(ssh: Yard) -> None:
    show = (
        b"#!/bin/sh\n"
        b"while read -r key value; do [ $key != SigIgn: ] || echo $value; done </proc/$$/status\n"
        b"ls /proc/$$/fd\n"
    )
    await ssh.bring("1.0", show=show)
    steps = made.note("1.0", "first"), made.hook("1.0", "./bin/show.sh")
    *_, result = await ssh.perform(made.chain(*steps))
    ignored, *descriptors = result.output.split()
    assert int(ignored, 16) & SIGPIPE == 0
    assert set(descriptors) <= {"0", "1", "2", "10", "255"}  # the last are the shell's own script


async def test_the_exit_status_may_come_behind_the_end_of_the_output(ssh: Yard) -> None:
    shell = Resident(ssh.access)
    asked = asyncio.create_task(anext(shell.ask(b"facts\n")))
    await asyncio.sleep(0)
    shell.eof_received()
    await asyncio.sleep(0)
    shell.exit_status_received(MISSING)
    shell.connection_lost(None)
    with pytest.raises(ProgramMissing):
        await asked


async def test_a_shell_that_talks_unasked_is_not_used_again(ssh: Yard) -> None:
    shell = Resident(ssh.access)
    shell.data_received(b"Welcome!\nslipway-sh", None)  # a login script may talk
    shell.data_received(b"ell 41\n", None)
    assert shell.process == 41
    assert shell.is_free
    shell.data_received(b"hello?\n", None)
    assert not shell.is_free
