"""Each write that others make: SQLite counts them, PostgreSQL notifies of them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import structlog

from slipway.records.rows.hearing.notices import WriteNotices, written

ASK_EVERY = 0.015  # seconds; SQLite answers in a hundredth of a millisecond
IDLE_AFTER = 0.1  # seconds after the last write; then the kernel is heard instead
ASK_IDLE_EVERY = 1.0  # all the same: a write that takes long is seen later than it is heard
ASK_UNHEARD_EVERY = 0.05  # where the kernel says nothing
UNHEARD = (psycopg.Error, sqlite3.Error, OSError)  # as long as the database is away

log = structlog.get_logger()


async def notified(parameters: Mapping[str, Any], *channels: str) -> AsyncIterator[str]:
    """Yield what PostgreSQL is told on these channels; first "", for what was missed before. Raises
    UNHEARD when the connection is lost."""
    connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
    async with connection:
        for channel in channels:
            await connection.execute(f"LISTEN {channel}".encode())
        yield ""
        async for notice in connection.notifies():
            yield notice.payload


async def counted(name: str, idle: float = ASK_IDLE_EVERY) -> AsyncIterator[bool]:
    """Yield whether others have written since the last time, each time that SQLite's file is asked;
    first True. Raises UNHEARD."""
    # Asked in the event loop: who finds it locked asks again, and waits for nothing.
    connection = sqlite3.connect(name, uri=name.startswith("file:"), timeout=0)
    with closing(connection), _notices_of(name) as notices:
        loop = asyncio.get_running_loop()
        seen, written_at = -1, loop.time()
        while True:
            # Before it is asked: what is written afterwards wakes us.
            is_idle = loop.time() - written_at > IDLE_AFTER
            if is_idle and notices is not None:
                notices.forget()
            version, before = _data_version(connection, seen), seen
            if version != before:
                seen, written_at, is_idle = version, loop.time(), False
            yield version != before
            if not is_idle:
                await asyncio.sleep(ASK_EVERY)
            elif notices is None:
                await asyncio.sleep(ASK_UNHEARD_EVERY)
            elif await notices.wait(longest=idle):
                written_at = loop.time()


@contextmanager
def _notices_of(name: str) -> Iterator[WriteNotices | None]:
    """Yield None for a database that is no file, and where the kernel has nothing left to give."""
    with ExitStack() as stack:
        notices = None
        if not name.startswith("file:") and name != ":memory:":
            try:
                notices = stack.enter_context(written(Path(name)))
                notices.forget()
            except OSError as error:
                log.warning("writes_are_asked_for", error=str(error))
                notices = None
        yield notices


def _data_version(connection: sqlite3.Connection, seen: int) -> int:
    try:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.OperationalError:  # locked for a moment
        return seen
