"""Where database work is done: in threads of its own, and again where the database was away."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from django.db import Error

from slipway.records.rows.database.outages import is_away
from slipway.records.rows.database.threads import DatabaseThreads

Result = TypeVar("Result")
log = structlog.get_logger()

PATIENCE = timedelta(minutes=10)


class Desk:
    """Runs functions that use the database, off the event loop.

    Work must be safe to repeat: a commit that returned an error may have been made. `spread` draws
    how long is waited before it is tried again, between two numbers.
    """

    def __init__(
        self, threads: int = 4, *, spread: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._spread = spread
        self._threads = DatabaseThreads(threads, "desk")

    async def run(self, work: Callable[[], Result], *, patience: timedelta = PATIENCE) -> Result:
        """Do `work`, waiting up to `patience` for a database that is away.

        Raises what `work` raises; the database's own error when it stayed away, or at once when
        it is there and does not take what we ask.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + patience.total_seconds()
        pause = 0.1
        while True:
            try:
                return await self.once(work)
            except Error as error:
                if not is_away(error) or loop.time() + pause > give_up_at:
                    raise
                log.warning("database_away", error=str(error).strip(), again_in=round(pause, 2))
                await asyncio.sleep(self._spread(0.7 * pause, 1.3 * pause))
                pause = min(pause * 2, 5.0)

    async def once(self, work: Callable[[], Result]) -> Result:
        """Do `work` once: it must not be repeated when it is not known whether it was done.

        Raises what `work` raises, the database's own error among it.
        """
        return await self._threads.run(work)

    def close(self) -> None:
        """End the threads, each of which closes the connection that is its own."""
        self._threads.end(wait=True)
