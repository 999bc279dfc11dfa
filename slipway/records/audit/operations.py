"""Writing down what happened: in the transaction of the change, as its last act."""

from datetime import datetime, timedelta
from typing import Any

from slipway.core.sentence import Sentence
from slipway.records.accounts.actors import Actor
from slipway.records.audit.models import Event
from slipway.records.fields.texts import storable

REFUSED = "attempt.refused"
ONCE_IN = timedelta(minutes=10)


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
    """Keep what `by` was refused: the same once in a while, however often it is tried."""
    for lacking in dict.fromkeys(by.refused):
        right, service = lacking.action.value, lacking.service[:64]
        environment = lacking.environment[:64]
        told = Event.objects.filter(verb=REFUSED, thing_id=right, by=by.user, at__gt=now - ONCE_IN)
        if not told.filter(service=service, environment=environment).exists():
            record(
                REFUSED,
                *("right", right, right),
                by=by,
                now=now,
                service=service,
                environment=environment,
            )
