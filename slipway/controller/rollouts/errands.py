"""Carries out what a rollout asks for: one question or chain a place at a time, each host on its
own."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from slipway.controller.rollouts.chains import Chains, Sent
from slipway.controller.rollouts.fences import Fences
from slipway.controller.rollouts.inbox import Inbox
from slipway.controller.worker.failpoints import AFTER_STEP, Point, reach
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import Asked, Observation, Outcome, SeenInstance, TicketResult
from slipway.core.rollout.chain_reports import report_from_look, report_of
from slipway.core.rollout.chains import UPLOAD
from slipway.core.rollout.commands import Ask, Command, Send
from slipway.core.rollout.reading import look_at
from slipway.core.rollout.value.events import Answered, Lost
from slipway.core.rollout.value.looks import ChainReport
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import NOTHING, Sentence
from slipway.ports import (
    HostGarbled,
    HostIncapable,
    Hosts,
    OursAtFault,
    PackageDamaged,
    Packages,
    StaleClaim,
)
from slipway.records.rollouts.run.loading import Loaded
from slipway.records.rollouts.run.writing.minutes import StepEnd

AT_ONCE = 64  # questions, so that a fleet does not answer all in one moment

# Whose fault it is that nothing was heard; of the others it is the weather.
_CAUSES = {
    OursAtFault.code: Cause.OURS,
    HostGarbled.code: Cause.HOST,
    HostIncapable.code: Cause.HOST,
}

log = structlog.get_logger()


class Errands:
    """Knows what is under way. What it hears goes into the inbox; nothing is decided here."""

    def __init__(
        self,
        *,
        hosts: Hosts,
        packages: Packages,
        loaded: Loaded,
        accesses: Mapping[str, HostAccess],
        chains: Chains,
        inbox: Inbox,
        fences: Fences,
        now: Callable[[], datetime],
    ) -> None:
        self._hosts = hosts
        self._packages = packages
        self._loaded = loaded
        self._accesses = accesses
        self._chains = chains
        self._inbox = inbox
        self._fences = fences
        self._now = now
        self._crowd = asyncio.Semaphore(AT_ONCE)
        self._open: dict[str, asyncio.Task[None]] = {}
        self._in_hand: set[str] = set()  # where a chain is under way

    @property
    def is_idle(self) -> bool:
        return not self._open

    def is_busy(self, place: str) -> bool:
        """Whether something is under way there, or has ended while a beat was written down: what
        the value still asks for has been answered."""
        return place in self._open or self._inbox.has_heard_of(place)

    def carry_out(self, value: Value, commands: Iterable[Command]) -> None:
        """Begin with what is asked for; a place at which something is under way is left alone."""
        for command in commands:
            if self.is_busy(command.place):
                continue
            target = value.target(command.place)
            match command:
                case Ask():
                    self._begin(target, self._ask(target, value.driven))
                case Send() if (sent := self._chains.of(command.place)) is not None:
                    self._in_hand.add(command.place)
                    self._begin(target, self._send(target, sent, value.driven))
                case _:
                    pass

    def _begin(self, target: Target, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._safely(target, work))
        self._open[target.place] = task

    async def _safely(self, target: Target, work: Coroutine[Any, Any, None]) -> None:
        """No exception of one place reaches another; what nobody foresaw is our own fault."""
        try:
            await work
            self._fences.answered(target.place)
        except StaleClaim as stale:
            why = self._fences.refused(target.place, stale)
            self._inbox.add(Lost(target.place, why, Cause.HOST))
        except Refused as refused:
            cause = _CAUSES.get(refused.code, Cause.WEATHER)
            self._inbox.add(Lost(target.place, refused.sentence, cause))
        except Exception as error:
            log.exception("errand_failed", rollout=self._loaded.value.number, place=target.place)
            self._inbox.add(Lost(target.place, _unforeseen(error), Cause.OURS))
        finally:
            self._open.pop(target.place, None)
            self._end_chain(target.place)
            self._inbox.news.set()

    def _end_chain(self, place: str) -> None:
        if place in self._in_hand:
            self._in_hand.discard(place)
            if not self._in_hand:
                self._inbox.nothing_in_hand()

    async def let_go(self) -> None:
        """End what is under way here: on hosts it goes on."""
        tasks = list(self._open.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- questions ---------------------------------------------------------------------------

    async def _ask(self, target: Target, asked_at: float) -> None:
        sent = self._chains.of(target.place)
        tickets = tuple(ticket for _, ticket in sent.tickets) if sent else ()
        seen, one = await self._observe(target, tickets)
        report = None
        if sent is not None and one is not None:
            report = report_from_look(sent.ticket, sent.tickets, one.reports)
        obstacle = self._chains.obstacle(target, seen) if target.is_target else None
        look = look_at(one, seen.boot, report=report, obstacle=obstacle)
        self._inbox.add(Answered(target.place, look, asked_at))

    async def _observe(
        self, target: Target, tickets: tuple[str, ...] = ()
    ) -> tuple[Observation, SeenInstance | None]:
        place = self._loaded.places[target.place]
        context = self._loaded.plan.context(place)
        asked = Asked(
            context.instance,
            check=self._chains.check(target),
            port=context.port,
            fence=self._fences(),
            tickets=tickets,
            user=self._chains.user(target),
        )
        async with self._crowd:
            seen = await self._hosts.observe(
                self._accesses[place.host], self._loaded.plan.service, asked=(asked,)
            )
        self._chains.note(place.host, seen)
        return seen, seen.find(context.instance)

    # --- chains ------------------------------------------------------------------------------

    async def _send(self, target: Target, sent: Sent, asked_at: float) -> None:
        try:
            sent = await self._bring_package(target, sent)
        except (HostIncapable, PackageDamaged) as refused:
            self._cannot_be_sent(target, sent, refused, asked_at)
            return
        heard: dict[str, TicketResult] = {}
        seen: list[tuple[SeenInstance, str]] = []
        began = {"at": self._now()}
        chain = self._chains.chain(target, sent, self._fences())
        names = {ticket: name for name, ticket in sent.tickets}

        def on_result(result: TicketResult) -> None:
            heard[result.ticket] = result
            self._note(target, sent, names, result, began)

        await self._hosts.perform(
            self._access(target),
            chain,
            on_result=on_result,
            on_output=lambda ticket, text: self._inbox.printed(
                target.place, ticket, names.get(ticket, ""), text
            ),
            on_seen=lambda one, boot: seen.append((one, boot)),
        )
        await self._conclude(target, sent, heard, seen, asked_at)

    async def _conclude(
        self,
        target: Target,
        sent: Sent,
        heard: Mapping[str, TicketResult],
        seen: list[tuple[SeenInstance, str]],
        asked_at: float,
    ) -> None:
        about = {"place": target.place, "version": target.goal.version or NOTHING}
        report = report_of(sent.ticket, sent.chained(heard), about)
        if seen:
            one, boot = seen[-1]
            look = look_at(one, boot, report=report)
        else:
            # It had ended before it was joined: what has become of the place is to be asked.
            observed, found = await self._observe(target)
            look = look_at(found, observed.boot, report=report)
        look = look.at_rest()
        self._inbox.add(Answered(target.place, look, asked_at))

    def _note(
        self,
        target: Target,
        sent: Sent,
        names: Mapping[str, str],
        result: TicketResult,
        began: dict[str, datetime],
    ) -> None:
        name = names.get(result.ticket, "")
        if result.exit_code == 0 and name in AFTER_STEP:
            reach(AFTER_STEP[name])
        order = [ticket for _, ticket in sent.tickets]
        place = order.index(result.ticket) + 1 if result.ticket in order else len(order)
        following = sent.tickets[place] if place < len(order) else None
        now = self._now()
        self._inbox.step_ended(
            StepEnd(
                target.place,
                result.ticket,
                name,
                exit_code=result.exit_code,
                started_at=began["at"],
                finished_at=now,
                output=result.output,
                # A chain ends at its first failure: the steps behind it are not under way.
                following=following if result.exit_code == 0 else None,
            )
        )
        began["at"] = now

    async def _bring_package(self, target: Target, sent: Sent) -> Sent:
        """Move the package where it is not there yet; returns the chain that unpacks it."""
        if sent.package is None:
            return sent
        began, place = self._now(), self._loaded.places[target.place]
        tools = self._loaded.plan.hosts[place.host].tools
        ref, path = await asyncio.to_thread(
            partial(self._packages.portable, sent.package, tools=tools)
        )
        reach(Point.VERIFIED)
        if sent.upload:
            moved = await self._hosts.send_package(
                self._access(target), self._loaded.plan.service, ref, path
            )
            end = StepEnd(target.place, sent.upload, UPLOAD, 0, began, self._now())
            self._inbox.step_ended(replace(end, bytes_moved=moved, following=sent.tickets[0]))
            reach(Point.UPLOADED)
        return sent.unpacking(ref)

    def _cannot_be_sent(
        self, target: Target, sent: Sent, refused: Refused, asked_at: float
    ) -> None:
        """Nothing was begun: its host has no room, or our store has lost the package."""
        fault = Cause.OURS if isinstance(refused, PackageDamaged) else Cause.HOST
        report = ChainReport(sent.ticket, Outcome.FAILED, False, fault, refused.sentence)
        now = self._now()
        end = StepEnd(target.place, sent.upload, UPLOAD, 1, now, now)
        self._inbox.step_ended(end)
        look = target.look
        assert look is not None, "it was taken in hand by what was seen"
        self._inbox.add(Answered(target.place, replace(look, report=report), asked_at))

    def _access(self, target: Target) -> HostAccess:
        return self._accesses[self._loaded.places[target.place].host]


def _unforeseen(error: Exception) -> Sentence:
    return Sentence.of(
        "unforeseen",
        "Something that nobody foresaw: {error}",
        hint="The worker's log has the whole story.",
        error=type(error).__name__,
    )
