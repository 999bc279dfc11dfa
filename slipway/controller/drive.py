"""One claim of one rollout: decides, starts targets, waits for them, and brings it to its end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from slipway.controller import clock
from slipway.controller.control import control_is_ill
from slipway.controller.converge import Convergence
from slipway.controller.crew import Crew
from slipway.controller.desk import Desk
from slipway.controller.failpoints import Point, reach
from slipway.controller.story import Story
from slipway.controller.survey import Survey, survey, write_down
from slipway.controller.vigil import Vigil
from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.refusal import Refused
from slipway.core.rollout.decision import (
    Cancelled,
    Complete,
    Decision,
    Halt,
    RolloutState,
    Start,
    Wait,
    decide,
)
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence
from slipway.records.rollouts import endings, progress
from slipway.records.rollouts import state as records
from slipway.records.rollouts.course import Course

LOOK_EVERY = 0.5  # seconds between looks at what people wish, while targets are under way
LOOK_AT_BAKING = 15.0  # seconds between looks at instances while their batch bakes
FORGET_AFTER = 0.2  # seconds from the end: telling it comes first, hosts and we are free after that
LONGEST_NAP = 3600.0  # seconds; a change of the rollout ends it at once
# An instance that was seen well this short a time ago needs no second look.
JUST_SEEN = timedelta(seconds=5)
MAY_DIE_LATER = frozenset(set(RolloutKind) - {RolloutKind.DELETE, RolloutKind.STOP})


class Stalled(Refused):
    """A target made no progress in the time it had."""

    code = "stalled"


@dataclass(frozen=True, slots=True)
class Nap:
    """Nothing to do for `seconds`, unless the rollout changes after revision `rev`."""

    seconds: float
    rev: int


class _Over:
    """The rollout has ended, or was handed on."""


OVER = _Over()
Turn = float | _Over | None  # nap that long; it is over; or decide again at once


class Drive:
    """Drives on until nothing can be done now. What is only in here may be lost at any moment."""

    def __init__(self, desk: Desk, course: Course, crew: Crew, vigil: Vigil) -> None:
        self._desk = desk
        self._course = course
        self._crew = crew
        self._story = Story(course, crew.narration)
        self._vigil = vigil
        self._survey = Survey()
        self._ways: dict[asyncio.Task[None], Convergence] = {}

    async def until_nothing_to_do(self) -> Nap | None:
        """Returns None when the rollout is over. Raises LeaseLost."""
        try:
            await self._take_up()
            while True:
                rev, state = await self._desk.run(self._load)
                if self._story.tell_batches(state):
                    reach(Point.BATCH_DONE)
                turn = await self._act(decide(state, clock.now()), state)
                if isinstance(turn, _Over):
                    return None
                if turn is not None:
                    await self._crew.narration.flush()
                    return Nap(turn, rev)
        finally:
            for task in self._ways:
                task.cancel()
            await asyncio.gather(*self._ways, return_exceptions=True)

    async def _take_up(self) -> None:
        """Survey the hosts, and go on with targets that an earlier driver left under way."""
        self._survey = await survey(self._course, self._crew)
        if self._survey.unreached:
            await self._desk.run(partial(write_down, self._survey, clock.now()))
        for target_id, (status, problem) in self._survey.problems.items():
            self._story.say(problem.sentence, level="error", target_id=target_id)
            await self._write(
                endings.finish_target,
                target_id=target_id,
                state=status,
                seen=None,
                problem=problem,
            )
        for target in self._course.targets:
            if target.state.in_flight:
                self._begin(target.id)

    def _load(self) -> tuple[int, RolloutState]:
        # The revision first: a wish made between the two is newer than it, and wakes the driver.
        rollout_id = self._course.rollout_id
        rev = records.list_revisions([rollout_id]).get(rollout_id, 0)
        return rev, records.get_state(rollout_id)

    # --- the loop ----------------------------------------------------------------------------

    async def _act(self, decision: Decision, state: RolloutState) -> Turn:
        match decision:
            case Start(ids):
                if await self._somebody_died(state):
                    return None
                await self._start(ids)
                # What is under way now is known; to ask at once would only hold it up.
                return await self._wait(None, state)
            case Wait(until):
                return await self._wait(until, state)
            case Halt(reason):
                return await self._halt(reason, state)
            case Complete(left_behind):
                if await self._somebody_died(state):
                    return None
                good = not left_behind
                outcome = self._story.completed(await self._progress())
                return await self._end(
                    RolloutStatus.SUCCEEDED if good else RolloutStatus.FAILED, outcome
                )
            case Cancelled():
                outcome = self._story.cancelled(await self._progress())
                return await self._end(RolloutStatus.CANCELLED, outcome)

    async def _start(self, ids: tuple[int, ...]) -> None:
        await self._write(progress.start_targets, target_ids=ids)
        reach(Point.TRANSITIONAL)
        self._course = self._course.with_started(ids)
        for target_id in ids:
            self._begin(target_id)

    def _begin(self, target_id: int) -> None:
        target = self._course.target(target_id)
        seen = self._survey.seen.pop(target.host_id, None)
        way = Convergence(self._course, target, self._crew, seen=seen)
        self._ways[asyncio.create_task(way.run())] = way

    async def _wait(self, until: datetime | None, state: RolloutState) -> Turn:
        left = (until - clock.now()).total_seconds() if until else LONGEST_NAP
        if not self._ways:
            if until and await self._somebody_died(state):
                return None
            return max(0.05, min(left, LOOK_AT_BAKING if until else LONGEST_NAP))
        done, _ = await asyncio.wait(
            self._ways,
            timeout=max(0.05, min(left, LOOK_EVERY)),
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in done:
            del self._ways[task]
            await task  # raises what the target raised: LeaseLost, or a fault of ours
        return None

    async def _somebody_died(self, state: RolloutState) -> bool:
        """Look again at what was brought up earlier; a death is a failure of its target."""
        if self._course.kind not in MAY_DIE_LATER:
            return False
        before = clock.now() - JUST_SEEN
        earlier = [
            self._course.target(target.id)
            for target in state.targets
            if target.status is TargetStatus.SUCCEEDED
            and target.finished_at
            and target.finished_at < before
        ]
        ill = await self._vigil.gone_ill(t for t in earlier if t.action in MAY_DIE_LATER)
        for target_id, (problem, seen) in ill.items():
            self._story.say(problem.sentence, level="error", target_id=target_id)
            await self._write(
                endings.revoke_success, target_id=target_id, problem=problem, seen=seen
            )
        return bool(ill)

    # --- endings -----------------------------------------------------------------------------

    async def _halt(self, reason: Sentence, state: RolloutState) -> Turn:
        await self._abandon_all(reason, state)
        if state.cancelled:  # a person has taken charge: nothing more happens by itself
            outcome = self._story.cancelled(await self._progress())
            return await self._end(RolloutStatus.CANCELLED, outcome)
        if state.paused:
            return LONGEST_NAP
        control = await control_is_ill(self._course, self._crew, state)
        if control:
            self._story.say(control, level="warning")
            await self._write(progress.set_outcome, pause=True, outcome=control)
            return LONGEST_NAP
        outcome = self._story.halted(reason, await self._progress())
        if self._goes_back():
            return await self._end(RolloutStatus.HALTED, outcome, endings.halt_and_roll_back)
        return await self._end(RolloutStatus.HALTED, outcome)

    def _goes_back(self) -> bool:
        course = self._course
        return course.automatic_rollback and not course.automatic and course.kind.moves_version

    async def _abandon_all(self, reason: Sentence, state: RolloutState) -> None:
        in_flight = {target.id for target in state.targets if target.status.in_flight}
        # The others' ends are written down, and their tasks are about to end.
        stuck = [task for task, way in self._ways.items() if way.target.id in in_flight]
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        ways = [self._ways.pop(task) for task in stuck]
        await asyncio.gather(*(way.abandon(_given_up(way, reason)) for way in ways))

    async def _end(
        self,
        state: RolloutStatus,
        outcome: Sentence,
        close: Callable[..., object] = endings.close_rollout,
    ) -> Turn:
        await self._forget(before_the_end=True)
        self._story.end(state, outcome)
        await self._crew.narration.flush()
        await self._write(close, state=state, outcome=outcome)
        reach(Point.CLOSED)
        await self._forget(before_the_end=False)
        reach(Point.TOLD)
        return OVER

    async def _forget(self, *, before_the_end: bool) -> None:
        """Let hosts forget tickets whose results are written down: after the end, where nobody
        waits for it; but before it where a removal must leave nothing behind."""
        removals = self._course.kind is RolloutKind.DELETE or any(
            target.action is RolloutKind.DELETE for target in self._course.targets
        )
        if removals is before_the_end:
            if not before_the_end:
                await asyncio.sleep(FORGET_AFTER)
            tickets = await self._desk.run(
                partial(records.list_finished_tickets, self._course.rollout_id)
            )
            await asyncio.gather(
                *(self._forget_on(t, tickets.get(t, ())) for t in tickets), return_exceptions=True
            )

    async def _forget_on(self, target_id: int, tickets: tuple[str, ...]) -> None:
        target = self._course.target(target_id)
        async with asyncio.timeout(20):
            await self._crew.hosts.forget(target.access, tickets)

    # --- reading and writing -----------------------------------------------------------------

    async def _progress(self) -> list[records.TargetEnd]:
        return await self._desk.run(partial(records.list_target_ends, self._course.rollout_id))

    async def _write(self, change: Callable[..., object], **values: object) -> None:
        await self._crew.ledger.write(
            lambda: _done(
                change(
                    rollout_id=self._course.rollout_id,
                    epoch=self._crew.epoch,
                    now=clock.now(),
                    **values,
                )
            )
        )


def _given_up(way: Convergence, reason: Sentence) -> Stalled:
    return Stalled(
        "{host}: given up, {reason}; what it did there is not known.",
        hint="Look at the host, then retry the rollout or roll it back.",
        host=way.target.host,
        reason=reason,
    )


def _done(_: object) -> None:
    return None
