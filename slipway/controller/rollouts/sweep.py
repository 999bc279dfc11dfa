"""Looks, again and again, for what nobody is working on."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from functools import partial

import structlog

from slipway.controller.rollouts.advance import Rollouts
from slipway.controller.rollouts.engine import AT_ONCE, Engine
from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.round import Round
from slipway.records.rollouts.run import state
from slipway.records.workers.operations import declare_dead
from slipway.records.workers.queries import list_living

# Seconds, and at once when the database says that it has changed. A nap that begins meanwhile may
# end so much late: more than half a gap, and its driver would forget what it saw, again and again.
LOOK_EVERY = 5.0
AT_MOST_EVERY = 2.0
COUNT_THE_DEAD_EVERY = 5.0  # nobody writes when somebody dies
FORGET_EVERY = 3600.0
REMEMBERED = timedelta(days=7)
FAULT = "sweep_failed"

log = structlog.get_logger()


class Sweep:
    """Closes the gaps: a rollout whose row was committed and whose driver was never started, a
    driver that died, a wish made while the driver naps. One that fails keeps no other waiting."""

    def __init__(
        self,
        *,
        desk: Desk,
        engine: Engine,
        rollouts: Rollouts,
        dead_after: timedelta,
        bell: Bell,
    ) -> None:
        self._desk = desk
        self._engine = engine
        self._rollouts = rollouts
        self._dead_after = dead_after
        self._bell = bell
        self._ear = bell.ear()  # of whoever looks; who misses somebody rings, too

    async def run(self) -> None:
        """Sweep until cancelled."""
        rounds = (
            Round(self._look, FAULT, self._pause, self._ear),
            Round(self._take_over, FAULT, COUNT_THE_DEAD_EVERY, self._bell.ear(), AT_MOST_EVERY),
            Round(self._forget, FAULT, FORGET_EVERY),
        )
        await asyncio.gather(*(each.run() for each in rounds))

    def _pause(self) -> float:
        """Return how long to wait: some rollouts nap for less."""
        now = asyncio.get_running_loop().time()
        naps = (sleeper.until - now for sleeper in self._rollouts.napping.values())
        return max(min(LOOK_EVERY, *naps, LOOK_EVERY), 0.01)

    async def _look(self) -> None:
        await self._wake()
        busy = self._rollouts.driving | self._rollouts.napping.keys()
        undriven = await self._desk.run(
            partial(state.list_undriven, worker_id=self._rollouts.worker_id, driving=busy)
        )
        self._rollouts.keep_only(undriven)
        room = max(0, AT_ONCE - len(self._rollouts.driving))
        if undriven and room:
            alive = await self._desk.run(list_living)
            for rollout_id in undriven[:room]:
                await self._drive(rollout_id, alive)

    async def _drive(self, rollout_id: int, alive: Collection[str]) -> None:
        try:
            await asyncio.to_thread(self._engine.drive, rollout_id, alive)
        except Exception:  # one of them must not keep the others waiting
            log.exception(FAULT, rollout=rollout_id)

    async def _wake(self) -> None:
        if self._rollouts.napping:
            napping = tuple(self._rollouts.napping)
            self._rollouts.wake(await self._desk.run(partial(state.list_revisions, napping)))

    async def _take_over(self) -> None:
        dead = await self._desk.run(
            partial(declare_dead, by=self._rollouts.worker_id, after=self._dead_after)
        )
        for worker_id in dead:
            taken = await asyncio.to_thread(self._engine.take_over, worker_id)
            log.warning("worker_taken_over", dead=worker_id, rollouts=taken)
        if dead:
            self._ear.ring()

    async def _forget(self) -> None:
        before = clock.now() - REMEMBERED
        await asyncio.to_thread(self._engine.forget, int(before.timestamp() * 1000))
