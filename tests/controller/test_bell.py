"""Who waits for work is woken by whoever writes it, and looks rarely where nobody does."""

import asyncio
import errno
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.db import connection, connections

from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell, Ear
from slipway.records.fleet.models import Host
from slipway.records.fleet.operations import checks
from slipway.records.rows.hearing import notices, writes
from tests.controller.company import Company


@asynccontextmanager
async def heard(idle: float = writes.ASK_IDLE_EVERY) -> AsyncIterator[Ear]:
    bell = Bell(idle=idle)
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
        checks.request_checks(hosts=hosts, learn_key=False, by=company.boss, now=clock.now())
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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL notifies by itself")
def test_sqlite_is_not_asked_until_the_kernel_says_that_it_was_written(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [0]
    data_version = writes._data_version

    def count(database: sqlite3.Connection, seen: int) -> int:
        asked[0] += 1
        return data_version(database, seen)

    async def until_it_rests() -> None:
        before = -1
        async with asyncio.timeout(10):
            while asked[0] != before:
                before = asked[0]
                await asyncio.sleep(writes.IDLE_AFTER + 10 * writes.ASK_EVERY)

    async def run() -> None:
        async with heard(idle=60.0) as ear:
            await until_it_rests()
            await asyncio.to_thread(ask_for_a_check, company)
            await asyncio.wait_for(ear.wait(longest=30, unheard=30), 10)

    monkeypatch.setattr(writes, "_data_version", count)
    asyncio.run(run())


def test_where_the_kernel_gives_no_notices_it_is_asked(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    async def run() -> None:
        async with heard() as ear:
            await asyncio.to_thread(ask_for_a_check, company)
            await asyncio.wait_for(ear.wait(longest=30, unheard=30), 10)

    monkeypatch.setattr(notices, "INotify", lambda **_: refused())
    asyncio.run(run())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL notifies by itself")
def test_progress_that_a_driver_writes_wakes_nobody_at_once_and_what_came_with_it_is_told_later(
    company: Company,
) -> None:
    async def run() -> None:
        ours = Bell(hushed=0.4)
        ear = ours.ear()
        task = asyncio.create_task(ours.run())
        try:
            while not ours.is_heard:
                await asyncio.sleep(0.01)
            await ear.wait(longest=1, unheard=1)  # what was written before
            began = time.monotonic()
            with ours.hushed():
                await asyncio.to_thread(ask_for_a_check, company)
            await ear.wait(longest=30, unheard=30)
            assert 0.3 < time.monotonic() - began < 10
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
