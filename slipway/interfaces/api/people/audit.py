"""The audit: who did what to which thing."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.reasons import WithReason
from slipway.interfaces.api.frame.values import Id, Limit, Line, answers
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.events import thing_of, what_was_done
from slipway.interfaces.exports import ExportFormat, audit_export
from slipway.records.audit import queries
from slipway.records.rollouts.ask.of_hosts import events_of_host

router = Router(tags=["audit"])
_ROWS = {"type": "array", "items": {"type": "object"}}
_SENT = {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": _ROWS}}
EXPORT: dict[str, Any] = {"responses": {200: {"content": _SENT}}}


class EventOut(WithReason):
    id: int
    at: datetime
    by: str
    token: str
    source: str
    verb: str
    what: str  # the verb in words
    thing_kind: str
    thing_id: str
    thing_name: str
    service: str
    environment: str
    before: Any
    after: Any

    @staticmethod
    def resolve_what(event: queries.SeenEvent) -> str:
        return what_was_done(event.verb).english

    @staticmethod
    def resolve_thing_name(event: queries.SeenEvent) -> str:
        return thing_of(event).english


class Events(Schema):
    items: list[EventOut]
    next: int | None  # what to send as `before` for the events that came earlier


class Narrowing(Schema):
    """What narrows the list; each may be left out."""

    verb: Line = ""
    thing: Line = ""
    service: Line = ""
    environment: Line = ""
    by: Line = ""
    host: Line = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def wanted(self) -> queries.EventFilter:
        return queries.EventFilter(
            verb=self.verb,
            named=self.thing,
            service=self.service,
            environment=self.environment,
            by=self.by,
            about=events_of_host(self.host) if self.host else None,
            since=_in_zone(self.since),
            until=_in_zone(self.until),
        )


@router.get("", response=answers(Events))
@policy(Action.VIEW, Over.VISIBLE)
def list_events(
    request: HttpRequest, asked: Query[Narrowing], limit: Limit = 50, before: Id | None = None
) -> dict[str, object]:
    """List what one may see, the newest first; a verb that ends with a dot is a beginning. `by`:
    who did it, "slipway" for the system itself. `thing`: a part of what the thing is called, the
    name of its service, or `#12` for a rollout. `host`: what was done to it, to its instances, or
    by rollouts there."""
    events = queries.list_events(
        actor=asker(request), wanted=asked.wanted, limit=limit, before_id=before
    )
    return {"items": events, "next": events[-1].id if len(events) == limit else None}


@router.get("/export", response=answers(None), openapi_extra=EXPORT)
@policy(Action.VIEW, Over.VISIBLE)
def export_events(
    request: HttpRequest, asked: Query[Narrowing], format: ExportFormat = ExportFormat.CSV
) -> HttpResponseBase:
    """Send what such a list holds, the newest 20,000 of it, in one stream; that is audited, too."""
    said = {name: str(value) for name, value in asked.dict().items() if value}
    return audit_export(request, format, asked.wanted, said, timezone.now())


def _in_zone(at: datetime | None) -> datetime | None:
    """In UTC: PostgreSQL refuses zones further away than Python knows."""
    if at is None or at.tzinfo is None:
        return at.replace(tzinfo=UTC) if at else None
    try:
        return at.astimezone(UTC)
    except OverflowError:  # in the first or the last hours that there are
        return at.replace(tzinfo=UTC)
