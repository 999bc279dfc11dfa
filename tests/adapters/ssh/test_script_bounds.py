"""A package's scripts on a host: bounded in output and time, ended with all they have started."""

import asyncio
import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts, calls
from slipway.adapters.ssh.requests import program
from slipway.adapters.ssh.requests.program import Program, host_program
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.processes import commands
from tests.adapters.ssh.waiting import until


async def test_much_output_stays_bounded_and_keeps_its_end(ssh: Yard) -> None:
    flood = b"#!/bin/sh\nhead -c 314572800 /dev/zero | tr '\\0' x\necho the end\n"
    await ssh.bring("1.0", flood=flood)
    heard = 0

    def hear(ticket: str, text: str) -> None:
        nonlocal heard
        heard += len(text)

    chain = made.chain(made.hook("1.0", "./bin/flood.sh"), timeout=timedelta(seconds=60))
    (result,) = await ssh.hosts.perform(
        ssh.access, chain, on_result=lambda result: None, on_output=hear
    )
    assert result.exit_code == 0
    assert result.output.endswith("xxxthe end\n")
    assert len(result.output) < 66_000
    assert heard < 2.2 * 2**20
    kept = sum(path.stat().st_size for path in Path(ssh.root, ".slipway/tickets").glob("t-1*"))
    assert kept < 7 * 2**20


async def test_output_is_told_while_it_is_printed_and_whole(ssh: Yard) -> None:
    wait = b'until [ -e "$HOME/go" ]; do sleep 0.02; done\n'
    slow = b"#!/bin/sh\necho one\n" + wait + b'printf "two\\000\\377"\n'
    await ssh.bring("1.0", slow=slow)
    heard: list[str] = []
    asked = asyncio.create_task(
        ssh.hosts.perform(
            ssh.access,
            made.chain(made.hook("1.0", "./bin/slow.sh")),
            on_result=lambda result: heard.append("over"),
            on_output=lambda ticket, text: heard.append(text),
        )
    )
    await until(lambda: heard == ["one\n"])
    Path(ssh.root).parent.joinpath("go").touch()
    (result,) = await asked
    assert "".join(heard) == "one\ntwo\N{REPLACEMENT CHARACTER}over"
    assert result.output == "one\ntwo\N{REPLACEMENT CHARACTER}"


