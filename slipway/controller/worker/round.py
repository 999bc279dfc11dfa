"""What a worker does again and again, and when it does it next."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

import structlog

from slipway.controller.worker.bell import Ear

UNHEARD = 0.2  # seconds between two times where no bell can be heard
AFTER_FAULT = 2.0  # seconds that are waited then, before the usual ones

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Round:
    """Does `act` every so many seconds; who has an ear also when somebody has written, `soonest` so
    long after the last time. A fault is logged as `event`, and the next time comes all the same."""

    act: Callable[[], Awaitable[object]]
    event: str
    every: float | Callable[[], float]
    ear: Ear | None = None
    soonest: float = 0.0

    async def run(self) -> NoReturn:
        """Go round until cancelled."""
        while True:
            try:
                await self.act()
            except Exception:
                log.exception(self.event)
                await asyncio.sleep(AFTER_FAULT)
            pause = self.every() if callable(self.every) else self.every
            if self.ear is None:
                await asyncio.sleep(pause)
            else:
                unheard = max(self.soonest, UNHEARD)
                await self.ear.wait(longest=pause, unheard=unheard, at_least=self.soonest)
