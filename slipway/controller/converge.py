"""Brings one instance to where its rollout wants it, and says how that ended."""

import asyncio
from dataclasses import replace

from slipway.controller import clock
from slipway.controller.crew import Crew
from slipway.controller.failpoints import Point, reach
from slipway.controller.transcript import Transcript
from slipway.controller.verdict import (
    NO_PACKAGE,
    check_room,
    contradiction,
    find,
    problem_of,
    release_there,
)
from slipway.core.kinds import RolloutKind
from slipway.core.names import ticket_id
from slipway.core.refusal import Refused
from slipway.core.release import Change, TimedStep, steps_of
from slipway.core.rollout.status import TargetStatus
from slipway.core.seen import Observation, SeenInstance
from slipway.core.sentence import Sentence
from slipway.core.steps import Chain, PackageRef, Ticket
from slipway.ports import (
    HostUnreachable,
    StaleClaim,
    TicketResult,
)
from slipway.records.rollouts.course import Course, TargetCourse
from slipway.records.rollouts.progress import LeaseLost

ASK_AGAIN_AFTER = 5.0  # seconds, when the outcome on a host is unknown
INTERRUPTIONS_ALLOWED = 2
UPLOAD = "upload"
PROOF = ("receipt", "probe", "undrain")

_DONE = {
    RolloutKind.DELETE: Sentence.of("removed", "removed"),
    RolloutKind.STOP: Sentence.of("stopped", "stopped"),
}