async def test_who_never_ends_to_print_is_listened_to_within_bounds(
    by_hand: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that sends more than it could have kept."""
    text = host_program().text.replace(b'exec tail -c +1 -s 0.1 -f --pid="$2"', b"exec yes")
    endless = Program(text, hashlib.sha256(text).hexdigest())
    for module in (program, calls):
        monkeypatch.setattr(module, "host_program", lambda: endless)
    waits = b'#!/bin/sh\nuntil [ -e "$HOME/go" ]; do sleep 0.02; done\necho the end\n'
    most = 100_000
    hosts = SshHosts(most_output=most)
    yard = Yard(hosts, by_hand.access, by_hand.folder)
    await yard.bring("1.0", waits=waits)
    heard: list[str] = []
    asked = asyncio.create_task(
        hosts.perform(
            yard.access,
            made.chain(made.hook("1.0", "./bin/waits.sh")),
            on_result=lambda result: None,
            on_output=lambda ticket, text: heard.append(text),
        )
    )
    said = f"\n[… more than {most} bytes: of the rest the end is kept …]\n"
    await until(lambda: said in heard)
    Path(yard.root).parent.joinpath("go").touch()
    (result,) = await asked
    await hosts.close()
    assert (result.exit_code, result.output) == (0, "the end\n")
    assert heard[-1] == said, "nothing is told after it"
    assert sum(len(text) for text in heard[:-1]) == most


async def test_a_silent_hook_is_ended(ssh: Yard) -> None:
    await ssh.bring("1.0", silent=b"#!/bin/sh\necho working\nsleep 1000\n")
    step = made.hook("1.0", "./bin/silent.sh", inactivity=timedelta(seconds=0.5))
    (result,) = await ssh.perform(made.chain(step))
    assert result.exit_code == 124
    assert "printed nothing for 0.500 s" in result.output


async def test_what_left_the_process_group_is_ended_with_its_hook(ssh: Yard) -> None:
    script = b"#!/bin/sh\nsetsid sh -c 'echo $$ >\"$HOME/away\"; exec sleep 1000' &\nsleep 1000\n"
    await ssh.bring("1.0", escape=script)
    step = made.hook("1.0", "./bin/escape.sh")
    (result,) = await ssh.perform(made.chain(step, timeout=timedelta(seconds=1)))
    assert result.exit_code == 124
    pid = Path(ssh.root).parent.joinpath("away").read_text().strip()
    await until(lambda: is_gone(pid))


async def test_who_watches_for_silence_ends_with_the_hook(ssh: Yard) -> None:
    await ssh.bring("1.0", say=b"#!/bin/sh\necho said\n")
    step = made.hook("1.0", "./bin/say.sh", inactivity=timedelta(seconds=5))
    (result,) = await ssh.perform(made.chain(step))
    assert (result.exit_code, result.output) == (0, "said\n")
    ours = {ssh.root.encode(), b"watch-silence"}
    await until(lambda: not [words for _, words in commands() if ours <= set(words)])


async def test_a_killed_runner_means_interrupted_and_nothing_runs_on(ssh: Yard) -> None:
    await ssh.bring("1.0", long=b'#!/bin/sh\necho $$ >"$HOME/began"\nexec sleep 1000\n')
    chain = made.chain(made.hook("1.0", "./bin/long.sh"))
    asked = asyncio.create_task(ssh.perform(chain))
    began = Path(ssh.root).parent / "began"
    await until(lambda: began.exists() and began.read_text() != "")
    kill_runner(ssh)
    (result,) = await asked
    assert result.interrupted
    assert is_gone(began.read_text().strip())
    assert await ssh.perform(chain) == (result,)


async def test_what_ignores_the_end_of_its_script_does_not_run_on_either(ssh: Yard) -> None:
    deaf = b"#!/bin/sh\n(trap '' TERM; echo >\"$HOME/deaf\"; exec sleep 1000) &\n"
    wait = b'until [ -e "$HOME/deaf" ]; do sleep 0.02; done\n'
    await ssh.bring("1.0", long=deaf + wait + b'echo $! >"$HOME/began"\nexec sleep 1000\n')
    chain = made.chain(made.hook("1.0", "./bin/long.sh"))
    asked = asyncio.create_task(ssh.perform(chain))
    began = Path(ssh.root).parent / "began"
    await until(lambda: began.exists() and began.read_text() != "")
    kill_runner(ssh)
    (result,) = await asked
    assert result.interrupted
    assert is_gone(began.read_text().strip())


async def test_a_runner_killed_before_it_noted_its_script_leaves_nothing(ssh: Yard) -> None:
    await ssh.bring("1.0", long=b'#!/bin/sh\necho $$ >"$HOME/began"\nexec sleep 1000\n')
    chain = made.chain(made.hook("1.0", "./bin/long.sh"))
    asked = asyncio.create_task(ssh.perform(chain))
    began = Path(ssh.root).parent / "began"
    tickets = Path(ssh.root, ".slipway/tickets")
    noted = tickets / "t-1.result"
    await until(lambda: began.exists() and noted.read_text().startswith("begun "))
    asked.cancel()
    await asyncio.wait({asked})
    kill_runner(ssh)
    noted.write_text("by - - " + noted.read_text().split(" ", 3)[3])
    (result,) = await ssh.perform(chain)
    assert result.interrupted
    assert is_gone(began.read_text().strip())


def kill_runner(ssh: Yard) -> None:
    """End what runs the first step, as the kernel would."""
    (runner,) = Path(ssh.root, ".slipway/tickets").glob("t-1.*.runner")
    subprocess.run(["kill", "-KILL", runner.read_text().split()[0]], check=True)


def is_gone(pid: str) -> bool:
    try:
        return " Z " in Path("/proc", pid, "stat").read_text()
    except OSError:
        return True
