"""Who did what: events with filters, the newest first, and all of them to take along."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.events import kinds_of_events, thing_of, what_was_done
from slipway.interfaces.exports import MOST_EXPORTED, ExportFormat, audit_export
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.people.audit_filters import (
    DAYS,
    address_of,
    chips_of,
    filters_of,
    wanted_by,
)
from slipway.records.audit.queries import SeenEvent, Tally, list_events, tally_events
from slipway.records.fleet.queries import list_environments

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_LONGEST = 2000  # characters of one value
_MOST_PEOPLE = 8  # that are named beside the list
_FOLDERS = {  # of things whose name is their address
    "service": "services",
    "host": "hosts",
    "environment": "environments",
    "build_server": "build-servers",
    "user": "people",
}
_NEEDED = {"key": Action.MANAGE_HOST, "user": Action.MANAGE_ACCESS}  # to see its page


@dataclass(frozen=True, slots=True)
class EventView:
    at: datetime
    day: date
    by_name: str
    token: str
    source: str
    verb: str
    what: str
    is_refused: bool
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


@dataclass(frozen=True, slots=True)
class VerbGroup:
    label: str
    choices: tuple[VerbChoice, ...]


@require_GET
@pages.answered
def show_audit(request: HttpRequest) -> HttpResponse:
    filters, now = filters_of(request), timezone.now()
    try:
        return _page(request, filters, now)
    except Invalid as refused:
        # What was asked for stands in the fields; nothing is listed that was not.
        return _shown(request, filters, now, refused=refused)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Send all that the page with these filters lists."""
    filters, now = filters_of(request), timezone.now()
    try:
        kind = ExportFormat.JSON if request.GET.get("format") == "json" else ExportFormat.CSV
        return audit_export(request, kind, wanted_by(filters, now), filters, now)
    except Refused as refused:
        return pages.refusal(request, refused)


def _page(request: HttpRequest, filters: dict[str, str], now: datetime) -> HttpResponse:
    actor, wanted = asker(request), wanted_by(filters, now)
    older_than = pages.number_of(request.GET.get("older", "")) or None
    events = list_events(actor=actor, wanted=wanted, limit=pages.PAGE + 1, before_id=older_than)
    shown = events[: pages.PAGE]
    tally = tally_events(actor=actor, wanted=wanted, most=MOST_EXPORTED)
    older = ""
    if len(events) > pages.PAGE:
        older = address_of(filters, older=str(shown[-1].id))
    return _shown(
        request,
        filters,
        now,
        rows=[_view(event, actor) for event in shown],
        older=older,
        newest=address_of(filters) if older_than else "",
        tally=tally,
        answer=_answer(tally),
        people=[
            (name, count, address_of(filters, by="" if filters["by"] == name else name))
            for name, count in tally.people[:_MOST_PEOPLE]
        ],
        more_people=max(0, len(tally.people) - _MOST_PEOPLE),
    )


def _shown(
    request: HttpRequest,
    filters: dict[str, str],
    now: datetime,
    refused: Invalid | None = None,
    **context: Any,
) -> HttpResponse:
    environments = [each.name for each in list_environments(asker(request))]
    return pages.show(
        request,
        "web/audit.html",
        section="audit",
        status=notes.status_of(refused) if refused else 200,
        notes=[notes.note_of(refused)] if refused else [],
        is_refused=refused is not None,
        filters=filters,
        zone=timezone.get_current_timezone_name(),
        chips=chips_of(filters, now),
        verbs=_verbs(filters["verb"]),
        days=day_choices(DAYS),
        environments=environments,
        is_narrowed=any(filters.values()),
        csv=address_of(filters, "/audit/export", format="csv"),
        json=address_of(filters, "/audit/export", format="json"),
        **context,
    )


def _answer(tally: Tally) -> str:
    """Return the first line: how many did how much."""
    if tally.is_more:
        return _("More than %(count)s events.") % {"count": f"{tally.total:,}"}
    events = ngettext("%(count)s event", "%(count)s events", tally.total) % {
        "count": f"{tally.total:,}"
    }
    if not tally.total:
        return _("No event matches.")
    people = len(tally.people)
    by = tally.people[0][0] if people == 1 else str(people)
    return (
        _("%(events)s, by %(who)s.") % {"events": events, "who": by}
        if people == 1
        else _("%(events)s, by %(who)s different ones.") % {"events": events, "who": by}
    )


def _verbs(chosen: str) -> list[VerbGroup]:
    """Return all that can be chosen; what was asked for by its code is among it."""
    names = _kinds()
    groups = [
        VerbGroup(
            names.get(kind, kind),
            (
                VerbChoice(kind, _("all: %(kind)s") % {"kind": names.get(kind, kind)}),
                *(VerbChoice(each.code, said(each)) for each in deeds),
            ),
        )
        for kind, deeds in kinds_of_events().items()
    ]
    known = {choice.value for group in groups for choice in group.choices}
    if chosen and chosen not in known:
        groups.insert(0, VerbGroup(chosen, (VerbChoice(chosen, chosen),)))
    return groups


def _kinds() -> dict[str, str]:
    return {
        "attempt.": _("Attempts in vain"),
        "audit.": _("Audit"),
        "build.": _("Builds"),
        "build_server.": _("Build servers"),
        "claims.": _("Claims"),
        "environment.": _("Environments"),
        "grant.": _("Roles of people"),
        "host.": _("Hosts"),
        "instance.": _("Instances"),
        "key.": _("SSH keys"),
        "lock.": _("Locks"),
        "package.": _("Packages"),
        "release_rule.": _("Release rules"),
        "retention.": _("Tidying of packages"),
        "rollout.": _("Rollouts"),
        "secrets.": _("Secrets"),
        "service.": _("Services"),
        "token.": _("Tokens"),
        "user.": _("People and signing in"),
        "version.": _("Versions"),
    }


def day_choices(days: tuple[int, ...]) -> list[VerbChoice]:
    """Return lengths of time to choose from."""
    return [
        VerbChoice(str(day), ngettext("%(n)s day", "%(n)s days", day) % {"n": day}) for day in days
    ]


def _view(event: SeenEvent, actor: "Actor") -> EventView:
    return EventView(
        event.at,
        timezone.localtime(event.at).date(),
        event.by,
        event.token,
        event.source,
        event.verb,
        said(what_was_done(event.verb)),
        event.verb.startswith("attempt."),
        said(thing_of(event)),
        _address(event, actor),
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


def _address(event: SeenEvent, actor: "Actor") -> str:
    """Return where the thing is shown; "" where it is not, or not to whoever looks."""
    kind, name = event.thing_kind, event.thing_name
    if kind in _NEEDED and not actor.may(_NEEDED[kind]):
        return ""
    if kind in _FOLDERS:
        return f"/{_FOLDERS[kind]}/{quote(name, safe='')}"
    match kind:
        case "rollout":
            return f"/rollouts/{event.thing_id}"
        case "version" if event.service:
            return f"/services/{event.service}/versions/{name.removeprefix(f'{event.service} ')}"
        case "package":
            return f"/packages?service={event.service}"
        case "key":
            return "/keys"
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
