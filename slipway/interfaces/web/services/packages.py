"""Stored packages: how large, used where; which of them nothing needs, and letting those go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from slipway.core.releasing.retention import Need
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.choosing import choice_of, searched
from slipway.interfaces.web.frame.finding import how_much
from slipway.interfaces.web.frame.saying import said
from slipway.records.catalog.package_facts import PackageFacts
from slipway.records.catalog.queries.packages import list_packages
from slipway.records.catalog.queries.services import get_service, service_names
from slipway.records.fleet.usage import environments_of_versions
from slipway.records.releasing.operations.retention import request_retention_run
from slipway.records.releasing.retention import (
    RunFacts,
    count_kept,
    list_retention_runs,
    preview_retention,
)

_MOST_GOING = 50  # named
_MOST_RUNS = 5
_WHY = {
    Need.ROLLOUT: gettext_lazy("an open rollout needs it"),
    Need.WANTED: gettext_lazy("it runs"),
    Need.SEEN: gettext_lazy("it was seen running"),
    Need.PREVIOUS: gettext_lazy("the way back"),
    Need.RAN: gettext_lazy("it ran well where something runs now"),
    Need.ALL: gettext_lazy("its service keeps everything"),
    Need.NEWEST: gettext_lazy("one of the newest"),
    Need.SHARED: gettext_lazy("another version has the same bytes"),
}


@dataclass(frozen=True, slots=True)
class VersionOfPackage:
    service: str
    name: str
    runs_in: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class PackageRow:
    """`goes`: nothing needs it; `removed_at`: it went."""

    sha256: str
    filename: str
    size: int
    created_at: datetime
    removed_at: datetime | None
    goes: bool
    versions: tuple[VersionOfPackage, ...]


@dataclass(frozen=True, slots=True)
class RunRow:
    by: str
    service: str
    requested_at: datetime
    finished_at: datetime | None
    packages: int
    freed: int
    problem: str


@require_GET
@pages.answered
def show_packages(request: HttpRequest) -> HttpResponse:
    actor = asker(request)
    name = request.GET.get("service", "").strip()
    service = get_service(name, actor) if name else None
    find = searched(request.GET.get("find", ""))
    packages = list_packages(
        actor,
        service=service,
        limit=pages.PAGE,
        offset=(pages.page_number(request) - 1) * pages.PAGE,
    )
    preview = preview_retention(service=service, actor=actor)
    runs = list_retention_runs(limit=_MOST_RUNS, actor=actor)
    found = list(map(PackageFacts.of, packages))
    ids = [version.id for package in found for version in package.versions]
    count, size = count_kept(service, actor)
    return pages.show(
        request,
        "web/packages.html",
        section="packages",
        rows=list(_rows(found, preview.why(ids), environments_of_versions(actor, ids))),
        total=ngettext("%(n)s package", "%(n)s packages", count) % {"n": count},
        size=size,
        service=name,
        services=choice_of(service_names(actor), find, [name]),
        going=preview.going[:_MOST_GOING],
        going_more=max(0, len(preview.going) - _MOST_GOING),
        going_count=len(preview.package_ids),
        freed=preview.freed_bytes,
        runs=[_run(RunFacts.of(run)) for run in runs],
        runs_shown=how_much(runs),
        may_run=actor.may(Action.MANAGE_SERVICE, service=name),
        may_set=bool(service) and actor.may(Action.MANAGE_SERVICE, service=name),
        pages=pages.pages_of(request, packages.total),
    )


@require_POST
@pages.answered
def run_retention(request: HttpRequest) -> HttpResponse:
    """Have a worker let go what nothing needs; of one service, or of all."""
    actor = asker(request)
    name = request.POST.get("service", "").strip()
    service = get_service(name, actor) if name else None
    return pages.attempt(
        request,
        lambda: request_retention_run(service=service, by=actor, now=timezone.now()),
        back=f"/packages?{urlencode({'service': name})}" if name else "/packages",
        done=_("A worker looks at the packages now."),
    )


def _rows(
    packages: Iterable[PackageFacts], needs: dict[int, Need | None], places: dict[int, list[str]]
) -> Iterable[PackageRow]:
    for package in packages:
        versions = tuple(
            VersionOfPackage(
                version.service,
                version.name,
                tuple(places.get(version.id, ())),
                _why(needs.get(version.id)),
            )
            for version in package.versions
        )
        yield PackageRow(
            sha256=package.sha256,
            filename=", ".join(package.filenames),
            size=package.size,
            created_at=package.created_at,
            removed_at=package.removed_at,
            goes=any(needs.get(each.id, Need.ALL) is None for each in package.versions),
            versions=versions,
        )


def _why(need: Need | None) -> str:
    return str(_WHY[need]) if need else ""


def _run(run: RunFacts) -> RunRow:
    return RunRow(
        by=_("every day") if run.daily else run.requested_by or "",
        service=run.service or "",
        requested_at=run.requested_at,
        finished_at=run.finished_at,
        packages=run.packages,
        freed=run.freed_bytes,
        problem=said(run.problem),
    )
