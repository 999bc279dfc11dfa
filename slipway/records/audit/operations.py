"""Writing down what happened: in the transaction of the change, as its last act."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from slipway.core.network.customers import customer_of
from slipway.core.words.roles import Lacking
from slipway.core.words.sentence import Sentence
from slipway.records.audit.authors import Author
from slipway.records.audit.models import Event
from slipway.records.rows.texts import storable

REFUSED = "attempt.refused"
WORTHLESS_TOKEN = "attempt.worthless_token"
UNPROVEN_WEBHOOK = "attempt.unproven_webhook"
UNKNOWN_LOGIN = "attempt.unknown_login"  # at a name that nobody has
SLOWED_LOGIN = "attempt.slowed_login"  # while whoever guesses has to wait
STRANGE = (WORTHLESS_TOKEN, UNPROVEN_WEBHOOK, UNKNOWN_LOGIN, SLOWED_LOGIN)
STRANGER = "?"
ONCE_IN = timedelta(minutes=10)
MOST_REFUSED = 100  # events of one person in that time that name what was asked for
MOST_STRANGE = 100  # events of all strangers in that time that name them
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def record(  # noqa: PLR0913 - all of it belongs to one event
    verb: str,
    thing_kind: str,
    thing_id: object,
    thing_name: str,
    *,
    by: Author,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    cause: Sentence | None = None,
    service: str = "",
    environment: str = "",
) -> Event:
    """Keep that `by` did `verb` to a thing. `before` and `after` must hold no secret."""
    return Event.objects.create(
        at=now,
        by_id=by.user_id,
        by_name=by.name,
        token=str(by.token) if by.token else "",
        source=by.source,
        verb=verb,
        thing_kind=thing_kind,
        thing_id=str(thing_id),
        thing_name=storable(thing_name)[:255],
        service=service,
        environment=environment,
        before=before,
        after=after,
        reason=storable(reason),
        cause=cause,
    )


def record_of(verb: str, thing: models.Model, **more: Any) -> Event:
    """The same of a row: which service and environment it is, or belongs to, is read from it."""
    kind = _CAPITAL.sub("_", type(thing).__name__).lower()
    about = {name: str(getattr(thing, name, None) or "") for name in ("service", "environment")}
    if kind in about:
        about[kind] = str(thing)
    return record(verb, kind, thing.pk, str(thing), **about | more)


def note_export(*, by: Author, now: datetime, kind: str, filters: dict[str, str]) -> None:
    """Keep that somebody took events along, and which."""
    asked = {name: storable(text) for name, text in filters.items()}
    record("audit.exported", *("audit", "audit", "audit"), by=by, now=now,
           after={"format": kind, **asked})  # fmt: skip


def record_refused(by: Author, refused: Iterable[Lacking], now: datetime, asked: str = "") -> None:
    """Keep what `by` was refused, and by which request: the same once in a while, however often it
    is tried. The names are what was asked for: of one who goes on making them up it is kept
    without them. `asked` is text of ours, never what was sent."""
    for lacking in dict.fromkeys(refused):
        right = lacking.action.value
        told = Event.objects.filter(verb=REFUSED, by_id=by.user_id, at__gt=now - ONCE_IN)
        is_too_much = told.count() >= MOST_REFUSED
        service = "" if is_too_much else lacking.service[:64]
        environment = "" if is_too_much else lacking.environment[:64]
        request = "" if is_too_much else asked
        told = told.filter(thing_id=right, service=service, environment=environment)
        if not told.filter(_asked(request)).exists():
            record(
                REFUSED,
                *("right", right, right),
                by=by,
                now=now,
                after={"asked": request} if request else None,
                service=service,
                environment=environment,
            )


def _asked(request: str) -> Q:
    return Q(after__asked=request) if request else Q(after__isnull=True)


def record_stranger(
    deed: str,
    *,
    source: str,
    now: datetime,
    thing: tuple[str, str] = ("", ""),
    after: dict[str, Any] | None = None,
) -> None:
    """Keep what somebody tried who did not say, or prove, who they are: one event of a deed, a
    customer of a provider and a thing (id, name) once in a while; of more than there is room for,
    one that names neither. Nothing that was sent may be in it."""
    told = Event.objects.filter(verb__in=STRANGE, by=None, at__gt=now - ONCE_IN)
    is_too_much = told.count() >= MOST_STRANGE
    place = "" if is_too_much else customer_of(source)
    number, name = ("", "") if is_too_much else thing
    if told.filter(verb=deed, source=place, thing_id=number).exists():
        return
    record(
        deed,
        *("attempt", number, name),
        by=Author(user=None, name=STRANGER, source=place),
        now=now,
        after=None if is_too_much else after,
    )
