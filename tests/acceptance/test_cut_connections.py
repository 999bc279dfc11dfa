"""Connections that are cut at a random byte of every attempt: each step still runs exactly once."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.ports import HostUnreachable
from slipway_demo.hosts import local_host
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.proxy import Cut, CuttingProxy, cutting_proxy

pytestmark = [pytest.mark.acceptance, pytest.mark.once]

STEPS = 200
SIDE_BY_SIDE = 8  # instances, each with its own chain of steps


@pytest.fixture
def seed() -> int:
    """Printed by pytest when the test fails; set SLIPWAY_TEST_SEED to see it again."""
    drawn = int(os.environ.get("SLIPWAY_TEST_SEED") or random.randrange(2**32))
    print(f"seed {drawn}")
    return drawn


@pytest.fixture
async def cut(tmp_path: Path, seed: int) -> AsyncIterator[tuple[Yard, Yard, CuttingProxy]]:
    """A host, reached directly and through a proxy that cuts every single connection."""
    chance = random.Random(seed)

    def draw() -> Cut:
        # A handshake is some 3,500 bytes, a chain 1,500 more: many cuts hit each part of both.
        return Cut(int(200 * 100 ** chance.random()), silent=chance.random() < 0.15)

    async with (
        local_host(tmp_path / "hosts", "web-1") as host,
        cutting_proxy(host.port, draw) as proxy,
    ):
        directly = SshHosts()
        through = SshHosts(
            patience=timedelta(seconds=120),
            connect_timeout=timedelta(seconds=1),
            keep_alive=timedelta(seconds=0.2),
        )
        access = host.access()
        yield (
            Yard(directly, access, tmp_path),
            Yard(through, replace(access, port=proxy.port), tmp_path),
            proxy,
        )
        await directly.close()
        await through.close()


async def test_each_of_200_steps_runs_exactly_once(
    cut: tuple[Yard, Yard, CuttingProxy],
) -> None:
    directly, through, proxy = cut
    await directly.bring("1.0")

    async def one_after_the_other(instance: int) -> None:
        for number in range(instance, STEPS, SIDE_BY_SIDE):
            step = made.note("1.0", f"step-{number}")
            chain = made.chain(
                step, name=f"s{number}", fence=(1, number), instance=str(8000 + instance)
            )
            (result,) = await through.perform(chain)
            assert (result.exit_code, result.interrupted) == (0, False), result

    await asyncio.gather(*(one_after_the_other(instance) for instance in range(SIDE_BY_SIDE)))

    print(f"{proxy.made} connections, {proxy.resets} reset, {proxy.silences} gone silent")
    assert Counter(directly.notes()) == Counter(f"step-{number}" for number in range(STEPS))
    assert proxy.resets > STEPS / 10
    assert proxy.silences > STEPS / 100


async def test_a_package_that_never_came_whole_is_never_used(
    cut: tuple[Yard, Yard, CuttingProxy],
) -> None:
    directly, through, proxy = cut
    package, path = made.release(directly.folder, "1.0", filler=random.Random(1).randbytes(200_000))
    for _ in range(20):
        with pytest.raises(HostUnreachable):
            await through.hosts.send_package(through.access, "billing", package, path)
    (result,) = await directly.perform(made.chain(made.unpack("1.0", package)))
    assert result.exit_code == 66
    assert proxy.made >= 20
    moved = await directly.hosts.send_package(directly.access, "billing", package, path)
    assert moved == package.size
