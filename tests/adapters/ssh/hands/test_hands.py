"""The process beside a resident shell that spares it others: lost, it is missed by nobody."""

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.hands.handed import alone
from tests.adapters.ssh.processes import commands, read
from tests.adapters.ssh.waiting import until

HOLD = b'#!/bin/sh\ntouch "$HOME/began"\nuntil [ -e "$HOME/go" ]; do sleep 0.02; done\n'
# What it starts keeps its output, prints when it is told to, and says that it still lives.
CHATTER = b"""#!/bin/sh
echo "starting $VERSION"
setsid ./bin/chat.sh </dev/null &
echo $! >"$SHARED/pid"
"""
CHAT = b"""#!/bin/sh
until [ -e "$HOME/go" ]; do sleep 0.02; done
head -c 300000 /dev/zero | tr '\\0' x
touch "$HOME/printed"
exec sleep 100000
"""


def hands(yard: Yard) -> list[int]:
    """Processes of the host that have the program of hands in their words."""
    home = f"HOME={Path(yard.root).parent}".encode()
    return [
        process
        for process, words in commands()
        if any(b"The hands of a resident" in word for word in words)
        and home in read(Path("/proc", str(process), "environ")).split(b"\0")
    ]


async def test_they_stay_and_end_with_the_connection(by_hand: Yard) -> None:
    await by_hand.bring("1.0")
    first = hands(by_hand)
    assert len(first) == 1
    await by_hand.run("1.0")
    assert hands(by_hand) == first
    await by_hand.hosts.close()
    await until(lambda: not hands(by_hand))


async def test_killed_between_two_chains_they_are_replaced(by_hand: Yard) -> None:
    await by_hand.bring("1.0")
    (first,) = hands(by_hand)
    os.kill(first, signal.SIGKILL)
    assert (await by_hand.hosts.observe(by_hand.access, "billing")).disk_free > 0
    await by_hand.run("1.0")
    assert len(hands(by_hand)) == 1
    assert hands(by_hand) != [first]


async def test_killed_under_a_script_they_take_along_how_it_ends(by_hand: Yard) -> None:
    await by_hand.bring("1.0", hold=HOLD)
    steps = made.hook("1.0", "./bin/hold.sh"), made.switch(by_hand.root, "1.0"), made.restart()
    asked = asyncio.create_task(by_hand.perform(made.chain(*steps)))
    home = Path(by_hand.root).parent
    await until(home.joinpath("began").exists)
    (first,) = hands(by_hand)
    os.kill(first, signal.SIGKILL)
    home.joinpath("go").touch()
    (hook,) = await asked
    assert (hook.exit_code, hook.output) == (1, "How it ended is not known.\n")
    again = await by_hand.perform(made.chain(*steps, name="again", fence=(1, 2)))
    assert [result.exit_code for result in again] == [0, 0, 0]


async def test_who_keeps_its_output_is_neither_waited_for_nor_stopped(ssh: Yard) -> None:
    await ssh.bring("1.0", start=CHATTER, chat=CHAT)
    steps = made.switch(ssh.root, "1.0"), made.restart(), made.note("1.0", "behind")
    results = await asyncio.wait_for(ssh.perform(made.chain(*steps)), 10)
    assert [result.output for result in results] == ["", "starting 1.0\n", ""]
    await ssh.hosts.forget(ssh.access, tuple(result.ticket for result in results))
    await ssh.hosts.close()
    await until(lambda: not hands(ssh))
    home = Path(ssh.root).parent
    home.joinpath("go").touch()
    await until(home.joinpath("printed").exists)
    assert not list(Path(ssh.root, ".slipway/tickets").glob("t-*"))


def test_an_answer_to_one_that_was_killed_is_not_taken_for_ours() -> None:
    # It had asked, and never listened.
    before = "printf '9.1\\tspace\\t/\\n' >&3\n"
    assert alone(before + 'hand marked NOBODY=; echo "$? $heard"\n') == ["0 "]


def test_an_answer_to_one_that_was_killed_beside_a_release_is_not_either(tmp_path: Path) -> None:
    before = "ask() { printf '%s\\tspace\\t/\\n' \"$turn.$((handed + 1))\" >&3; }\n"
    before += f"alone_with {tmp_path} ask\n"
    assert alone(before + 'hand marked NOBODY=; echo "$? $heard"\n') == ["0 "]


def test_what_they_cannot_do_is_left_to_programs() -> None:
    asked = [
        "hand nonsense",
        "hand pump 1",
        "hand sync /nowhere",
        "hand ask nobody.test 80 / x 1 9 ''",
    ]
    script = "".join(f"{words}; echo $?\n" for words in [*asked, "hand space /"])
    assert alone(script) == ["1", "1", "1", "1", "0"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_a_bash_that_is_the_hosts_sh_has_them_too() -> None:
    asked = 'hand space / && echo "${heard%% *}"\nby_lines; hand pause 1; echo $?\n'
    free, code = alone(asked, "bash", "--posix")
    assert (free.isdecimal(), code) == (True, "0")


def test_a_request_that_a_pipe_may_cut_is_not_made() -> None:
    assert alone("long=$(printf '%05000d' 0)\nhand forget /tmp \"$long\"; echo $?\n") == ["1"]


def test_a_process_may_call_itself_anything(tmp_path: Path) -> None:
    mark = f"SLIPWAY_RUNNING={tmp_path}/"
    odd = {**os.environ, "SLIPWAY_RUNNING": f"{tmp_path}/1.0 7 7\n9 ok"}
    with subprocess.Popen(["sleep", "100"], env=odd) as process:
        try:
            said = alone(f'hand marked "{mark}"; echo "$heard"\n')
        finally:
            process.kill()
    ((pid, _, version),) = [line.split(" ") for line in said]
    assert (pid, version) == (str(process.pid), "?")
