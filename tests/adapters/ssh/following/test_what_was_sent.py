"""Whether anything of a chain has left us is said by every error, and ours are not the host's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import pytest

from slipway.adapters.ssh import SshHosts, hosts
from slipway.core.hosts.access import HostAccess
from slipway.ports import HostDenied, HostKeyChanged, HostTrouble, HostUnreachable, OursAtFault
from slipway_demo import hosts as demo
from slipway_demo.hosts import local_host
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.connections.hanging import drip, quick_hosts
from tests.adapters.ssh.connections.test_residents import HOLD
from tests.adapters.ssh.proxy import CuttingProxy, cutting_proxy
from tests.adapters.ssh.waiting import until

OTHER_KEY = asyncssh.generate_private_key("ssh-ed25519")


async def trouble_with(hosts: SshHosts, access: HostAccess) -> HostTrouble:
    with pytest.raises(HostTrouble) as caught:
        await hosts.perform(access, made.chain(made.receipt("1.0")), on_result=lambda _: None)
    await hosts.close()
    return caught.value


async def test_of_a_host_that_refuses_nothing_was_sent(by_hand: Yard) -> None:
    told = await trouble_with(quick_hosts(), replace(by_hand.access, port=1))
    assert (type(told), told.sent) == (HostUnreachable, False)


async def test_of_a_host_that_never_greets_nothing_was_sent(by_hand: Yard) -> None:
    async with drip(b"SSH-2.0-slow\r\n", pause=1) as port:
        told = await trouble_with(quick_hosts(), replace(by_hand.access, port=port))
    assert (type(told), told.sent) == (HostUnreachable, False)


async def test_of_a_host_that_denies_us_nothing_was_sent(by_hand: Yard) -> None:
    stranger = OTHER_KEY.export_private_key().decode()
    told = await trouble_with(quick_hosts(), replace(by_hand.access, private_key=stranger))
    assert (type(told), told.sent) == (HostDenied, False)


async def test_of_a_host_with_another_key_nothing_was_sent(by_hand: Yard) -> None:
    other = OTHER_KEY.export_public_key().decode().strip()
    told = await trouble_with(quick_hosts(), replace(by_hand.access, host_key=other))
    assert (type(told), told.sent) == (HostKeyChanged, False)


@dataclass
class UnderWay:
    """A chain that runs on a host, followed through a proxy."""

    hosts: SshHosts
    access: HostAccess
    proxy: CuttingProxy
    asked: "asyncio.Task[object]"
    root: Path

    async def lose(self) -> HostTrouble:
        """Lose the connection, and return what the chain ended with."""
        self.hosts._connections.link(self.access).drop()
        with pytest.raises(HostTrouble) as caught:
            await self.asked
        return caught.value


@pytest.fixture
async def under_way(by_hand: Yard) -> AsyncIterator[UnderWay]:
    await by_hand.bring("1.0", hold=HOLD)
    hosts = quick_hosts()
    chain = made.chain(made.hook("1.0", "./bin/hold.sh"))
    root = Path(by_hand.root).parent
    async with cutting_proxy(by_hand.access.port, lambda: None) as proxy:
        access = replace(by_hand.access, port=proxy.port)
        asked = asyncio.create_task(hosts.perform(access, chain, on_result=lambda _: None))
        await until(root.joinpath("began").exists)
        yield UnderWay(hosts, access, proxy, asked, root)
        root.joinpath("go").touch()
        await hosts.close()


async def test_a_login_refused_in_the_middle_leaves_it_unknown(
    under_way: UnderWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo._Guard, "validate_public_key", lambda *_: False)
    told = await under_way.lose()
    assert (type(told), told.sent) == (HostDenied, True)


async def test_a_login_refused_for_a_moment_is_tried_again(
    under_way: UnderWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[bool] = []

    def refuse_once(*_: object) -> bool:
        refused.append(not refused)
        return not refused[-1]

    monkeypatch.setattr(demo._Guard, "validate_public_key", refuse_once)
    under_way.hosts._connections.link(under_way.access).drop()
    await until(lambda: len(refused) > 1)
    under_way.root.joinpath("go").touch()
    assert await under_way.asked


async def test_a_key_that_changed_in_the_middle_leaves_it_unknown(
    under_way: UnderWay, tmp_path: Path
) -> None:
    async with local_host(tmp_path / "others", "web-2") as other:
        under_way.proxy.port_behind = other.port
        told = await under_way.lose()
    assert (type(told), told.sent) == (HostKeyChanged, True)


async def test_a_host_that_is_gone_in_the_middle_leaves_it_unknown(under_way: UnderWay) -> None:
    under_way.proxy.port_behind = 1
    told = await under_way.lose()
    assert (type(told), told.sent) == (HostUnreachable, True)


async def test_an_error_that_nobody_foresaw_says_nothing_about_the_host(
    by_hand: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_lines: object) -> None:
        raise ZeroDivisionError("1/0")

    monkeypatch.setattr(hosts, "facts", broken)
    with pytest.raises(OursAtFault, match="Slipway itself failed at web-1: 1/0"):
        await by_hand.hosts.check(by_hand.access)
