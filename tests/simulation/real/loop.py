"""An event loop whose time is not real: where nothing is ready, it jumps to the next timer."""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

BEGINS_AT = 1000.0  # seconds
TURN = 1e-7  # seconds that a turn of the loop takes: else who waits for a moment that is nearly
# there would wait in vain
Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Stuck(Exception):
    """Nothing will ever happen any more: everybody waits for somebody else."""


class _Jumper(selectors.SelectSelector):
    """Waits no time; it only says that it has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINS_AT

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("Nothing will ever happen any more.")
        self.now += max(timeout, TURN)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """One thread and no real time: what is handed to threads is done at once, in its turn."""

    def __init__(self) -> None:
        self._jumper = _Jumper()
        super().__init__(self._jumper)
        self._clock_resolution = TURN / 100

    def time(self) -> float:
        return self._jumper.now

    def run_in_executor(  # nothing here waits for a thread
        self,
        executor: Executor | None,
        func: Callable[[*Arguments], Result],
        *args: *Arguments,
    ) -> asyncio.Future[Result]:
        future: asyncio.Future[Result] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future
