"""Says that somebody has written to the database, so that who waits need not look for it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

import psycopg
import structlog

from slipway.controller.worker.written import WriteNotices, written
from slipway.records.rows.listening import postgres_parameters, sqlite_name

ASK_EVERY = 0.015  # seconds; SQLite answers in a hundredth of a millisecond
IDLE_AFTER = 0.1  # seconds after the last write; then the kernel is heard instead
ASK_IDLE_EVERY = 1.0  # all the same: a write that takes long is seen later than it is heard
ASK_UNHEARD_EVERY = 0.05  # where the kernel says nothing
CHANNELS = ("slipway_rollouts", "slipway_work")
AGAIN_AFTER = 2.0
HUSHED = 2.0  # seconds within which a write of our own, and what came with it, is told

log = structlog.get_logger()


class Ear:
    """One who waits. It hears also what rang while it was busy."""

    def __init__(self, bell: "Bell") -> None:
        self._bell = bell
        self._rung = asyncio.Event()

    async def wait(self, *, longest: float, unheard: float, at_least: float = 0) -> None:
        """Return when something was written since the last time, after `at_least` seconds and at
        most `longest`; `unheard` takes its place where no bell can be heard."""
        if at_least:
            await asyncio.sleep(at_least)
        left = (longest if self._bell.is_heard else min(longest, unheard)) - at_least
        with suppress(TimeoutError):
            async with asyncio.timeout(max(left, 0)):
                await self._rung.wait()
        self._rung.clear()

    def ring(self) -> None:
        self._rung.set()


class Bell:
    """One for a worker: SQLite counts the changes that others make, PostgreSQL notifies of them."""

    def __init__(self) -> None:
        self.is_heard = False
        self._ears: WeakSet[Ear] = WeakSet()
        self._under_way = 0  # writes of our own that nobody waits for
        self._have_ended = False  # some of them, since the database was asked last
        self._told_by = float("inf")  # what was written beside them

    def ear(self) -> Ear:
        ear = Ear(self)
        self._ears.add(ear)
        return ear

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Write what nobody here waits for: a driver's progress would have everybody look at all
        there is, again and again. What somebody else writes in that moment is told a bit later."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._have_ended = True

    async def run(self) -> None:
        """Ring until cancelled; what cannot be heard now is tried again, and time passes."""
        while True:
            try:
                name = sqlite_name()
                await (self._listen() if name is None else self._count(name))
            except (psycopg.Error, sqlite3.Error, OSError) as error:
                log.warning("bell_not_heard", error=str(error).strip())
            finally:
                self.is_heard = False
            await asyncio.sleep(AGAIN_AFTER)

    def _hear(self, now: float, *, changed: bool) -> None:
        """Ring for what others have written, and for the rest in a while."""
        is_ours, self._have_ended = self._under_way > 0 or self._have_ended, False
        if changed and is_ours:
            self._told_by = min(self._told_by, now + HUSHED)
        if (changed and not is_ours) or now >= self._told_by:
            self._told_by = float("inf")
            self._ring()

    def _ring(self) -> None:
        for ear in self._ears:
            ear.ring()

    async def _count(self, name: str) -> None:
        # Asked in the event loop: who finds it locked asks again, and waits for nothing.
        connection = sqlite3.connect(name, uri=name.startswith("file:"), timeout=0)
        try:
            with _notices_of(name) as notices:
                await self._ask(connection, notices)
        finally:
            connection.close()

    async def _ask(self, connection: sqlite3.Connection, notices: WriteNotices | None) -> None:
        loop = asyncio.get_running_loop()
        seen, rung_at = -1, loop.time()
        while True:
            # Before it is asked: what is written afterwards wakes us.
            is_idle = loop.time() - rung_at > IDLE_AFTER
            if is_idle and notices is not None:
                notices.forget()
            version, before = _data_version(connection, seen), seen
            if version != seen:
                seen, rung_at, is_idle = version, loop.time(), False
            self._hear(loop.time(), changed=version != before)
            self.is_heard = True
            if not is_idle:
                await asyncio.sleep(ASK_EVERY)
            elif notices is None:
                await asyncio.sleep(ASK_UNHEARD_EVERY)
            elif await notices.wait(longest=ASK_IDLE_EVERY):
                rung_at = loop.time()

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(**postgres_parameters(), autocommit=True)
        async with connection:
            for channel in CHANNELS:
                await connection.execute(f"LISTEN {channel}".encode())
            self.is_heard = True
            self._ring()  # what happened while nobody listened
            async for _ in connection.notifies():
                self._ring()


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
                log.warning("bell_asks", error=str(error))
                notices = None
        yield notices


def _data_version(connection: sqlite3.Connection, seen: int) -> int:
    try:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.OperationalError:  # locked for a moment
        return seen
