"""Where database work is done: in threads of its own, and again where the database was away."""

import asyncio
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import structlog
from django.db import Error, InterfaceError, OperationalError, connections

from slipway.records.fields.outages import is_away

Result = TypeVar("Result")
log = structlog.get_logger()

PATIENCE = timedelta(minutes=10)


class Desk:
    """Runs functions that use the database, off the event loop.

    Work must be safe to repeat: a commit that returned an error may have been made.
    """

    def __init__(self, threads: int = 4) -> None:
        self._count = threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="desk")

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
                return await loop.run_in_executor(self._threads, _at_the_desk, work)
            except Error as error:
                if not is_away(error) or loop.time() + pause > give_up_at:
                    raise
                log.warning("database_away", error=str(error).strip(), again_in=round(pause, 2))
                await asyncio.sleep(pause * random.uniform(0.7, 1.3))
                pause = min(pause * 2, 5.0)

    def close(self) -> None:
        """End the threads, each of which closes the connection that is its own."""
        together = threading.Barrier(self._count)
        for _ in range(self._count):
            self._threads.submit(_leave, together)
        self._threads.shutdown(wait=True)


def _leave(together: threading.Barrier) -> None:
    connections.close_all()
    # Nobody ends before all have begun: or one thread would do this twice, and another never.
    together.wait(timeout=10)


def _at_the_desk(work: Callable[[], Result]) -> Result:
    # The threads are few and live as long as the worker, so their connections may stay open.
    try:
        return work()
    except (OperationalError, InterfaceError):
        # One that broke stays broken for ever unless it is put away here.
        connections.close_all()
        raise
