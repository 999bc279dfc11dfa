"""Says that somebody has written to the database, so that who waits need not look for it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from weakref import WeakSet

import structlog

from slipway.records.rows.hearing.listening import postgres_parameters, sqlite_name
from slipway.records.rows.hearing.writes import ASK_IDLE_EVERY, UNHEARD, counted, notified

CHANNELS = ("slipway_rollouts", "slipway_work")
AGAIN_AFTER = 2.0
HUSHED = 2.0

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
    """One for a worker: SQLite counts the changes that others make, PostgreSQL notifies of them.
    Within `hushed` seconds a write of our own, and what came with it, is told; SQLite is asked
    every `idle` also while the kernel says nothing."""

    def __init__(self, *, hushed: float = HUSHED, idle: float = ASK_IDLE_EVERY) -> None:
        self.is_heard = False
        self._hushed_for = hushed
        self._idle = idle
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
            except UNHEARD as error:
                log.warning("bell_not_heard", error=str(error).strip())
            finally:
                self.is_heard = False
            await asyncio.sleep(AGAIN_AFTER)

    async def _listen(self) -> None:
        async for _ in notified(postgres_parameters(), *CHANNELS):
            self.is_heard = True
            self._ring()

    async def _count(self, name: str) -> None:
        async for changed in counted(name, self._idle):
            self.is_heard = True
            self._hear(asyncio.get_running_loop().time(), changed=changed)

    def _hear(self, now: float, *, changed: bool) -> None:
        """Ring for what others have written, and for the rest in a while."""
        is_ours, self._have_ended = self._under_way > 0 or self._have_ended, False
        if changed and is_ours:
            self._told_by = min(self._told_by, now + self._hushed_for)
        if (changed and not is_ours) or now >= self._told_by:
            self._told_by = float("inf")
            self._ring()

    def _ring(self) -> None:
        for ear in self._ears:
            ear.ring()
