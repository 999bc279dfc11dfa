"""Writing down what happened: in the transaction of the change, as its last act."""

from datetime import datetime
from typing import Any

from slipway.core.sentence import Sentence
from slipway.records.accounts.actors import Actor
from slipway.records.audit.models import Event
from slipway.records.fields.texts import storable


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
