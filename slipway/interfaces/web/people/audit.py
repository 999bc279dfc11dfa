"""Who did what: events with filters, the newest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.events import thing_of, what_was_done
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.saying import said
from slipway.records.audit.queries import list_events
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask.of_hosts import events_of_host

if TYPE_CHECKING:
    from slipway.records.audit.models import Event

_DAYS = (1, 7, 30, 90)
_LONGEST = 2000  # characters of one value
_VERBS = (
    "rollout.",
    "build.",
    "lock.",
    "host.",
    "service.",
    "version.",
    "package.",
    "release_rule.",
    "build_server.",
    "environment.",
    "token.",
    "user.",
    "claims.",
    "attempt.",
)


@dataclass(frozen=True, slots=True)
class EventView:
    at: datetime
    by_name: str
    token: str
    source: str
    verb: str
    what: str
    thing_name: str
    url: str
    service: str
    environment: str
    reason: str
    before: bool
    after: bool
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerbChoice:
    value: str
    label: str


@require_GET
@pages.answered
def show_audit(request: HttpRequest) -> HttpResponse:
    names = ("verb", "service", "environment", "by", "host", "days")
    filters = {name: request.GET.get(name, "").strip() for name in names}
    days = int(filters["days"]) if filters["days"] in {str(day) for day in _DAYS} else 0
    events = list_events(
        actor=asker(request),
        verb=filters["verb"] or None,
        service=filters["service"] or None,
        environment=filters["environment"] or None,
        by=filters["by"] or None,
        about=events_of_host(filters["host"]) if filters["host"] else None,
        since=timezone.now() - timedelta(days=days) if days else None,
        limit=pages.PAGE + 1,
        before_id=pages.number_of(request.GET.get("before", "")) or None,
    )
    shown = events[: pages.PAGE]
    older = ""
    if len(events) > pages.PAGE:
        query = request.GET.copy()
        query["before"] = str(shown[-1].pk)
        older = f"?{query.urlencode()}"
    return pages.show(
        request,
        "web/audit.html",
        section="audit",
        rows=[_view(event) for event in shown],
        filters=filters,
        older=older,
        verbs=_VERBS,
        days=day_choices(_DAYS),
        environments=[environment.name for environment in list_environments(asker(request))],
    )


def day_choices(days: tuple[int, ...]) -> list[VerbChoice]:
    """Return lengths of time to choose from."""
    return [
        VerbChoice(str(day), ngettext("%(n)s day", "%(n)s days", day) % {"n": day}) for day in days
    ]


def _view(event: "Event") -> EventView:
    return EventView(
        event.at,
        event.by_name,
        event.token,
        event.source,
        event.verb,
        said(what_was_done(event.verb)),
        said(thing_of(event)),
        _address(event),
        event.service,
        event.environment,
        said(event.cause or event.reason),
        bool(event.before),
        bool(event.after),
        tuple(_changes(event.before or {}, event.after or {})),
    )


def _short(value: object) -> str:
    """A spec, say, may be longer than all else on the page: the API has it whole."""
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _address(event: "Event") -> str:
    match event.thing_kind:
        case "rollout":
            return f"/rollouts/{event.thing_id}"
        case "service":
            return f"/services/{event.thing_name}"
        case "host":
            return f"/hosts/{event.thing_name}"
        case "build_server":
            return f"/build-servers/{event.thing_name}"
        case "package":
            return f"/packages?service={event.service}"
        case _:
            return ""


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    if not before:
        return [f"{name}: {_short(value)}" for name, value in after.items()]
    names = list(dict.fromkeys((*before, *after)))
    return [
        f"{name}: {_short(before.get(name, '–'))} → {_short(after.get(name, '–'))}"
        for name in names
        if before.get(name) != after.get(name)
    ]
