"""A round goes on whatever fails in it, and at once when somebody has written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slipway.controller.worker.bell import Bell
from slipway.controller.worker.round import Round


class Counted:
    """Something that is done, and may fail the first time."""

    def __init__(self, *faults: Exception) -> None:
        self._faults = list(faults)
        self.times = 0
        self._done = asyncio.Condition()

    async def act(self) -> None:
        async with self._done:
            self.times += 1
            self._done.notify_all()
        if self._faults:
            raise self._faults.pop()

    async def until(self, times: int) -> None:
        async with asyncio.timeout(10), self._done:
            await self._done.wait_for(lambda: self.times >= times)


@asynccontextmanager
async def going(one: Round) -> AsyncIterator[None]:
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_the_next_time_comes_though_one_failed() -> None:
    async def story() -> None:
        done = Counted(ValueError("nobody foresaw this"))
        async with going(Round(done.act, "failed", every=0.0)):
            await done.until(3)

    asyncio.run(story())


def test_who_has_an_ear_goes_when_it_rings_and_not_before() -> None:
    async def story() -> None:
        done, bell = Counted(), Bell()
        bell.is_heard = True
        ear = bell.ear()
        async with going(Round(done.act, "failed", 600.0, ear)):
            await done.until(1)
            for times in (2, 3):
                ear.ring()
                await done.until(times)
                assert done.times == times

    asyncio.run(story())


def test_how_long_is_waited_may_be_said_by_each_time() -> None:
    async def story() -> None:
        done = Counted()
        pauses = iter([0.0, 0.0, 600.0])
        async with going(Round(done.act, "failed", lambda: next(pauses))):
            await done.until(3)

    asyncio.run(story())
