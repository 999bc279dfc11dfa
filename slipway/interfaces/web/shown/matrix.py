"""The state of the fleet: services down, environments across."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from slipway.core.finding.listings import BEHIND, SERVICES, ServiceState
from slipway.core.hosts.place_status import PlaceWord
from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.finding import (
    Chip,
    ListAsked,
    asked_of,
    bookmark_of,
    extent_of,
    mine_of,
    starred_of,
    why_nothing,
)
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import FAIL, RUN, WAIT, WARN, instance_mark, mark, word
from slipway.interfaces.web.shown.of_services.behind import Behind, behind_of
from slipway.interfaces.web.shown.of_services.languages import language_word
from slipway.interfaces.web.shown.of_services.teams import (
    TEAM,
    TeamHeading,
    headings_of,
    starred_heading,
    without_team,
)
from slipway.interfaces.web.shown.shapes import NO_TICKS, Tick, Ticks, ticks_of
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.fleet.instance_facts import InstanceFacts
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask.finding import unknown_service_labels
from slipway.records.rollouts.ask.overview import (
    ListedRollout,
    Overview,
    count_by_label,
    count_fleet,
    count_services,
    count_services_by_state,
    find_services,
    get_overview,
    list_starred,
)
from slipway.records.rows.finding.grouped import BY_TEAM

# What a glance asks for first; all that a list can be asked stands beside it.
_CHIPS = {
    ServiceState.ATTENTION: gettext_lazy("Attention"),
    ServiceState.RUNNING: gettext_lazy("Rolling out"),
    ServiceState.LOCKED: gettext_lazy("Locked"),
}


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One service in one environment; `rollout` is the id of the one under way, 0 for none, and
    `behind` how far it is behind an environment to its left."""

    environment: str
    version: str = ""
    others: int = 0
    behind: Behind | None = None
    drift: int = 0
    lock: str = ""
    rollout: int = 0
    doing: str = ""
    left: TimeLeft | None = None
    ticks: Ticks = NO_TICKS
    at: datetime | None = None
    by: str = ""
    is_ill: bool = False


@dataclass(frozen=True, slots=True)
class MatrixRow:
    name: str
    about: str
    cells: tuple[MatrixCell, ...]
    state: str  # running, attention, locked, well
    mark: str
    word: str
    icon: str  # "" where there is nothing to look at
    heading: TeamHeading | None  # of its team, above the first of that
    is_starred: bool


@require_GET
@pages.answered
def show_services(request: HttpRequest) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    asked = asked_of(request, SERVICES, {"search": "", "show": "state"})
    at = bookmark_of(request)
    starred = list_starred(actor, pages.PAGE, asked.asking)
    services = find_services(actor, asked.asking, pages.PAGE, at, BY_TEAM, starred)
    first = [] if at.key else starred  # they come first, and only there
    shown = [] if asked.problem else services
    environments = [environment.name for environment in list_environments(actor)]
    overview = get_overview(actor, [each.name for each in (*first, *services)], now)
    total = count_services(actor)
    counts = count_services_by_state(actor, _CHIPS, now)
    hosts, _instances = count_fleet(actor)
    return pages.show(
        request,
        "web/services.html",
        section="services",
        asked=asked,
        why_nothing=""
        if services or starred
        else why_nothing(unknown_service_labels(actor, asked.asking)),
        rows=[
            *starred_rows([] if asked.problem else first, environments, overview, len(starred)),
            *_rows(shown, environments, overview, count_by_label(actor, asked.asking, TEAM)),
        ],
        environments=environments,
        chips=_chips(total, counts, asked),
        summary=summary_of(total, hosts),
        may_add=actor.may(Action.MANAGE_SERVICE),
        may_deploy=any(
            actor.may(Action.DEPLOY, service=s.name, environment=e)
            for s in (*first, *services)
            for e in environments
        ),
        extent=None
        if asked.problem
        else extent_of(request, services, asked, len(first), len(starred)),
    )


def summary_of(services: int, hosts: int) -> str:
    """Return how large the fleet is, in words."""
    return " · ".join(
        (
            ngettext("%(n)s service", "%(n)s services", services) % {"n": services},
            ngettext("%(n)s host", "%(n)s hosts", hosts) % {"n": hosts},
        )
    )


def instance_tick(instance: InstanceFacts) -> Tick:
    """Return the tick of an instance: its mark, and where it is and how."""
    status = instance.status
    parts = (instance.place, instance.version_name, word(status.word), said(status.why))
    return Tick(instance_mark(status.word), " · ".join(part for part in parts if part))


