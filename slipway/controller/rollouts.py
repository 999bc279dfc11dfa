"""Drives rollouts: load, decide, act, write down, and again until nothing can be done now."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import structlog
from django.db import transaction

from slipway.controller import clock
from slipway.controller.crew import Crew
from slipway.controller.desk import Desk
from slipway.controller.drive import Drive, Nap
from slipway.controller.failpoints import Point, reach
from slipway.controller.ledger import Ledger
from slipway.controller.narration import Narration
from slipway.controller.vigil import Vigil
from slipway.ports import Hosts, Packages
from slipway.records.rollouts import progress
from slipway.records.rollouts.course import get_course
from slipway.records.rollouts.progress import LeaseLost

AFTER_A_FAULT = 2.5  # seconds before a driver that broke is started again, doubled each time
LONGEST_DOUBLING = 5

log = structlog.get_logger()


class Sleeper(NamedTuple):
    """A rollout that naps until a moment of the loop's clock, or until a revision after `rev`."""

    until: float
    rev: int | None


class Rollouts:
    """What one worker needs to drive rollouts."""

    def __init__(self, *, desk: Desk, hosts: Hosts, packages: Packages, worker_id: str) -> None:
        self.desk = desk
        self.hosts = hosts
        self.packages = packages
        self.worker_id = worker_id
        self.driving: set[int] = set()
        self._tasks: set[asyncio.Task[object]] = set()
        # Rollouts for which there is nothing to do before a moment, or before they change.
        self.napping: dict[int, Sleeper] = {}
        self._faults: Counter[int] = Counter()
        self._vigils: dict[int, Vigil] = {}

    async def advance(self, rollout_id: int) -> None:
        """Drive a rollout until nothing can be done now: it is over, somebody else drives it, or it
        naps. Killed anywhere inside, it is called again and goes on."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.driving.add(rollout_id)
        self.napping.pop(rollout_id, None)
        try:
            nap = await self._drive(rollout_id)
            self._faults.pop(rollout_id, None)
            if nap is not None:
                self._let_nap(rollout_id, nap.seconds, nap.rev)
        except LeaseLost as lost:
            log.info("rollout_left", rollout=rollout_id, why=str(lost))
        except Exception:
            log.exception("driver_failed", rollout=rollout_id)
            self._faults[rollout_id] += 1
            pause = AFTER_A_FAULT * 2 ** min(self._faults[rollout_id], LONGEST_DOUBLING)
            self._let_nap(rollout_id, pause, None)
        finally:
            self.driving.discard(rollout_id)
            self._tasks.discard(task)

    def _let_nap(self, rollout_id: int, seconds: float, rev: int | None) -> None:
        self.napping[rollout_id] = Sleeper(asyncio.get_running_loop().time() + seconds, rev)

    def wake(self, revs: Mapping[int, int]) -> None:
        """End the naps whose time has come, and those of rollouts that have changed: `revs`."""
        now = asyncio.get_running_loop().time()
        for rollout_id, sleeper in list(self.napping.items()):
            changed = sleeper.rev is not None and revs.get(rollout_id) != sleeper.rev
            if changed or now >= sleeper.until:
                del self.napping[rollout_id]

    async def _drive(self, rollout_id: int) -> Nap | None:
        epoch = await self.desk.run(partial(self._claim, rollout_id))
        reach(Point.CLAIMED)
        course = await self.desk.run(partial(get_course, rollout_id))
        ledger = Ledger(self.desk, rollout_id=rollout_id, epoch=epoch)
        tell = partial(_tell, rollout_id, epoch)
        narration = Narration(ledger, tell)
        crew = Crew(self.hosts, self.packages, ledger, narration, rollout_id, epoch)
        # Kept over naps: a process that was replaced while its batch baked has died.
        vigil = self._vigils.setdefault(rollout_id, Vigil(course.service, self.hosts))
        nap = await Drive(self.desk, course, crew, vigil).until_nothing_to_do()
        if nap is None:
            del self._vigils[rollout_id]
        return nap

    async def let_go(self) -> None:
        """Stop driving: what runs on hosts runs on there, and whoever drives next joins it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @transaction.atomic
    def _claim(self, rollout_id: int) -> int:
        return progress.claim(rollout_id=rollout_id, driver=self.worker_id, now=clock.now())


def _tell(rollout_id: int, epoch: int, lines: list[progress.Line]) -> None:
    progress.tell(rollout_id=rollout_id, epoch=epoch, lines=lines, now=clock.now())
