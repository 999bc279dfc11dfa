"""Bounds what is done at once, without letting whoever hangs hold up the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Crowd:
    """So many places. Whoever keeps one for longer than `patience` seconds may go on, and does not
    count any more: places are for those who use our time, not for those who wait for theirs."""

    def __init__(self, places: int, *, patience: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._patience = patience

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._patience, self._places.release)
        try:
            yield
        finally:
            # Where its time has come, the timer gives the place back, now or in a moment.
            if timer.when() > loop.time():
                timer.cancel()
                self._places.release()
