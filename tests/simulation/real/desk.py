"""A desk without threads, and a database that is away, or loses what it is told or what it says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from slipway.controller.worker.desk import Desk

Result = TypeVar("Result")


@dataclass(slots=True)
class Outages:
    """What is wrong with the database: until when it is away, and what becomes of the next commit:
    "" (it is made), "lost", or "ambiguous" (it is made, and its answer is lost)."""

    away_until: float = -1.0
    next_commit: str = ""

    def take(self) -> str:
        taken, self.next_commit = self.next_commit, ""
        return taken


@dataclass(slots=True)
class Life:
    """Whether the process of a worker lives, and until when it stands still."""

    frozen_until: float = -1.0
    is_dead: bool = False
    thawed: asyncio.Event = field(default_factory=asyncio.Event)

    async def go_on(self) -> None:
        """Whoever is frozen waits here, and whoever is dead never goes on."""
        loop = asyncio.get_running_loop()
        while self.is_dead or loop.time() < self.frozen_until:
            if self.is_dead:
                await loop.create_future()
            await asyncio.sleep(self.frozen_until - loop.time())


class SimDesk(Desk):
    """Does the work at once, in its turn."""

    def __init__(
        self, outages: Outages, life: Life, spread: Callable[[float, float], float]
    ) -> None:
        self._outages = outages
        self._life = life
        self._spread = spread

    async def once(self, work: Callable[[], Result]) -> Result:
        await self._life.go_on()
        result = self._work(work)
        await self._life.go_on()
        return result

    def close(self) -> None:
        """There is nothing to close."""

    def _work(self, work: Callable[[], Result]) -> Result:
        if asyncio.get_running_loop().time() < self._outages.away_until:
            raise OperationalError("the database is away")
        if not self._outages.next_commit:
            return work()
        return self._with_fault(work)

    def _with_fault(self, work: Callable[[], Result]) -> Result:
        """What only reads is not what the fault waits for."""
        with transaction.atomic():
            before = _changes()
            result = work()
            if _changes() == before:
                return result
            fault = self._outages.take()
            if fault == "lost":
                raise OperationalError("the commit is lost")
        raise OperationalError("the answer of a commit is lost")


def _changes() -> int:
    return int(connection.connection.total_changes)
