"""Brings one instance to where its rollout wants it, and says how that ended."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime

from slipway.controller import clock
from slipway.controller.failpoints import AFTER_STEP, Point, reach
from slipway.controller.ledger import Ledger
from slipway.controller.narration import Narration
from slipway.controller.verdict import check_room, contradiction, find, has_release, problem_of
from slipway.core.kinds import RolloutKind
from slipway.core.names import ticket_id
from slipway.core.refusal import Refused
from slipway.core.release import Change, TimedStep, steps_of
from slipway.core.rollout import TargetStatus
from slipway.core.steps import Chain, Fence, PackageRef, Probe, Receipt, Ticket
from slipway.ports import (
    Hosts,
    HostUnreachable,
    Observation,
    Packages,
    SeenInstance,
    StaleClaim,
    TicketResult,
)
from slipway.records.rollouts import endings, progress
from slipway.records.rollouts.course import Course, TargetCourse
from slipway.records.rollouts.progress import LeaseLost, StepOutcome

ASK_AGAIN_AFTER = 5.0  # seconds, when the outcome on a host is unknown
INTERRUPTIONS_ALLOWED = 2
UPLOAD = "upload"


@dataclass(slots=True)
class Crew:
    """What all targets of a rollout share while this worker drives it."""

    hosts: Hosts
    packages: Packages
    ledger: Ledger
    narration: Narration
    epoch: int
    sequence: int = 0

    def fence(self) -> Fence:
        """The next fence of this claim: hosts refuse what comes later and is lower."""
        self.sequence += 1
        return Fence(self.epoch, self.sequence)


@dataclass(slots=True)
class Convergence:
    """One target's way through one rollout. `ticket` is what the host works on now."""

    course: Course
    target: TargetCourse
    crew: Crew
    seen: Observation | None = None  # asked a moment ago, if it was
    ticket: str = ""
    begun: bool = False  # something was sent that changes the host
    _names: dict[str, str] = field(default_factory=dict)
    _outcomes: list[StepOutcome] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None
    _step_began_at: datetime | None = None

    async def run(self) -> None:
        """Converge, and write down the end. Raises LeaseLost."""
        interruptions = 0
        while True:
            try:
                problem, interrupted = await self._attempt()
                if interrupted and interruptions < INTERRUPTIONS_ALLOWED:
                    interruptions += 1
                    await self._begin_again()
                    continue
                await self._conclude(problem)
                return
            except HostUnreachable as unreachable:
                if not self.begun:
                    await self._finish(TargetStatus.UNREACHABLE, problem=unreachable)
                    return
                await self._await_answer(unreachable)
            except StaleClaim as stale:
                raise LeaseLost(stale.template, hint=stale.hint_template, **stale.values) from stale
            except Refused as refused:
                await self._finish(TargetStatus.FAILED, problem=refused)
                return

    async def abandon(self, problem: Refused) -> None:
        """End what runs on the host, and write the target down as failed."""
        try:
            async with asyncio.timeout(10):
                if self.ticket:
                    await self.crew.hosts.cancel(self.target.access, self.ticket)
        except (Refused, TimeoutError):
            pass  # the host does not answer: that is why it is given up
        await self._finish(TargetStatus.FAILED, problem=problem)

    # --- one attempt -------------------------------------------------------------------------

    async def _attempt(self) -> tuple[Refused | None, bool]:
        """Returns what went wrong, and whether the host lost a step half-way."""
        going_on = bool(self.target.begun)
        self.begun = self.begun or going_on
        seen = self.seen or await self._observe()
        self.seen = None
        if not going_on:
            check_room(self.target, seen)
        package = await self._bring_package(seen)
        steps = self._steps(seen, package)
        tickets = tuple(Ticket(self._ticket(s.name), s.step, s.timeout) for s in steps)
        self._names = {ticket.id: step.name for ticket, step in zip(tickets, steps, strict=True)}
        await self._write_intent(steps)
        self.begun = True
        results = await self._perform(tickets)
        await self._written()
        last = results[-1]
        return problem_of(self.target, self._names[last.ticket], last), last.interrupted

    def _steps(self, seen: Observation, package: PackageRef | None) -> tuple[TimedStep, ...]:
        target = self.target
        change = Change(
            target.action,
            self.course.rollout_id,
            target.from_version,
            target.to_version,
            target.keep,
        )
        steps = steps_of(target.context, target.spec, change, package)
        if not target.begun and self._is_there(seen):
            # An earlier rollout got this far before it was lost: prove it, do not disturb it.
            return tuple(step for step in steps if isinstance(step.step, Receipt | Probe))
        return steps

    def _is_there(self, seen: Observation) -> bool:
        one = find(seen, self.target.context.instance)
        wanted = self.target.to_version
        return (
            self.target.action in (RolloutKind.UPGRADE, RolloutKind.REVERT, RolloutKind.DEPLOY)
            and one is not None
            and one.link == one.running_version == wanted
            and has_release(self.target, seen)
        )

    async def _bring_package(self, seen: Observation) -> PackageRef | None:
        """Returns what is to be unpacked on the host; None when its release is there already."""
        target = self.target
        if target.package is None or not target.action.moves_version:
            return None
        unpack_begun = any(name == "unpack" for name, _ in target.begun)
        if has_release(target, seen) and not unpack_begun:
            return None
        ref, path = await asyncio.to_thread(
            self.crew.packages.portable, target.package, tools=target.tools
        )
        reach(Point.VERIFIED)
        if has_release(target, seen):
            return ref  # only to hear the result of the unpacking that was begun
        await self._begin([(UPLOAD, self._ticket(UPLOAD), 0)])
        began_at = clock.now()
        moved = await self.crew.hosts.send_package(target.access, self.course.service, ref, path)
        self._outcomes.append(
            StepOutcome(self._ticket(UPLOAD), 0, began_at, clock.now(), "", moved)
        )
        self._write_soon()
        reach(Point.UPLOADED)
        return ref

    async def _perform(self, tickets: tuple[Ticket, ...]) -> tuple[TicketResult, ...]:
        self.ticket = tickets[0].id
        self._step_began_at = clock.now()
        chain = Chain(self.course.service, self.target.context.instance, self.crew.fence(), tickets)
        results = await self.crew.hosts.perform(
            self.target.access, chain, on_result=self._heard, on_output=self._printed
        )
        self.ticket = ""
        return results

    def _heard(self, result: TicketResult) -> None:
        name = self._names.get(result.ticket, "")
        if result.exit_code == 0 and name in AFTER_STEP:
            reach(AFTER_STEP[name])
        now = clock.now()
        self._outcomes.append(
            StepOutcome(
                result.ticket, result.exit_code, self._step_began_at or now, now, result.output, 0
            )
        )
        self._step_began_at = now
        order = list(self._names)
        following = order.index(result.ticket) + 1 if result.ticket in order else len(order)
        self.ticket = order[following] if following < len(order) else ""
        self._write_soon()

    def _printed(self, ticket: str, text: str) -> None:
        self.crew.narration.output(
            ticket, text, target_id=self.target.id, step=self._names.get(ticket, "")
        )

    # --- writing down ------------------------------------------------------------------------

    async def _write_intent(self, steps: tuple[TimedStep, ...]) -> None:
        rows = [(step.name, self._ticket(step.name), n) for n, step in enumerate(steps, start=1)]
        await self._begin(rows)

    async def _begin(self, rows: list[tuple[str, str, int]]) -> None:
        await self.crew.ledger.write(
            lambda: progress.begin_steps(
                rollout_id=self.course.rollout_id,
                epoch=self.crew.epoch,
                target_id=self.target.id,
                attempt=self.target.attempts,
                steps=rows,
                now=clock.now(),
            )
        )

    def _write_soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_outcomes())

    async def _write_outcomes(self) -> None:
        while self._outcomes:
            outcomes, self._outcomes = self._outcomes, []
            under_way = self._names.get(self.ticket, "")
            await self.crew.ledger.write(
                lambda outcomes=outcomes, step=under_way: progress.finish_steps(  # type: ignore[misc]
                    rollout_id=self.course.rollout_id,
                    epoch=self.crew.epoch,
                    target_id=self.target.id,
                    outcomes=outcomes,
                    under_way=step,
                    now=clock.now(),
                )
            )

    async def _written(self) -> None:
        """Wait until all that was heard is written down."""
        if self._writing is not None:
            await self._writing
        await self._write_outcomes()

    async def _begin_again(self) -> None:
        """A fresh attempt, under fresh tickets: the host lost the old one half-way."""
        self._say("was interrupted on the host; beginning again", level="warning")
        attempts = self.target.attempts + 1
        await self.crew.ledger.write(
            lambda: progress.begin_attempt(
                rollout_id=self.course.rollout_id,
                epoch=self.crew.epoch,
                target_id=self.target.id,
                attempt=attempts,
                now=clock.now(),
            )
        )
        self.target = replace(self.target, attempts=attempts, begun=(), ended=frozenset())

    async def _await_answer(self, problem: Refused) -> None:
        """The outcome is unknown: say so, and ask again, until the progress deadline."""
        await self.crew.ledger.write(
            lambda: progress.mark_unknown(
                rollout_id=self.course.rollout_id,
                epoch=self.crew.epoch,
                target_id=self.target.id,
                problem=problem,
                now=clock.now(),
            )
        )
        self._say(f"outcome unknown: {problem.message} Asking again.", level="warning")
        begun = tuple((name, ticket) for ticket, name in self._names.items())
        self.target = replace(self.target, begun=begun or self.target.begun)
        await asyncio.sleep(ASK_AGAIN_AFTER)

    async def _conclude(self, problem: Refused | None) -> None:
        seen = find(await self._observe(), self.target.context.instance)
        problem = problem or contradiction(self.target, seen)
        state = TargetStatus.FAILED if problem else TargetStatus.SUCCEEDED
        await self._finish(state, problem=problem, seen=seen)

    async def _finish(
        self, state: TargetStatus, *, problem: Refused | None, seen: SeenInstance | None = None
    ) -> None:
        await self._written()
        self._tell_end(state, problem)
        await self.crew.narration.flush()
        await self.crew.ledger.write(
            lambda: endings.finish_target(
                rollout_id=self.course.rollout_id,
                epoch=self.crew.epoch,
                target_id=self.target.id,
                state=state,
                seen=seen,
                problem=problem,
                now=clock.now(),
            )
        )
        reach(Point.RECORDED)

    def _tell_end(self, state: TargetStatus, problem: Refused | None) -> None:
        if problem is not None:
            self._say(problem.message, level="error")
        else:
            verb = {RolloutKind.DELETE: "removed", RolloutKind.STOP: "stopped"}
            done = verb.get(self.target.action, f"runs {self.target.to_version}, healthy")
            self._say(done if state is TargetStatus.SUCCEEDED else state.value)

    def _say(self, text: str, *, level: str = "info") -> None:
        self.crew.narration.say(text, level=level, target_id=self.target.id)

    async def _observe(self) -> Observation:
        return await self.crew.hosts.observe(self.target.access, self.course.service)

    def _ticket(self, step: str) -> str:
        own = ticket_id(self.course.rollout_id, self.target.id, self.target.attempts, step)
        return f"{own}-{self.course.stamp}"
