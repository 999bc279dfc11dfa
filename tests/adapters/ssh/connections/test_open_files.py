"""Few open files: the crowd is bounded by them, and running out is not a host's fault."""

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.ports import OursAtFault
from slipway.project.limits.files import connections_within
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.connections.hanging import quick_hosts
from tests.adapters.ssh.connections.test_residents import HOLD
from tests.adapters.ssh.waiting import until

FOLLOWED = """
import asyncio, json, resource, sys
from slipway.adapters.ssh import SshHosts
from slipway.ports import HostAccess, OursAtFault
from slipway.project.limits.files import connections_within, raise_limit

told = json.load(sys.stdin)
soft, hard, files = told["soft"], told["hard"], []
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
limit = raise_limit()
hosts = SshHosts(connections=told["connections"] or connections_within(limit))
async def ask(number):
    access = HostAccess(**told["access"] | {"name": f"web-{number}"})
    try:
        await hosts.observe(access, "billing")
        return "well"
    except OursAtFault as ours:
        return ours.code
async def main():
    if told["full"]:
        try:
            while True:
                files.append(open("/dev/null"))
        except OSError:
            pass
    answers = await asyncio.gather(*(ask(number) for number in range(told["hosts"])))
    for file in files:
        file.close()
    await hosts.close()
    print(json.dumps([limit, sorted(set(answers))]))
asyncio.run(main())
"""


async def asked(yard: Yard, **told: object) -> list[object]:
    """Ask many hosts from a process that may open few files; returns its limit and the answers."""
    said = {"soft": 64, "hard": 64, "hosts": 1, "connections": 0, "full": False, **told}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FOLLOWED), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    text = json.dumps({**said, "access": asdict(yard.access)}).encode()
    answer, _ = await asyncio.wait_for(process.communicate(text), 60)
    found = json.loads(answer)
    assert isinstance(found, list)
    return found


async def test_the_soft_limit_is_raised(by_hand: Yard) -> None:
    assert await asked(by_hand, soft=32, hard=200) == [200, ["well"]]


async def test_more_hosts_than_files_are_all_asked(by_hand: Yard) -> None:
    assert await asked(by_hand, hosts=60, connections=8) == [64, ["well"]]


async def test_running_out_of_files_says_nothing_about_the_host(by_hand: Yard) -> None:
    assert await asked(by_hand, full=True) == [64, ["ours"]]


@pytest.mark.parametrize(("limit", "connections"), [(64, 8), (1024, 448), (65_536, 32_704)])
def test_a_margin_is_left_for_what_is_no_connection(limit: int, connections: int) -> None:
    assert connections_within(limit) == connections


async def test_where_all_connections_are_in_use_that_is_told_as_ours(by_hand: Yard) -> None:
    await by_hand.bring("1.0", hold=HOLD)
    hosts: SshHosts = quick_hosts(connections=1)
    chain = made.chain(made.hook("1.0", "./bin/hold.sh"))
    asked = asyncio.create_task(hosts.perform(by_hand.access, chain, on_result=lambda _: None))
    home = Path(by_hand.root).parent
    await until(home.joinpath("began").exists)
    with pytest.raises(OursAtFault, match="No connection is left for web-2"):
        await hosts.check(replace(by_hand.access, name="web-2"))
    home.joinpath("go").touch()
    assert [result.exit_code for result in await asked] == [0]
    await hosts.check(replace(by_hand.access, name="web-2"))
    await hosts.close()
