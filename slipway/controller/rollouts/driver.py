"""Drives one rollout: hears what happened, decides once, writes it down, then acts.

What is only in here may be lost at any moment: whoever drives next reads the rows and asks anew.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from slipway.controller.rollouts.chains import Chains
from slipway.controller.rollouts.errands import Errands
from slipway.controller.rollouts.fences import Fences
from slipway.controller.rollouts.forgetting import forget_tickets
from slipway.controller.rollouts.gathering import is_anything_waiting
from slipway.controller.rollouts.inbox import Inbox
from slipway.controller.rollouts.pace import Pace
from slipway.controller.rollouts.timetable import Timetable
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.failpoints import Point, reach, reach_points
from slipway.core.hosts.access import HostAccess
from slipway.core.rollout.commands import Send, clears, decides_ways_back, to_do
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.events import Drove, Event, TookUp
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Stage
from slipway.ports import Hosts, Packages
from slipway.records.rollouts.run.claims import Claim, LeaseLost
from slipway.records.rollouts.run.clearing import are_all_held
from slipway.records.rollouts.run.endless import end_watch
from slipway.records.rollouts.run.loading import Loaded
from slipway.records.rollouts.run.words import later_words
from slipway.records.rollouts.run.writing.closing import ReopenRefused
from slipway.records.rollouts.run.writing.commit import after_writing, commit, is_worth_writing
from slipway.records.rollouts.run.writing.minutes import Minutes

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Nap:
    """Nothing to do for `seconds`, unless the rollout changes after revision `rev`."""

    seconds: float
    rev: int


@dataclass(frozen=True, slots=True)
class World:
    """The doors, and the clocks: `monotonic` counts seconds, `now` is for what people read."""

    desk: Desk
    hosts: Hosts
    packages: Packages
    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    pace: Pace
    hushed: Callable[[], AbstractContextManager[None]] = nullcontext  # writes of progress


class Driver:
    """Drives under one claim, over naps, until the rollout is over or the claim is lost."""

    def __init__(
        self,
        world: World,
        held: Claim,
        loaded: Loaded,
        accesses: dict[str, HostAccess],
        chains: Chains,
        errands: Errands,
        inbox: Inbox,
        fences: Fences,
    ) -> None:
        self._world = world
        self._held = held
        self._loaded = loaded
        self._accesses = accesses
        self._chains = chains
        self._errands = errands
        self._inbox = inbox
        self._fences = fences
        self._times = Timetable(world.pace)
        self._last_beat: float | None = None
        self._waits_since = 0.0  # for what is under way
        self._last_heard = float("-inf")
        self._said: list[Event] = []  # by people, since the last beat
        self._driven_kept = loaded.value.driven
        self._is_held = False  # whether the rows said no to all whose turn it was

    @property
    def value(self) -> Value:
        return self._loaded.value

    async def until_nothing_to_do(self) -> Nap | None:
        """Returns None when the rollout is over. Raises LeaseLost, and what a commit raised that
        may have been made: then this driver is of no use any more."""
        self._last_heard = float("-inf")
        self._waits_since = self._world.monotonic()
        self._times.wake(self.value)
        try:
            while True:
                await self._beat()
                if self.value.is_over:
                    return None
                now = self._world.monotonic()
                pause = self._times.pause(self.value, now, self._errands.is_busy)
                if self._may_nap(pause):
                    await self._flush()
                    seconds = min(pause, self._world.pace.longest_nap)
                    self._times.nap(now + seconds)
                    return Nap(seconds, self._loaded.rev)
                await self._wait(pause)
        except BaseException:
            await self._errands.let_go()
            raise

    def _may_nap(self, pause: float) -> bool:
        """Whether nothing is under way, and nobody is asked again and again at its turn."""
        if not self._errands.is_idle or self._inbox.news.is_set() or pause <= 0:
            return False
        waits = self.value.paused or self.value.asks is not None
        return waits or not any(_has_a_turn(each) for each in self.value.targets.values())

    async def _wait(self, pause: float) -> None:
        """Until news come, or a look is due; what comes within a moment is heard together, and
        looks that are due within a moment are asked for together."""
        pace = self._world.pace
        try:
            async with asyncio.timeout(min(max(pause, 0.0), pace.listen)):
                await self._inbox.news.wait()
        except TimeoutError:
            if pause > pace.listen:
                return
        waited = self._world.monotonic() - self._waits_since
        await asyncio.sleep(pace.gather if self._inbox.news.is_set() else 0.0)
        await asyncio.sleep(self._left(pace.beat))
        await _pause(self._left(pace.between(waited)), unless=self._inbox.last)
        await self._gather(pace.between_good(waited))

    async def _gather(self, after_beat: float) -> None:
        """Good news on which nothing waits are heard with what follows; people are heard all the
        same."""
        inbox = self._inbox
        if not inbox.news.is_set() or is_anything_waiting(self.value):
            return
        while not self._said and not inbox.pressing.is_set() and self._left(after_beat) > 0:
            listen = min(self._left(after_beat), self._world.pace.listen)
            await _pause(listen, unless=inbox.pressing)
            self._said += await self._listen()

    def _left(self, after_beat: float) -> float:
        assert self._last_beat is not None
        return max(self._last_beat + after_beat - self._world.monotonic(), 0.0)

    # --- a beat ------------------------------------------------------------------------------

    async def _beat(self) -> None:
        self._said += await self._listen()  # it takes as long as the database is away
        events = [*await self._time_passed(), *self._said, *self._inbox.take()]
        after = await self._decide(events)
        minutes = self._inbox.take_minutes()
        if minutes or self._said or await self._is_to_be_written(after):
            await self._write(after, minutes)
        else:
            self._loaded = after_writing(self._loaded, after, self._loaded.rev, self._loaded.heard)
        self._said = []
        if not self.value.is_over:
            await self._fences.settle()
            now = self._world.monotonic()
            due = self._times.due(self.value, to_do(self.value), now, self._errands.is_busy)
            if any(isinstance(each, Send) for each in due):
                self._waits_since = now
            self._errands.carry_out(self.value, due)

    async def _decide(self, events: list[Event]) -> Value:
        """A way back that was withdrawn meanwhile is none."""
        after = happened(self.value, events)
        if not decides_ways_back(self.value, after):
            return after
        present = await self._world.desk.run(partial(self._loaded.at_present, self.value))
        self._loaded = after_writing(self._loaded, present, self._loaded.rev, self._loaded.heard)
        return happened(present, events)

    async def _is_to_be_written(self, after: Value) -> bool:
        """What was held is asked about again and again, maybe for days: written only once a place
        is free."""
        if is_worth_writing(self.value, after) or self._is_time_to_keep(after):
            return True
        if not clears(after):
            return False
        if not self._is_held:
            return True
        world = self._world
        work = partial(are_all_held, self._held, self._loaded, after, world.now())
        return not await world.desk.run(work)

    def _is_time_to_keep(self, after: Value) -> bool:
        """So that whoever drives next need not begin a bake anew."""
        unkept = after.driven - self._driven_kept
        return self._is_held and unkept >= self._world.pace.keep_while_held

    async def _time_passed(self) -> list[Event]:
        now, last = self._world.monotonic(), self._last_beat
        self._last_beat = now
        if last is None:
            return [TookUp()]
        if now - last > self._world.pace.gap + self._times.napped(last):
            # Frozen, or the database was away: nobody drove. What was asked before is stale, also
            # where its answer is still to come.
            await self._errands.let_go()
            self._inbox.drop()
            return [TookUp()]
        return [Drove(now - last)]

    async def _listen(self) -> list[Event]:
        """Hear what people said since the last time, now and then."""
        now = self._world.monotonic()
        if now - self._last_heard < self._world.pace.listen:
            return []
        self._last_heard = now
        number, heard = self.value.number, self._loaded.heard
        said = await self._world.desk.run(partial(later_words, number, heard))
        if said:
            self._loaded = after_writing(self._loaded, self.value, self._loaded.rev, said[-1][0])
        return [wish for _, wish in said]

    async def _write(self, after: Value, minutes: Minutes) -> None:
        before, heard = self.value, self._loaded.heard
        work = partial(
            commit,
            self._held,
            self._loaded,
            after,
            minutes,
            heard,
            self._chains.intents,
            self._world.now(),
        )
        is_progress = before.end is None and after.end is None
        try:
            with self._world.hushed() if is_progress else nullcontext():
                written = await self._world.desk.once(work)
        except ReopenRefused as refused:
            log.info("not_reopened", rollout=before.number, why=str(refused))
            await self._world.desk.run(partial(end_watch, self._held))
            raise LeaseLost("Rollout {number} is over.", number=before.number) from refused
        self._loaded = after_writing(self._loaded, written.value, written.rev, heard)
        self._driven_kept = written.value.driven
        self._is_held = bool(clears(written.value))
        await self._written(before)

    async def _written(self, before: Value) -> None:
        """What may follow only once it is on disk."""
        after = self.value
        reach_points(before, after)
        if before.end is None and after.end is not None:
            reach(Point.CLOSED)
            await asyncio.sleep(self._world.pace.forget_after)
            await forget_tickets(self._world.desk, self._world.hosts, self._loaded, self._accesses)
            reach(Point.TOLD)

    async def _flush(self) -> None:
        """Before a nap: what was heard, and the time that was driven, so that whoever drives next
        need not begin a bake anew."""
        minutes = self._inbox.take_minutes()
        if minutes or self.value.driven - self._driven_kept >= self._world.pace.keep:
            await self._write(self.value, minutes)


async def _pause(seconds: float, unless: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await unless.wait()


def _has_a_turn(target: Target) -> bool:
    return target.is_target and target.stage in (Stage.ASKED, Stage.IN_HAND, Stage.SUSPECT)
