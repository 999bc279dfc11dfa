"""One worker: its sweep, its observer and its drivers. It can be killed, or stand still for a
while."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from slipway.controller.hosts.instances import Observer
from slipway.controller.rollouts.advance import Rollouts
from slipway.controller.rollouts.driver import Driver
from slipway.controller.rollouts.pace import Pace
from slipway.core.release.steps import PackageRef
from slipway.records.rollouts.run import state
from slipway.records.workers import operations as workers
from slipway.records.workers.models import Worker
from tests.simulation.real import database
from tests.simulation.real.desk import Life, Outages, SimDesk
from tests.simulation.real.doors import Door, Fleet, Wire
from tests.simulation.real.unchanged import Remembered

LOOK_EVERY, BEAT_EVERY, OBSERVE_EVERY = 5.0, 10.0, 60.0  # seconds
DEAD_AFTER = timedelta(seconds=25)
PACE = Pace(
    beat=2.0, gather=0.5, listen=5.0, ask_again=5.0, look=10.0, watch=5.0, gap=10.0,
    forget_after=0.2,
)  # fmt: skip
Result = TypeVar("Result")
# What sweeping depends on: who is dead, what is to be driven and by whom, what has changed.
_DRIVERS = """SELECT id, state, watching, driver FROM rollouts_rollout
UNION ALL SELECT id, 0, 0, 0 FROM rollouts_worker WHERE dead_at IS NULL"""
_REVISIONS = "SELECT id, state, watching, rev FROM rollouts_rollout"
CURRENT: ContextVar["SimWorker"] = ContextVar("worker")


class AnyPackages:
    """A store that has whatever is asked for; hosts in memory never open the file."""

    def portable(self, ref: PackageRef, *, tools: tuple[str, ...]) -> tuple[PackageRef, Path]:
        return ref, Path("/dev/null")


class SimWorker:
    """`left` is called when it ends by itself: another has declared it dead. `beats`: when each
    worker that is not declared dead has beaten last."""

    def __init__(
        self,
        name: str,
        *,
        outages: Outages,
        fleet: Fleet,
        wire: Wire,
        spread: Callable[[float, float], float],
        now: Callable[[], datetime],
        left: Callable[[], None],
        beats: dict[str, float],
    ) -> None:
        self.name = name
        self.life = Life()
        self.desk = SimDesk(outages, self.life, spread)
        door = Door(fleet, wire, self.life)
        self.rollouts = Rollouts(
            desk=self.desk,
            hosts=door,
            packages=AnyPackages(),  # type: ignore[arg-type]
            worker_id=name,
            pace=PACE,
        )
        self._observer = Observer(desk=self.desk, hosts=door)
        self._rows = Remembered(database.WRITES)
        self._now = now
        self._left = left
        self._beats = beats
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        token = CURRENT.set(self)
        self._begin(self._sweep())
        self._begin(self._observe())
        CURRENT.reset(token)

    def kill(self) -> None:
        """It ends at once: nothing that it would still do has an effect."""
        self.life.is_dead = True
        for task in list(self._tasks):
            task.cancel()

    def driver(self, number: int) -> Driver | None:
        return self.rollouts._drivers.get(number)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        register = partial(workers.register_worker, worker_id=self.name, now=self._now())
        if not await self.desk.run(partial(_once, register, self.name)):
            self._left()
            return
        self._beats[self.name] = loop.time()
        beat_at = loop.time() + BEAT_EVERY
        while True:
            if loop.time() >= beat_at:
                beat_at = loop.time() + BEAT_EVERY
                if not await self.desk.run(partial(workers.beat, worker_id=self.name)):
                    self._left()
                    return
                self._beats[self.name] = loop.time()
                await self._bury()
            await self._look()
            await asyncio.sleep(LOOK_EVERY)

    async def _bury(self) -> None:
        """Who has just beaten need not be asked about."""
        long_ago = asyncio.get_running_loop().time() - DEAD_AFTER.total_seconds()
        if any(beat <= long_ago for beat in self._beats.values()):
            bury = partial(workers.declare_dead, by=self.name, after=DEAD_AFTER)
            for name in await self.desk.run(bury):
                self._beats.pop(name, None)

    async def _observe(self) -> None:
        while True:
            await self._observer.look_once()
            await asyncio.sleep(OBSERVE_EVERY)

    async def _look(self) -> None:
        if self.rollouts.napping:
            napping = tuple(self.rollouts.napping)
            revisions = partial(state.list_revisions, napping)
            self.rollouts.wake(await self._read(_REVISIONS, napping, revisions))
        busy = frozenset(self.rollouts.driving | self.rollouts.napping.keys())
        undriven = partial(state.list_undriven, worker_id=self.name, driving=busy)
        for number in await self._read(_DRIVERS, busy, undriven):
            self._begin(self.rollouts.advance(number))

    async def _read(self, glance: str, about: Hashable, work: Callable[[], Result]) -> Result:
        """Do what depends on `about` and on what a glance shows only where that has changed."""

        def read() -> Result:
            return self._rows.ask(glance, (about, database.glance(glance)), work)

        return await self.desk.run(read)


def _once(register: Callable[[], None], name: str) -> bool:
    """A registration of which the answer was lost may have been made; false where the worker was
    declared dead since."""
    if not Worker.objects.filter(pk=name).exists():
        register()
    return workers.beat(worker_id=name)
