"""A host that hangs is told in time, by name, and holds up nobody else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.core.hosts.access import HostAccess
from slipway.ports import HostUnreachable
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.connections.hanging import (
    LATE,
    drip,
    ends_in_time,
    host_process,
    quick_hosts,
    shells,
    stopped,
)
from tests.adapters.ssh.connections.test_residents import HOLD
from tests.adapters.ssh.waiting import until

Ask = Callable[[SshHosts, HostAccess], Awaitable[object]]
QUESTIONS: dict[str, Ask] = {
    "check": lambda hosts, access: hosts.check(access),
    "observe": lambda hosts, access: hosts.observe(access, "billing"),
    "forget": lambda hosts, access: hosts.forget(access, ("t-1",)),
}
FROM_NOTHING: dict[str, Ask] = {
    **QUESTIONS,
    "learn_key": lambda hosts, access: hosts.learn_key(access),
    "reach": lambda hosts, access: hosts.reach(access),
    "perform": lambda hosts, access: hosts.perform(
        access, made.chain(made.receipt("1.0")), on_result=lambda result: None
    ),
}


@pytest.fixture
async def hung(by_hand: Yard) -> Yard:
    """A host that is known to an impatient adapter, and has a shell that waits."""
    await by_hand.bring("1.0", hold=HOLD)
    hosts = quick_hosts()
    await hosts.observe(by_hand.access, "billing")
    await by_hand.hosts.close()
    await until(lambda: len(shells(by_hand.root)) == 1)
    return Yard(hosts, by_hand.access, by_hand.folder)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_to_a_stopped_shell_ends(hung: Yard, question: str) -> None:
    assert isinstance(hung.hosts, SshHosts)
    with stopped(*shells(hung.root)):
        told = await ends_in_time(QUESTIONS[question](hung.hosts, hung.access))
        assert "web-1" in told.message
        # Its connection was dropped: over a new one the host is as well as before.
        await QUESTIONS[question](hung.hosts, hung.access)
    await hung.hosts.close()


@pytest.mark.parametrize("question", FROM_NOTHING)
async def test_a_question_to_a_stopped_sshd_ends(tmp_path: Path, question: str) -> None:
    hosts = quick_hosts()
    async with host_process(tmp_path) as (sshd, access):
        with stopped(sshd):
            told = await ends_in_time(FROM_NOTHING[question](hosts, access))
        assert access.name in told.message
    await hosts.close()


@pytest.mark.parametrize("greeting", [b"SSH-2.0-slow\r\n", b"nothing of ours "])
@pytest.mark.parametrize("question", FROM_NOTHING)
async def test_a_question_that_is_answered_byte_by_byte_ends(
    by_hand: Yard, question: str, greeting: bytes
) -> None:
    hosts = quick_hosts()
    async with drip(greeting, pause=0.05) as port:
        await ends_in_time(FROM_NOTHING[question](hosts, replace(by_hand.access, port=port)))
    await hosts.close()


async def test_a_chain_that_is_given_to_a_stopped_shell_ends_as_unknown(hung: Yard) -> None:
    with stopped(*shells(hung.root)):
        told = await ends_in_time(hung.perform(made.chain(made.note("1.0", "late"))))
    assert told.sent
    assert "is stopped" in told.message
    await hung.hosts.close()


async def test_a_chain_whose_runner_is_stopped_in_the_middle_ends_as_unknown(hung: Yard) -> None:
    """The keep-alive is answered all the time."""
    asked = asyncio.create_task(hung.perform(made.chain(made.hook("1.0", "./bin/hold.sh"))))
    await until(Path(hung.root).parent.joinpath("began").exists)
    with stopped(*shells(hung.root)):
        told = await ends_in_time(asked)
    assert told.sent
    Path(hung.root).parent.joinpath("go").touch()
    # Going on, it is joined where it runs.
    results = await hung.perform(made.chain(made.hook("1.0", "./bin/hold.sh")))
    assert [result.exit_code for result in results] == [0]
    await hung.hosts.close()


async def test_a_chain_that_runs_for_longer_than_a_question_may_is_not_cut(hung: Yard) -> None:
    began = time.monotonic()
    asked = asyncio.create_task(hung.perform(made.chain(made.hook("1.0", "./bin/hold.sh"))))
    await until(lambda: time.monotonic() - began > 2.0)
    assert not asked.done()
    Path(hung.root).parent.joinpath("go").touch()
    assert [result.exit_code for result in await asked] == [0]
    await hung.hosts.close()


async def test_many_that_hang_hold_up_no_other(by_hand: Yard) -> None:
    hosts = SshHosts()
    async with drip(b"SSH-2.0-slow\r\n", pause=1.0) as port:
        dead = [replace(by_hand.access, name=f"hung-{n}", port=port) for n in range(40)]
        waiting = [asyncio.create_task(hosts.check(access)) for access in dead]
        await until(hosts._connections._handshakes._places.locked)
        began = time.monotonic()
        await hosts.check(by_hand.access)
        assert time.monotonic() - began < LATE
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await hosts.close()


async def test_all_who_wait_for_a_dead_host_hear_of_it_together(by_hand: Yard) -> None:
    hosts = quick_hosts()
    async with drip(b"SSH-2.0-slow\r\n", pause=1.0) as port:
        access = replace(by_hand.access, port=port)
        began = time.monotonic()
        told = await asyncio.gather(
            *(hosts.observe(access, "billing") for _ in range(8)), return_exceptions=True
        )
        assert time.monotonic() - began < LATE
        assert all(isinstance(each, HostUnreachable) for each in told)
    await hosts.close()
