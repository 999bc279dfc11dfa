"""Writes down one target's steps: the intent before the effect, the outcome after it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from slipway.controller import clock
from slipway.controller.crew import Crew
from slipway.controller.failpoints import AFTER_STEP, reach
from slipway.core.refusal import Refused
from slipway.core.rollout.status import TargetStatus
from slipway.core.seen import SeenInstance
from slipway.core.sentence import Sentence
from slipway.ports import (
    TicketResult,
)
from slipway.records.rollouts import progress
from slipway.records.rollouts.finishing import End
from slipway.records.rollouts.steps import Intent, Report, StepOutcome

GATHERED_FOR = 0.1  # seconds that outcomes wait for others to be written with


class Transcript:
    """What is heard from the host is queued and written in the background, in order; `written`
    waits for it. Every write carries the claim, and raises LeaseLost when it is lost."""

    def __init__(self, crew: Crew, rollout_id: int, target_id: int) -> None:
        self._crew = crew
        self._rollout_id = rollout_id
        self._target_id = target_id
        self._names: dict[str, str] = {}  # step names by ticket, in their order
        self._outcomes: list[StepOutcome] = []
        self._writing: asyncio.Task[None] | None = None
        self._step_began_at: datetime | None = None
        self.under_way = ""  # the ticket that the host works on now

    @property
    def begun(self) -> tuple[tuple[str, str], ...]:
        """The steps that were begun, as (name, ticket)."""
        return tuple((name, ticket) for ticket, name in self._names.items())

    def name_of(self, ticket: str) -> str:
        return self._names.get(ticket, "")

    async def begin(self, rows: Sequence[tuple[str, str, int]], attempt: int) -> None:
        """Write down the intent: steps as (name, ticket, order)."""
        self._names = {ticket: name for name, ticket, _ in rows}
        self.under_way = rows[0][1]
        self._step_began_at = clock.now()
        await self._crew.begin(Intent(self._target_id, attempt, tuple(rows)))

    def heard(self, result: TicketResult, *, bytes_moved: int = 0) -> None:
        """Take in how a step ended."""
        name = self.name_of(result.ticket)
        if result.exit_code == 0 and name in AFTER_STEP:
            reach(AFTER_STEP[name])
        now = clock.now()
        self._outcomes.append(
            StepOutcome(
                ticket=result.ticket,
                exit_code=result.exit_code,
                started_at=self._step_began_at or now,
                finished_at=now,
                output=result.output,
                bytes_moved=bytes_moved,
            )
        )
        self._step_began_at = now
        # A chain ends at its first failure: the steps behind it are not under way.
        self.under_way = self._after(result.ticket) if result.exit_code == 0 else ""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_in_a_moment())

    def _after(self, ticket: str) -> str:
        order = list(self._names)
        following = order.index(ticket) + 1 if ticket in order else len(order)
        return order[following] if following < len(order) else ""

    def printed(self, ticket: str, text: str) -> None:
        self._crew.narration.output(
            ticket, text, target_id=self._target_id, step=self.name_of(ticket)
        )

    def say(self, said: Sentence, *, level: str = "info") -> None:
        self._crew.narration.say(said, level=level, target_id=self._target_id)

    async def _write_in_a_moment(self) -> None:
        # The steps of a fast chain end within milliseconds of each other: one write for them.
        await asyncio.sleep(GATHERED_FOR)
        await self._write()

    async def _write(self) -> None:
        while self._outcomes:
            outcomes, self._outcomes = tuple(self._outcomes), []
            under_way = self.name_of(self.under_way)
            await self._crew.report(Report(self._target_id, outcomes, under_way))

    async def begin_again(self, attempt: int) -> None:
        self._names = {}
        await self._crew.ledger.write(
            lambda: progress.begin_attempt(
                rollout_id=self._rollout_id,
                epoch=self._crew.epoch,
                target_id=self._target_id,
                attempt=attempt,
                now=clock.now(),
            )
        )

    async def unknown(self, problem: Refused) -> None:
        """The outcome on the host is not known: say so, before asking again."""
        await self._crew.ledger.write(
            lambda: progress.mark_unknown(
                rollout_id=self._rollout_id,
                epoch=self._crew.epoch,
                target_id=self._target_id,
                problem=problem,
                now=clock.now(),
            )
        )

    async def finish(
        self, state: TargetStatus, problem: Refused | None, seen: SeenInstance | None
    ) -> None:
        """Write down the end in one go with everything that led to it."""
        end = self._crew.end(End(self._target_id, state, seen, problem))
        # In this order they join the ledger's page, and are committed together.
        await asyncio.gather(self._write(), self._crew.narration.flush(), end)
        if self._writing is not None:
            self._writing.cancel()  # what it had taken is on an earlier page, or this one
