"""OpenSSH's own sshd: its timing is another than that of the hosts made for tests."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.adapters.ssh.calls import give
from tests.adapters.ssh import made, sshd
from tests.adapters.ssh.conftest import Yard

HOSTS = 10

pytestmark = pytest.mark.skipif(sshd.SSHD is None, reason="there is no sshd on this machine")


@pytest.fixture
async def yards(tmp_path: Path) -> AsyncIterator[list[Yard]]:
    """Ten hosts: one sshd, a root folder and a connection each."""
    async with sshd.running(tmp_path) as access:
        hosts = SshHosts()
        roots = [tmp_path / f"host-{number}" / "root" for number in range(HOSTS)]
        accesses = [replace(access, name=path.parent.name, root=str(path)) for path in roots]
        yield [Yard(hosts, one, tmp_path) for one in accesses]
        await hosts.close()


async def test_none_of_ten_hosts_is_lost_at_first_contact(yards: list[Yard]) -> None:
    chain = made.chain(made.receipt("1.0"))
    all_results = await asyncio.gather(*(yard.perform(chain) for yard in yards))
    assert [[result.exit_code for result in results] for results in all_results] == [[0]] * HOSTS
    seen = await asyncio.gather(*(yard.hosts.observe(yard.access, "billing") for yard in yards))
    assert [one.instances[0].epoch for one in seen] == [1] * HOSTS


@dataclass
class EndedInput:
    """The input of a call that has ended before it was written to."""

    asked: int = 0

    def write(self, data: bytes) -> None:
        self.asked += 1
        raise BrokenPipeError("Channel not open for sending")


@dataclass
class EndedProcess:
    stdin: EndedInput


async def test_a_call_that_ended_before_its_input_came_is_not_lost() -> None:
    process = EndedProcess(EndedInput())
    give(process, b"data")  # type: ignore[arg-type]
    assert process.stdin.asked == 1
