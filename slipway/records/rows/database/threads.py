"""Threads that ask the database, each by a connection of its own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections

Result = TypeVar("Result")


class DatabaseThreads:
    """Runs functions that use the database, off the event loop.

    The threads are few and keep their connections until `end`. A thread that is only forgotten
    takes its connection along, and the pool has one less for ever. At the end idle threads wait
    for each other, for `together` seconds.
    """

    def __init__(self, count: int, name: str, together: float = 10.0) -> None:
        self._count = count
        self._together = together
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._is_over = threading.Event()

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do `work` once. Raises what it raises, the database's own error among it."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._do, work)

    def end(self, *, wait: bool) -> None:
        """Let what was begun come to its end, then give the connections back: idle threads at once,
        one that is at work by itself, however long that takes."""
        self._is_over.set()
        together = threading.Barrier(self._count, timeout=self._together)
        for _ in range(self._count):
            self._pool.submit(_leave, together)
        self._pool.shutdown(wait=wait)

    def _do(self, work: Callable[[], Result]) -> Result:
        try:
            return work()
        except (OperationalError, InterfaceError):
            # One that broke stays broken for ever unless it is put away here.
            connections.close_all()
            raise
        finally:
            if self._is_over.is_set():
                connections.close_all()


def _leave(together: threading.Barrier) -> None:
    connections.close_all()
    # Nobody ends before all have begun: or one thread would do this twice, and another never.
    together.wait()
