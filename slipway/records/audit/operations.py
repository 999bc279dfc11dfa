"""Writing down what happened: in the transaction of the change, as its last act."""

from datetime import datetime, timedelta
from typing import Any

from slipway.core.sentence import Sentence
from slipway.records.accounts.actors import Actor
from slipway.records.audit.models import Event
from slipway.records.fields.texts import storable

REFUSED = "attempt.refused"
ONCE_IN = timedelta(minutes=10)
MOST_REFUSED = 100  # events of one person in that time that name what was asked for


def record(  # noqa: PLR0913 - all of it belongs to one event
    verb: str,
    thing_kind: str,
    thing_id: object,
    thing_name: str,
    *,
    by: Actor,
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
        by=by.user,
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


def record_refused(by: Actor, now: datetime) -> None:
    """Keep what `by` was refused: the same once in a while, however often it is tried. The names
    are what was asked for: of one who goes on making them up it is kept without them."""
    for lacking in dict.fromkeys(by.refused):
        right = lacking.action.value
        told = Event.objects.filter(verb=REFUSED, by=by.user, at__gt=now - ONCE_IN)
        is_too_much = told.count() >= MOST_REFUSED
        service = "" if is_too_much else lacking.service[:64]
        environment = "" if is_too_much else lacking.environment[:64]
        told = told.filter(thing_id=right, service=service, environment=environment)
        if not told.exists():
            record(
                REFUSED,
                *("right", right, right),
                by=by,
                now=now,
                service=service,
                environment=environment,
            )
