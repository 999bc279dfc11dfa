"""Notices that a host whose connection is well has stopped working on what it was asked.

The keep-alive is answered by sshd, whatever became of the shell behind it. So, when nothing was
heard of a chain for a while, a look is taken beside it: do its processes still run? What runs may
be silent for as long as its steps may take, and no longer. A chain that talks costs nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable

from slipway.core.words.refusal import Refused


class Heartbeat:
    """Ends the `limit` around what is followed when a look beside it finds trouble; `problem` says
    which. `look` is called after each `every()` seconds of silence; it hears how long it lasts."""

    def __init__(
        self,
        limit: asyncio.Timeout,
        look: Callable[[float], Awaitable[None]],
        every: Callable[[], float],
    ) -> None:
        self._limit = limit
        self._look = look
        self._every = every
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._timer = self._loop.call_later(every(), self._is_due)
        self._looking: asyncio.Task[None] | None = None
        self.problem: Refused | None = None

    def heard(self) -> None:
        self._heard_at = self._loop.time()

    def stop(self) -> None:
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _is_due(self) -> None:
        left = self._heard_at + self._every() - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._is_due)
        else:
            self._looking = asyncio.create_task(self._look_once())

    async def _look_once(self) -> None:
        try:
            await self._look(self._loop.time() - self._heard_at)
        except Refused as problem:
            self.problem = problem
            self._limit.reschedule(self._loop.time())
        else:
            self._timer = self._loop.call_later(self._every(), self._is_due)
