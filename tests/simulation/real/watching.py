"""Sees what drivers hear and commit, and what hosts begin, and tells it to the invariants."""

import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from unittest.mock import patch

import structlog
from django.db import transaction
from structlog import DropEvent
from structlog.typing import EventDict

from slipway.controller.rollouts import advance as rollouts
from slipway.controller.rollouts import driver
from slipway.controller.worker import clock
from slipway.core.release.steps import Chain
from slipway.core.release.steps import Ticket as HostTicket
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.events import Answered, Event, Lost, TookUp
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Heading, Way
from slipway.records.rollouts.models import Step
from slipway.records.rollouts.run.claims import Claim, claim
from slipway.records.rollouts.run.loading import Loaded
from slipway.records.rollouts.run.writing.commit import Written, commit, is_worth_writing
from tests.simulation.hosts import Errand, Ticket
from tests.simulation.invariants import Broken
from tests.simulation.invariants.broken import hold
from tests.simulation.real.machines import Key, SimMachine
from tests.simulation.real.mirror import Mirror
from tests.simulation.real.workers import CURRENT
from tests.simulation.rows import Open, Over

_TICKET = re.compile(r"r(\d+)-t\d+-([ab])(\d+)-")


class Watcher:
    """What it finds broken it keeps: raised where it is found, it would end in a log of ours."""

    def __init__(
        self, mirror: Mirror, time: Callable[[], float], now: Callable[[], datetime]
    ) -> None:
        self.mirror = mirror
        self.broken: Broken | None = None
        self._time = time
        self._now = now
        self._epochs: dict[int, int] = {}
        self._begun: set[tuple[str, str]] = set()
        self._served: dict[str, bool] = {}

    def judge(self, ask: Callable[[], None]) -> None:
        if self.broken is None:
            try:
                ask()
            except Broken as broken:
                self.broken = broken

    @contextmanager
    def watching(self) -> Iterator[None]:
        """The controller's own functions, with somebody who looks on."""
        with ExitStack() as kept:
            for module, name, watched in (
                (driver, "happened", self._happened(happened)),
                (driver, "commit", self._commit(commit)),
                (rollouts, "claim", self._claim(claim)),
                (clock, "now", self._now),
            ):
                kept.enter_context(patch.object(module, name, watched))
            structlog.configure(processors=[self.log])
            kept.callback(structlog.reset_defaults)
            yield

    # --- drivers -----------------------------------------------------------------------------

    def _claim(self, real: Callable[..., Claim]) -> Callable[..., Claim]:
        def claim(*, rollout_id: int, driver: str, now: datetime) -> Claim:
            held = real(rollout_id=rollout_id, driver=driver, now=now)
            transaction.on_commit(lambda: self._claimed(held, driver))
            return held

        return claim

    def _claimed(self, held: Claim, driver: str) -> None:
        self._epochs[held.rollout] = held.epoch
        self.tell(f"{driver} takes up rollout {held.rollout}, epoch {held.epoch}")

    def _happened(
        self, real: Callable[[Value, Iterable[Event]], Value]
    ) -> Callable[[Value, Iterable[Event]], Value]:
        def happened(value: Value, events: Iterable[Event]) -> Value:
            heard = list(events)
            own = CURRENT.get().driver(value.number)
            # One that has lost its claim hears as well; nothing comes of it.
            if own is not None and own._held.epoch == self._epochs.get(value.number):
                for event in heard:
                    self._hear(value.number, event)
            return real(value, heard)

        return happened

    def _hear(self, number: int, event: Event) -> None:
        judge = self.mirror.judge
        self.mirror.look_at_hosts(self._time())
        match event:
            case TookUp():
                judge.gap(number)
            case Answered(place, look):
                judge.heard(number, place, look)
            case Lost(place, _, cause):
                judge.lost(number, place, cause)
            case _:
                pass

    def _commit(self, real: Callable[..., Written]) -> Callable[..., Written]:
        def commit(held: Claim, loaded: Loaded, *more: object) -> Written:
            written = real(held, loaded, *more)
            before = loaded.value
            transaction.on_commit(
                lambda: self.judge(lambda: self._committed(before, written.value))
            )
            return written

        return commit

    def _committed(self, before: Value, value: Value) -> None:
        judge, opened = self.mirror.judge, self.mirror.rows.open.get(value.number)
        if opened is None:
            return
        opened.value = value
        if not is_worth_writing(before, value):
            return  # steps and lines only
        self.mirror.look_at_hosts(self._time())
        self.mirror.look_at_rows(self._now())
        self._tell_changes(before, value)
        for old, new in zip(before.targets.values(), value.targets.values(), strict=True):
            if new.is_target and (_moved(old, new) or old.since != new.since):
                judge.moved(before, value, old, new)
        judge.changed(before, value)
        if value.end is not None and before.end is None:
            judge.ended(value)
        if value.is_over:
            self.over(value.number)

    def over(self, number: int) -> None:
        opened = self.mirror.rows.open.pop(number)
        self.mirror.rows.over.append(Over(opened.value, opened.service, opened.kind))

    def started(
        self, value: Value, service: str, kind: str, retries: int, undone: Value | None
    ) -> None:
        """A person has started a rollout: what was watched over there is over. `undone`: the one
        that it takes back."""
        self.mirror.look_at_hosts(self._time())
        self.mirror.look_at_rows(self._now())
        for opened in list(self.mirror.rows.open.values()):
            if opened.service == service and opened.value.end is not None:
                self.over(opened.value.number)
        self.mirror.rows.open[value.number] = Open(value, service, kind)
        self.judge(lambda: self.mirror.judge.planned(kind, value, retries, undone))

    # --- hosts -------------------------------------------------------------------------------

    def begins(self, machine: SimMachine, chain: Chain, ticket: HostTicket) -> None:
        self.tell(f"{machine.name} begins {ticket.id}")
        is_known = Step.objects.filter(ticket=ticket.id).exists()
        self.judge(lambda: hold(is_known, "I8 intent before effect", ticket.id))
        name = machine.name, ticket.id
        is_new = name not in self._begun
        self.judge(lambda: hold(is_new, "I11 a ticket runs once", ticket.id))
        self._begun.add(name)

    def restored(self, machine: SimMachine) -> None:
        """What it ran it does not remember."""
        self._begun = {each for each in self._begun if each[0] != machine.name}

    def changed(self, machine: SimMachine, key: Key, ticket: HostTicket) -> None:
        """A step has begun or ended: does its place still serve?"""
        self.mirror.look_at_hosts(self._time())
        spot = self.mirror.spot(machine, key)
        serves = self.mirror.serves(spot)
        served, self._served[spot.place] = self._served.get(spot.place, False), serves
        if served and not serves:
            own = Ticket(Errand(_name(ticket.id, spot.place), "", Way.BRING, spot.link, ""))
            self.judge(lambda: self.mirror.judge.taken_away(spot, own))

    def tick(self) -> None:
        self.mirror.look_at_hosts(self._time())
        for spot in self.mirror.spots.values():
            self._served[spot.place] = self.mirror.serves(spot)
        self.judge(self.mirror.judge.tick)

    # --- our own logs ------------------------------------------------------------------------

    def log(self, logger: object, method: str, event: EventDict) -> EventDict:
        """What our log calls an error is one: nothing of it is meant to happen here."""
        what = f"{event.get('event')} {event.get('place', '')}"
        if method in ("error", "exception"):
            error = sys.exc_info()[1]
            told = "".join(traceback.format_exception(error)[-3:]) if error else ""
            self.tell(f"ERROR {what} {''.join(traceback.format_exception(error)) if error else ''}")
            words = f"{what}: {type(error).__name__}: {error}"
            self.judge(lambda: hold(False, "§6 nothing unforeseen", words, told))
        raise DropEvent

    # --- a story -----------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        if self.mirror.telling:
            self.mirror.story.append(f"{self._time():7.1f}  {text}")

    def _tell_changes(self, before: Value, value: Value) -> None:
        if not self.mirror.telling:
            return
        for old, new in zip(before.targets.values(), value.targets.values(), strict=True):
            if new.is_target and _moved(old, new):
                why = f"{new.cause or ''} {new.problem.code if new.problem else ''}"
                self.tell(
                    f"     {value.number} {new.place}: {old.heading} {old.stage} -> "
                    f"{new.heading} {new.stage} {new.attempt} {why}"
                )
        if value.asks != before.asks:
            self.tell(f"     {value.number} asks: {value.asks.code if value.asks else '-'}")
        for name in ("halted", "paused", "cancelled", "end", "withdrawn", "watching"):
            if getattr(before, name) != getattr(value, name):
                self.tell(f"     {value.number} {name}: {getattr(value, name) or '-'}")


def _moved(old: Target, new: Target) -> bool:
    return (old.stage, old.heading, old.attempt) != (new.stage, new.heading, new.attempt)


def _name(ticket: str, place: str) -> str:
    match = _TICKET.match(ticket)
    assert match is not None, f"{ticket} is a ticket of ours"
    number, way, attempt = match.groups()
    heading = Heading.BACK if way == "b" else Heading.FORTH
    return f"{number}:{place}:{heading.value}-{attempt}"
