"""Says when to look again at running rollouts: by NOTIFY, or by SQLite's own change counter."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from typing import Any, Protocol

import psycopg

from slipway.records.rows.listening import postgres_parameters, sqlite_name

LOG = logging.getLogger("slipway.live")
CHANNEL = "slipway_rollouts"
EVERY_ROLLOUT = 0  # look at all of them: the bell does not know which one it was
_SQLITE_INTERVAL = 0.05  # seconds; to wake up so often is what asking costs,
_QUIET_AFTER = 1.0  # so who has heard nothing for that long
_QUIET_INTERVAL = 0.15  # asks more seldom
_RECONNECT = (0.2, 5.0)  # seconds: the first wait, and the longest


class Doorbell(Protocol):
    def rings(self) -> AsyncIterator[int]:
        """Yield the id of each rollout that changed, or EVERY_ROLLOUT; never ends by itself."""


class SqliteDoorbell:
    """Asks one connection of its own whether others have written."""

    def __init__(self, database: str) -> None:
        self._database = database

    async def rings(self) -> AsyncIterator[int]:
        connection = await asyncio.to_thread(self._connect)
        try:
            clock = asyncio.get_running_loop()
            seen, rung_at = -1, clock.time()
            while True:
                version = _data_version(connection, seen)
                if version != seen:
                    seen, rung_at = version, clock.time()
                    yield EVERY_ROLLOUT
                is_quiet = clock.time() - rung_at > _QUIET_AFTER
                await asyncio.sleep(_QUIET_INTERVAL if is_quiet else _SQLITE_INTERVAL)
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        is_uri = self._database.startswith("file:")
        # Asked in the event loop: who finds it locked asks again, and waits for nothing.
        return sqlite3.connect(self._database, uri=is_uri, check_same_thread=False, timeout=0)


class PostgresDoorbell:
    """One listening connection, made again whenever it is lost."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._parameters = parameters

    async def rings(self) -> AsyncIterator[int]:
        wait = _RECONNECT[0]
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **self._parameters, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    wait = _RECONNECT[0]
                    yield EVERY_ROLLOUT  # what happened while nobody listened
                    async for notice in connection.notifies():
                        yield int(notice.payload) if notice.payload.isdigit() else EVERY_ROLLOUT
            except psycopg.Error as error:
                LOG.warning("live state lost its database connection, making another: %s", error)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _RECONNECT[1])


def doorbell() -> Doorbell:
    """Return the bell of the database that Django uses."""
    name = sqlite_name()
    return PostgresDoorbell(postgres_parameters()) if name is None else SqliteDoorbell(name)


def _data_version(connection: sqlite3.Connection, seen: int) -> int:
    try:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.OperationalError as error:
        LOG.warning("the database does not say whether it changed: %s", error)
        return seen
