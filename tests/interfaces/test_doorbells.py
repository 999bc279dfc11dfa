"""The doorbells of both databases, on real ones."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg

from slipway.interfaces.live.doorbells import (
    CHANNEL,
    EVERY_ROLLOUT,
    DatabaseDoorbell,
    Doorbell,
)
from tests.postgresql import PostgresqlCluster

WITHIN = 30.0  # seconds


@contextlib.asynccontextmanager
async def listening(bell: Doorbell) -> AsyncIterator[list[int]]:
    """Collect what the bell rings."""
    heard: list[int] = []

    async def listen() -> None:
        async for rollout_id in bell.rings():
            heard.append(rollout_id)

    task = asyncio.create_task(listen())
    try:
        yield heard
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def rung(heard: list[int], count: int) -> None:
    async with asyncio.timeout(WITHIN):
        while len(heard) < count:
            await asyncio.sleep(0.01)


def write(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS story (line TEXT)")
        connection.execute("INSERT INTO story VALUES ('x')")


async def test_sqlite_rings_when_another_connection_has_written(tmp_path: Path) -> None:
    path = tmp_path / "slipway.sqlite3"
    write(path)
    async with listening(DatabaseDoorbell(str(path))) as heard:
        await rung(heard, 1)  # once at the beginning
        for count in (2, 3):
            await asyncio.to_thread(write, path)
            await rung(heard, count)
        await asyncio.sleep(0.1)  # nothing is written: nothing may ring
    assert heard == [EVERY_ROLLOUT] * 3


async def test_postgresql_rings_by_number_also_after_the_server_was_killed(
    cluster: PostgresqlCluster,
) -> None:
    def notify(number: int) -> None:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(number)))

    async with listening(DatabaseDoorbell({"conninfo": cluster.url()})) as heard:
        await rung(heard, 1)
        await asyncio.to_thread(notify, 7)
        await rung(heard, 2)
        assert heard == [EVERY_ROLLOUT, 7]
        await asyncio.to_thread(cluster.kill)
        await asyncio.to_thread(cluster.start)
        await rung(heard, 3)  # what happened meanwhile has to be looked at
        await asyncio.to_thread(notify, 8)
        await rung(heard, 4)
    assert heard == [EVERY_ROLLOUT, 7, EVERY_ROLLOUT, 8]