class Convergence:
    """One target's way through one rollout. `seen` is what its host said a moment ago, if it was
    asked. Killed anywhere, it is made anew from the records and goes on."""

    def __init__(
        self, course: Course, target: TargetCourse, crew: Crew, seen: Observation | None = None
    ) -> None:
        self.target = target
        self._course = course
        self._crew = crew
        self._seen = seen
        self._transcript = Transcript(crew, course.rollout_id, target.id)
        self._was_sent = bool(target.begun)  # something that changes the host
        self._must_look = self._was_sent

    async def run(self) -> None:
        """Converge, and write down the end. Raises LeaseLost."""
        begun_again = 0
        while True:
            try:
                problem, again = await self._attempt()
                if again and begun_again < INTERRUPTIONS_ALLOWED:
                    begun_again += 1
                    await self._begin_again(problem)
                    continue
                await self._conclude(problem)
                return
            except HostUnreachable as unreachable:
                if not self._was_sent:
                    await self._finish(TargetStatus.UNREACHABLE, problem=unreachable)
                    return
                await self._await_answer(unreachable)
            except StaleClaim as stale:
                raise LeaseLost(stale.template, hint=stale.hint_template, **stale.values) from stale
            except Refused as refused:
                if isinstance(refused, LeaseLost):
                    raise
                await self._finish(TargetStatus.FAILED, problem=refused)
                return

    async def abandon(self, problem: Refused) -> None:
        """End what runs on the host, and write the target down as failed. Raises LeaseLost."""
        try:
            async with asyncio.timeout(10):
                if self._transcript.under_way:
                    await self._crew.hosts.cancel(self.target.access, self._transcript.under_way)
        except (Refused, TimeoutError):
            pass  # the host does not answer: that is why it is given up
        await self._finish(TargetStatus.FAILED, problem=problem)

    # --- one attempt -------------------------------------------------------------------------

    async def _attempt(self) -> tuple[Refused | None, bool]:
        """Returns what went wrong, and whether it is worth another attempt."""
        seen, self._seen = self._seen, None
        if seen is None and (self.target.needs_a_look or self._must_look):
            seen = await self._observe()
        if seen is not None and not self.target.begun:
            check_room(self.target, seen)
        package = await self._bring_package(seen) if seen is not None else None
        steps = self._steps(seen, package)
        tickets = tuple(Ticket(self._ticket(s.name), s.step, s.timeout) for s in steps)
        rows = [(s.name, self._ticket(s.name), n) for n, s in enumerate(steps, start=1)]
        await self._transcript.begin(rows, self.target.attempts)
        self._was_sent = True
        last = (await self._perform(tickets))[-1]
        step = self._transcript.name_of(last.ticket)
        lacking = last.exit_code == NO_PACKAGE and seen is None
        self._must_look = self._must_look or lacking or last.interrupted
        return problem_of(self.target, step, last), last.interrupted or lacking

    def _steps(self, seen: Observation | None, package: PackageRef | None) -> tuple[TimedStep, ...]:
        target = self.target
        change = Change(
            kind=target.action,
            rollout=self._course.rollout_id,
            from_version=target.from_version,
            to_version=target.to_version,
            keep=target.keep,
        )
        steps = steps_of(target.context, target.spec, change, package)
        begun = {name for name, _ in target.begun}
        only_proof = begun <= set(PROOF) if begun else seen is not None and self._is_there(seen)
        if target.action.moves_version and only_proof:
            # An earlier rollout got this far before it was lost: prove it, do not disturb it. Only
            # its traffic may still be away.
            return tuple(step for step in steps if step.name in PROOF)
        return steps

    def _is_there(self, seen: Observation) -> bool:
        one = find(seen, self.target.context.instance)
        return (
            self.target.action.moves_version
            and one is not None
            and one.link == one.running_version == self.target.to_version
        )

    async def _bring_package(self, seen: Observation) -> PackageRef | None:
        """Returns what is to be unpacked on the host; None when its release is there already."""
        target = self.target
        if target.package is None or not target.action.moves_version:
            return None
        there = release_there(target, seen)
        unpacking = any(name == "unpack" for name, _ in target.begun)
        if there == target.package.sha256 and not unpacking:
            return None
        ref, path = await asyncio.to_thread(
            self._crew.packages.portable, target.package, tools=target.tools
        )
        reach(Point.VERIFIED)
        if there in (ref.sha256, target.package.sha256):
            # It was packed anew for this host; or there is a result of unpacking to be heard.
            return ref if unpacking else None
        ticket = self._ticket(UPLOAD)
        await self._transcript.begin([(UPLOAD, ticket, 0)], target.attempts)
        moved = await self._crew.hosts.send_package(target.access, self._course.service, ref, path)
        self._transcript.heard(
            TicketResult(ticket, 0, "", finished_at=clock.now()), bytes_moved=moved
        )
        reach(Point.UPLOADED)
        return ref

    async def _perform(self, tickets: tuple[Ticket, ...]) -> tuple[TicketResult, ...]:
        chain = Chain(
            self._course.service, self.target.context.instance, self._crew.fence(), tickets
        )
        return await self._crew.hosts.perform(
            self.target.access,
            chain,
            on_result=self._transcript.heard,
            on_output=self._transcript.printed,
        )

    # --- between attempts, and the end -------------------------------------------------------

    async def _begin_again(self, problem: Refused | None) -> None:
        """A fresh attempt, under fresh tickets: the host lost the old one half-way, or lacks a
        release that it was thought to have."""
        again = Sentence.of("begins_again", "Beginning again.")
        said = Sentence.joined(problem.sentence, again) if problem else again
        self._transcript.say(said, level="warning")
        attempts = self.target.attempts + 1
        await self._transcript.begin_again(attempts)
        self.target = replace(self.target, attempts=attempts, begun=())

    async def _await_answer(self, problem: Refused) -> None:
        """The outcome is unknown: say so, and ask again, until the progress deadline."""
        await self._transcript.unknown(problem)
        said = Sentence.of(
            "outcome_unknown",
            "outcome unknown: {problem} Asking again.",
            problem=problem.sentence,
        )
        self._transcript.say(said, level="warning")
        self.target = replace(self.target, begun=self._transcript.begun or self.target.begun)
        await asyncio.sleep(ASK_AGAIN_AFTER)

    async def _conclude(self, problem: Refused | None) -> None:
        seen = self._proven() if problem is None else None
        if seen is None:
            seen = find(await self._observe(), self.target.context.instance)
            problem = problem or contradiction(self.target, seen)
        state = TargetStatus.FAILED if problem else TargetStatus.SUCCEEDED
        await self._finish(state, problem=problem, seen=seen)

    def _proven(self) -> SeenInstance | None:
        """What a probe that succeeded has seen on the host: the release that it was asked for is
        what runs there, and is well. To ask once more would say the same."""
        if "probe" not in (name for name, _ in self._transcript.begun):
            return None
        context, version = self.target.context, self.target.to_version or self.target.from_version
        return SeenInstance(context.instance, version, "", version, None, self._crew.epoch)

    async def _finish(
        self, state: TargetStatus, *, problem: Refused | None, seen: SeenInstance | None = None
    ) -> None:
        if problem is not None:
            self._transcript.say(problem.sentence, level="error")
        else:
            version = self.target.to_version or self.target.from_version
            runs = Sentence.of("runs", "runs {version}, healthy", version=version)
            self._transcript.say(_DONE.get(self.target.action, runs))
        await self._transcript.finish(state, problem, seen)
        reach(Point.RECORDED)

    async def _observe(self) -> Observation:
        return await self._crew.hosts.observe(self.target.access, self._course.service)

    def _ticket(self, step: str) -> str:
        own = ticket_id(self._course.rollout_id, self.target.id, self.target.attempts, step)
        return f"{own}-{self._course.stamp}"