def marks_of(instances: Iterable[InstanceFacts]) -> list[str]:
    """Return the marks that their ticks have."""
    return [instance_mark(instance.status.word) for instance in instances]


def _chips(total: int, counts: Mapping[ServiceState, int], asked: ListAsked) -> list[Chip]:
    return [
        asked.chip(_("All"), "state", "", total),
        *(asked.chip(str(_CHIPS[each]), "state", each.value, n) for each, n in counts.items()),
        asked.chip(_("Behind"), "state", BEHIND),
        starred_of(asked),
        mine_of(asked),
    ]


def _about(service: "ListedService", labels: Mapping[str, str]) -> str:
    said = (f"{key}={value}" if value else key for key, value in labels.items())
    return " · ".join((language_word(service.language), *said))


class ListedService(Protocol):
    """What is read of a service for its row."""

    name: str
    language: str
    labels: Any


def starred_rows(
    services: Sequence[ListedService],
    environments: Sequence[str],
    overview: Overview,
    count: int,
) -> list[MatrixRow]:
    """Return the rows of the services that the reader has starred, of so many in all."""
    headings = [starred_heading(count), *[None] * (len(services) - 1)]
    return [
        _row(each.name, _about(each, each.labels), environments, overview, heading, is_starred=True)
        for each, heading in zip(services, headings, strict=False)
    ]


def _rows(
    services: Sequence[ListedService],
    environments: Sequence[str],
    overview: Overview,
    counts: Mapping[str | None, int],
) -> list[MatrixRow]:
    """Return the rows of services below the names of their teams; `counts`: of how many each."""
    headings = headings_of([each.labels for each in services], counts)
    return [
        _row(each.name, _about(each, without_team(each.labels)), environments, overview, heading)
        for each, heading in zip(services, headings, strict=True)
    ]


def _row(
    service: str,
    about: str,
    environments: Sequence[str],
    overview: Overview,
    heading: TeamHeading | None,
    *,
    is_starred: bool = False,
) -> MatrixRow:
    versions = {each: list(overview.versions.get((service, each), ())) for each in environments}
    behind = behind_of(versions)
    cells = tuple(
        _cell(service, each, overview, found, behind.get(each)) for each, found in versions.items()
    )
    state = "well"
    if any(cell.rollout for cell in cells):
        state = "running"
    elif any(cell.is_ill for cell in cells):
        state = "attention"
    elif any(cell.lock for cell in cells):
        state = "locked"
    elif not any(cell.ticks.shown for cell in cells):
        state = "unused"
    looks = {
        "running": (RUN, _("Rolling out"), "run"),
        "attention": (FAIL, _("Attention"), "alert"),
        "locked": (WARN, _("Locked"), "lock"),
        "well": (WAIT, _("In order"), ""),
        "unused": (WAIT, _("Not deployed"), ""),
    }
    return MatrixRow(service, about, cells, state, *looks[state], heading, is_starred)


def _cell(
    service: str,
    environment: str,
    overview: Overview,
    versions: Sequence[NamedVersion],
    behind: Behind | None,
) -> MatrixCell:
    place = (service, environment)
    instances = overview.instances.get(place, [])
    active, latest = overview.active.get(place), overview.latest.get(place)
    lock = overview.locks.get(place)
    marks = marks_of(instances)
    return MatrixCell(
        environment=environment,
        version=versions[0].name if versions else "",
        others=max(0, len(versions) - 1),
        behind=behind,
        drift=sum(i.status.word == PlaceWord.DRIFTED for i in instances),
        lock=said(lock.cause or lock.reason) or _("Locked") if lock else "",
        rollout=active.id if active else 0,
        doing=_doing(active) if active else "",
        left=active.left if active else None,
        ticks=ticks_of(instances, marks, instance_tick) if instances else _coming(active),
        at=latest.at if latest else None,
        by=latest.by if latest else "",
        is_ill=FAIL in marks or WARN in marks,
    )


def _coming(active: ListedRollout | None) -> Ticks:
    """Show a first deployment too, whose instances are not there yet."""
    if active is None:
        return NO_TICKS
    states = list(active.progress.states.elements())
    return ticks_of(states, list(map(mark, states)), lambda state: Tick(mark(state), word(state)))


def _doing(active: ListedRollout) -> str:
    states = active.progress.states
    done = states["succeeded"] * 100 // max(1, states.total())
    return f"{word(active.kind)} · {word(active.state)} · {done} %"
