"""Watches versions for a while after their rollout: one that dies late is taken back as well."""

import asyncio
from datetime import timedelta
from functools import partial

import structlog
from django.db import transaction

from slipway.controller import clock
from slipway.controller.desk import Desk
from slipway.controller.vigil import Vigil
from slipway.core.refusal import Refused
from slipway.core.sentence import Sentence
from slipway.ports import Hosts
from slipway.records.accounts.actors import Actor
from slipway.records.rollouts import operations, queries, state
from slipway.records.rollouts.course import get_course

WATCHED_FOR = timedelta(seconds=60)
LOOK_EVERY = 3.0  # seconds
LOOKS_BEFORE_BLAME = 2  # a process that is being restarted by a person is ill for one look

log = structlog.get_logger()


class Watch:
    """Looks after the instances of rollouts that ended well a moment ago.

    Being healthy for the required time is what a rollout waits for; being healthy a minute later is
    what people meant. What dies in between is rolled back by itself, like a failure inside the
    rollout, as long as nobody has started anything else on the service since.
    """

    def __init__(self, *, desk: Desk, hosts: Hosts) -> None:
        self._desk = desk
        self._hosts = hosts
        self._vigils: dict[int, Vigil] = {}
        self._looks: dict[int, int] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look_once()
            except Exception:
                log.exception("watch_failed")

    async def look_once(self) -> None:
        """Look at all rollouts that are watched, and take back what died."""
        since = clock.now() - WATCHED_FOR
        watched = await self._desk.run(partial(state.recently_succeeded, since))
        for gone in self._vigils.keys() - set(watched):
            del self._vigils[gone]
            self._looks.pop(gone, None)
        for rollout_id in watched:
            await self._look(rollout_id)

    async def _look(self, rollout_id: int) -> None:
        course = await self._desk.run(partial(get_course, rollout_id))
        vigil = self._vigils.setdefault(rollout_id, Vigil(course.service, self._hosts))
        ill = await vigil.gone_ill(course.targets)
        if not ill:
            self._looks.pop(rollout_id, None)
            return
        self._looks[rollout_id] = self._looks.get(rollout_id, 0) + 1
        if self._looks[rollout_id] >= LOOKS_BEFORE_BLAME:
            problem, _ = next(iter(ill.values()))
            await self._take_back(rollout_id, problem)

    async def _take_back(self, rollout_id: int, problem: Refused) -> None:
        try:
            await self._desk.run(partial(_roll_back, rollout_id, problem.sentence))
        except Refused as refused:  # another worker, or a person, was faster
            log.info("not_taken_back", rollout=rollout_id, why=str(refused))


@transaction.atomic
def _roll_back(rollout_id: int, cause: Sentence) -> None:
    operations.roll_back(
        rollout=queries.get_rollout(rollout_id),
        by=Actor.system(),
        now=clock.now(),
        cause=cause,
    )
