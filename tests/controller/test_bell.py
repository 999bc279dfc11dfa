"""Who waits for work is woken by whoever writes it, and looks rarely where nobody does."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.db import connections

from slipway.controller import clock
from slipway.controller.bell import Bell, Ear
from slipway.records.fleet import operations
from slipway.records.fleet.models import Host
from tests.controller.company import Company


@asynccontextmanager
async def heard() -> AsyncIterator[Ear]:
    bell = Bell()
    ear = bell.ear()
    task = asyncio.create_task(bell.run())
    try:
        async with asyncio.timeout(10):
            while not bell.is_heard:
                await asyncio.sleep(0.01)
        await ear.wait(longest=1, unheard=1)  # what was written before
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def ask_for_a_check(company: Company) -> None:
    try:
        hosts = list(Host.objects.select_related("environment")[:1])
        operations.request_checks(hosts=hosts, learn_key=False, by=company.boss, now=clock.now())
    finally:
        connections.close_all()


@pytest.mark.parametrize("busy", [False, True])
def test_a_wish_wakes_whoever_waits_or_was_busy(company: Company, busy: bool) -> None:
    async def run() -> None:
        async with heard() as ear:
            if busy:
                await asyncio.to_thread(ask_for_a_check, company)
                waiting = asyncio.create_task(ear.wait(longest=30, unheard=30))
            else:
                waiting = asyncio.create_task(ear.wait(longest=30, unheard=30))
                await asyncio.to_thread(ask_for_a_check, company)
            await asyncio.wait_for(waiting, 10)

    asyncio.run(run())


def test_where_no_bell_is_heard_time_passes() -> None:
    async def run() -> None:
        began = time.monotonic()
        await Bell().ear().wait(longest=30, unheard=0.05)
        assert 0.04 < time.monotonic() - began < 10

    asyncio.run(run())
