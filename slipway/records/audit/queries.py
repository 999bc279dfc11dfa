"""Questions about what happened."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from slipway.core.spec.hidden_values import without_kept_values
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.audit.authors import EventReader
from slipway.records.audit.models import Event
from slipway.records.rows.texts import is_storable

_PIECE = 500  # events that are read at once, of all that somebody takes along
_NUMBER = re.compile(r"#([0-9]{1,18})")  # of a rollout, as people say it


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What narrows a list of events; "" and None do not. `named` is a part of what the thing is
    called, or all of its service's name; `about` a condition of the records that know the thing,
    `by` a name as it is shown. A verb that ends with a dot (`rollout.`) stands for all that begin
    so; `since` is in it, `until` is not."""

    verb: str = ""
    named: str = ""
    service: str = ""
    environment: str = ""
    by: str = ""
    about: Q | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = EventFilter()


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event as somebody may see it. `reason` is a person's, `cause` the system's own."""

    id: int
    at: datetime
    by: str
    token: str
    source: str
    verb: str
    thing_kind: str
    thing_id: str
    thing_name: str
    service: str
    environment: str
    before: Any
    after: Any
    reason: str
    cause: Sentence | None


_COLUMNS = ["by_name" if each.name == "by" else each.name for each in fields(SeenEvent)]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events there are, by who did them, the busiest first; of more than were counted
    (`is_more`) the newest."""

    people: tuple[tuple[str, int], ...]
    is_more: bool

    @property
    def total(self) -> int:
        return sum(count for _name, count in self.people)


def list_events(
    *,
    actor: EventReader,
    wanted: EventFilter = EVERYTHING,
    limit: int = 50,
    before_id: int | None = None,
) -> list[SeenEvent]:
    """Return what `actor` may see, the newest first."""
    found = _found(actor, wanted)
    if before_id:
        found = found.filter(pk__lt=before_id)
    return [_as_seen_by(actor, SeenEvent(*row)) for row in found[:limit].values_list(*_COLUMNS)]


def last_of(verb: str, thing_kind: str, thing_id: object) -> tuple[datetime, str] | None:
    """Return when something last happened to a thing, and by whom. Who asks sees the thing."""
    found = Event.objects.filter(verb=verb, thing_kind=thing_kind, thing_id=str(thing_id))
    return found.order_by("-id").values_list("at", "by_name").first()


def events_of(thing_kind: str, thing_id: object, *, limit: int) -> Sequence[Event]:
    """Return the newest events of a thing that whoever asks sees, the newest first."""
    found = Event.objects.filter(thing_kind=thing_kind, thing_id=str(thing_id))
    return list(found.order_by("-id")[:limit])


def every_event(*, actor: EventReader, wanted: EventFilter, most: int) -> Iterator[SeenEvent]:
    """Yield the newest `most` of what `actor` may see, read a piece at a time: what comes while
    they are read is not among them."""
    last, left = None, most
    while left > 0:
        piece = list_events(actor=actor, wanted=wanted, limit=min(left, _PIECE), before_id=last)
        yield from piece
        if len(piece) < _PIECE:
            return
        last, left = piece[-1].id, left - len(piece)


def tally_events(*, actor: EventReader, wanted: EventFilter, most: int) -> Tally:
    """Count the newest `most` of what `actor` may see."""
    found = _found(actor, wanted)
    counted = Event.objects.filter(pk__in=found.values("pk")[: most + 1])
    people = counted.order_by().values_list("by_name").annotate(events=Count("pk"))
    rows = [(str(name), int(count)) for name, count in people.order_by("-events", "by_name")]
    is_more = sum(count for _name, count in rows) > most
    if is_more:
        rows[0] = (rows[0][0], rows[0][1] - 1)
    return Tally(tuple(rows), is_more)


def _found(actor: EventReader, wanted: EventFilter) -> QuerySet[Event]:
    """The events, the newest first."""
    texts = {
        "verb__startswith" if wanted.verb.endswith(".") else "verb": wanted.verb,
        "service": wanted.service,
        "environment": wanted.environment,
        "by_name": wanted.by,
    }
    if not all(is_storable(text) for text in (*texts.values(), wanted.named)):
        return Event.objects.none()
    said = {**texts, "at__gte": wanted.since, "at__lt": wanted.until}
    events = Event.objects.filter(
        actor.visible(service="service", environment="environment"),
        wanted.about or Q(),
        _called(actor, wanted),
        **{column: value for column, value in said.items() if value},
    )
    return events.order_by("-id")


def _called(actor: EventReader, wanted: EventFilter) -> Q:
    if not wanted.named:
        return Q()
    if number := _NUMBER.fullmatch(wanted.named):
        return Q(thing_kind="rollout", thing_id=number[1])
    called = Q(thing_name__icontains=wanted.named) | Q(service=wanted.named)
    # Which key opens a host is hidden from some: they do not find it by trying names either.
    if not actor.may(Action.MANAGE_HOST, environment=wanted.environment):
        called &= ~Q(thing_kind="key")
    return called


def _as_seen_by(actor: EventReader, event: SeenEvent) -> SeenEvent:
    if not actor.may_somewhere(Action.DEPLOY, service=event.service):
        event = replace(event, before=_hidden(event.before), after=_hidden(event.after))
    if actor.may(Action.MANAGE_HOST, environment=event.environment):
        return event
    # Which key opens a host is for who manages hosts there.
    if event.thing_kind == "key":
        return replace(event, thing_name="")
    if event.thing_kind == "host":
        return replace(event, before=_without_key(event.before), after=_without_key(event.after))
    return event


def _without_key(kept: Any) -> Any:
    return {k: v for k, v in kept.items() if k != "key"} if isinstance(kept, dict) else kept


def _hidden(kept: Any) -> Any:
    """What is in a spec or a build is for those who may deploy, here as well."""
    return without_kept_values(kept) if isinstance(kept, dict) else kept
