"""Drives rollouts: load, decide, act, write down, and again until nothing can be done now."""

import asyncio
from functools import partial

import structlog
from django.db import transaction

from slipway.controller import clock
from slipway.controller.crew import Crew
from slipway.controller.desk import Desk
from slipway.controller.drive import Drive, Nap
from slipway.controller.failpoints import Point, reach
from slipway.controller.ledger import Ledger
from slipway.controller.narration import Narration
from slipway.ports import Hosts, Packages
from slipway.records.rollouts import progress
from slipway.records.rollouts.course import get_course
from slipway.records.rollouts.progress import LeaseLost

AFTER_A_FAULT = 5.0  # seconds before a driver that broke is started again

log = structlog.get_logger()


class Rollouts:
    """What one worker needs to drive rollouts."""

    def __init__(self, *, desk: Desk, hosts: Hosts, packages: Packages, worker_id: str) -> None:
        self.desk = desk
        self.hosts = hosts
        self.packages = packages
        self.worker_id = worker_id
        self.driving: set[int] = set()
        self._tasks: set[asyncio.Task[object]] = set()
        # Rollouts whose driver waits, and the revision it has seen: a later one should wake it.
        self.napping: dict[int, int] = {}

    async def advance(self, rollout_id: int) -> float | None:
        """Drive a rollout until nothing can be done now.

        Returns after how many seconds to look again at the latest, None when the rollout is over or
        somebody else drives it. Killed anywhere inside, it is called again and goes on.
        """
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.driving.add(rollout_id)
        self.napping.pop(rollout_id, None)
        try:
            nap = await self._drive(rollout_id)
            if nap is None:
                return None
            self.napping[rollout_id] = nap.rev
            return nap.seconds
        except LeaseLost as lost:
            log.info("rollout_left", rollout=rollout_id, why=str(lost))
            return None
        except Exception:
            log.exception("driver_failed", rollout=rollout_id)
            return AFTER_A_FAULT
        finally:
            self.driving.discard(rollout_id)
            self._tasks.discard(task)

    async def _drive(self, rollout_id: int) -> Nap | None:
        epoch = await self.desk.run(partial(self._claim, rollout_id))
        reach(Point.CLAIMED)
        course = await self.desk.run(partial(get_course, rollout_id))
        ledger = Ledger(self.desk, rollout_id=rollout_id, epoch=epoch)
        tell = partial(_tell, rollout_id, epoch)
        narration = Narration(ledger, tell)
        crew = Crew(self.hosts, self.packages, ledger, narration, rollout_id, epoch)
        return await Drive(self.desk, course, crew).until_nothing_to_do()

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
