"""What one version is, how it is built, where it runs, and where it could go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.core.words.versions import VersionStatus
from slipway.interfaces.downloads import package_of
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.builds import build_log
from slipway.interfaces.web.builds.build_log import ReadLog
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.words import FAIL
from slipway.interfaces.web.services.service import as_yaml
from slipway.interfaces.web.services.way.instances import instance_view
from slipway.interfaces.web.services.way.lacks import lacks_of
from slipway.interfaces.web.services.way.places import worst_first
from slipway.interfaces.web.services.way.promotion import (
    changes_since,
    destination_views,
    main_step_of,
)
from slipway.interfaces.web.services.way.stations import answer_of, bands_of, stations_of
from slipway.interfaces.web.services.way.trust import trust_of
from slipway.interfaces.web.services.withdrawals import withdrawals_of
from slipway.interfaces.web.shown import building
from slipway.interfaces.web.shown.commits import ASKING
from slipway.interfaces.web.shown.headline import Headline
from slipway.records.builds.build_facts import BuildFacts
from slipway.records.builds.queries.builds import get_build, get_build_of, get_log
from slipway.records.builds.queries.lists import get_version_of_build
from slipway.records.catalog.operations.downloads import note_download
from slipway.records.catalog.queries.services import (
    address_shown,
    get_package_ref,
    get_service,
    get_version,
    spec_shown,
    variables_shown,
)
from slipway.records.catalog.version_facts import VersionFacts
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask.destinations import destinations_of
from slipway.records.rollouts.ask.history import list_stays
from slipway.records.rollouts.ask.overview import get_overview

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_LIVE, _CALM = 2, 15  # seconds between two looks: while something happens, and after
_MOST_STAYS = 200
_FEW = 12  # instances and stays shown, before somebody asks for all


@dataclass(frozen=True, slots=True)
class BuildView:
    """The build of a version, as one person sees it. `ending` says why it cannot be cancelled."""

    id: int
    is_over: bool
    sentence: Headline
    trouble: building.Trouble | None
    server: str
    project: str
    by: str
    external_id: str
    variables: tuple[str, ...]
    created_at: datetime
    finished_at: datetime | None
    took: timedelta
    limit: timedelta
    late_at: datetime | None
    may_build: bool
    is_ending: bool


@require_GET
@pages.answered
def show_version(request: HttpRequest, name: str, version_name: str) -> HttpResponse:
    version = get_version(get_service(name, asker(request)), version_name)
    build = get_build_of(version)
    return pages.show(
        request,
        "web/version.html",
        section="services",
        **_shown(
            request,
            VersionFacts.of(version),
            BuildFacts.of(build) if build else None,
            has_log=bool(version.build_log),
        ),
        log=_log(request, partial(get_log, build) if build else None, version.build_log),
        log_address=f"/builds/{build.pk}/log" if build else "",
    )


@require_GET
@pages.answered
def show_parts(request: HttpRequest, name: str, version_name: str) -> HttpResponse:
    """Show what changes of a version's page: all but the log."""
    version = get_version(get_service(name, asker(request)), version_name)
    build = get_build_of(version)
    facts = VersionFacts.of(version), BuildFacts.of(build) if build else None
    shown = _shown(request, *facts, has_log=bool(version.build_log))
    return pages.show(request, "web/version/parts.html", **shown)


@require_GET
@pages.answered
def show_parts_of_build(request: HttpRequest, build_id: int) -> HttpResponse:
    """Show the same by the number of the build: the version's name may change meanwhile."""
    build = BuildFacts.of(get_build(build_id, asker(request)))
    version = VersionFacts.of(get_version_of_build(build.id))
    shown = _shown(request, version, build, has_log=bool(build.log_size))
    return pages.show(request, "web/version/parts.html", **shown)


@require_GET
def download(request: HttpRequest, name: str, version_name: str) -> HttpResponseBase:
    """Send the stored package, as it was taken in."""
    try:
        service = get_service(name, asker(request))
        asker(request).require_somewhere(Action.UPLOAD, service=service.name)
        version = get_version(service, version_name)
        return package_of(request, get_package_ref(version), partial(note_download, version))
    except Refused as refused:
        return pages.refusal(request, refused)


def _shown(
    request: HttpRequest, version: VersionFacts, build: BuildFacts | None, *, has_log: bool
) -> dict[str, Any]:
    service, named, actor, now = version.service, version.named, asker(request), timezone.now()
    shows_all = request.GET.get("all") == "1"
    overview = get_overview(actor, [service], now)
    address = f"/services/{service}/versions/{version.name}"
    environments = [environment.name for environment in list_environments(actor)]
    is_under_way = build is not None and not build.is_over
    withdrawals = withdrawals_of(service, version.name, environments, actor)
    is_wanted = is_under_way or version.status is VersionStatus.SUCCESS
    changes = changes_since(service, named, environments, overview, now) if is_wanted else []
    is_asking = any(one.state == ASKING for one in changes)
    ran = list_stays(service, named, actor)
    stations = stations_of(version, build, environments, overview, withdrawals.held, actor)
    wrong = [station for station in stations if station.name and station.mark == FAIL]
    runs = worst_first(
        [
            instance
            for instances in overview.instances.values()
            for instance in instances
            if instance.version == named
        ]
    )
    most = len(runs) + _MOST_STAYS if shows_all else _FEW
    lacks = lacks_of(version, actor, address)
    is_ready = version.can_go and lacks is None
    held = withdrawals.environments
    destinations = destinations_of(version, overview, held, actor, now) if is_ready else []
    stays = [stay for of in ran.values() for stay in of]
    return {
        "service": service,
        "address": address,
        "parts": (f"/builds/{build.id}/parts" if build else f"{address}/parts")
        + ("?all=1" if shows_all else ""),
        "has_log": is_under_way or bool(build.log_size if build else has_log),
        "refresh": _LIVE if is_under_way or is_asking else _CALM,
        "version": {
            "name": version.name,
            "status": version.status.word,
            "ref": version.ref,
            "commit": named.commit,
            "description": version.description,
            "created_at": named.created_at,
            "by": version.by,
            "package": version.package,
            "removed_at": version.removed_at,
            "may_download": actor.may_somewhere(Action.UPLOAD, service=service),
            "build_url": building.web_address(version.build_url),
        },
        "build": _build_view(build, actor, now) if build else None,
        "runs": [instance_view(instance, actor) for instance in runs[:most]],
        "runs_more": max(0, len(runs) - most),
        "stays": stays[: min(most, _MOST_STAYS)],
        "stays_more": max(0, len(stays) - min(most, _MOST_STAYS)),
        "is_whole": shows_all,
        "ran": bands_of(ran, now),
        "stations": stations,
        "wrong": wrong,
        "answer": answer_of(stations, can_start=lacks is None)
        if version.status is VersionStatus.SUCCESS
        else None,
        "changes": changes,
        "spec": as_yaml(spec_shown(version.spec, service, actor)),
        "withdrawals": withdrawals,
        "lacks": lacks,
        "trust": trust_of(
            version,
            build,
            address_shown(build.project, service, actor) if build else "",
            building.web_address(version.build_url),
        ),
        "main": main_step_of(
            service, named, actor, overview, destinations, {station.name for station in wrong}
        )
        if is_ready
        else None,
        "destinations": destination_views(service, named, destinations, actor),
    }


def _build_view(build: BuildFacts, actor: "Actor", now: datetime) -> BuildView:
    service = build.service
    return BuildView(
        id=build.id,
        is_over=build.is_over,
        sentence=building.sentence_of_build(build, now),
        trouble=building.trouble_of(build, now),
        server=build.server,
        project=address_shown(build.project, service, actor),
        by=building.asker_of(build),
        external_id=build.external_id,
        variables=tuple(
            f"{key}={value}"
            for key, value in variables_shown(build.variables, service, actor).items()
        ),
        created_at=build.created_at,
        finished_at=build.finished_at,
        took=(build.finished_at or now) - build.created_at,
        limit=build.deadline_at - build.created_at,
        late_at=build.late_at,
        may_build=actor.may(Action.BUILD, service=service),
        is_ending=build.cancel_requested_at is not None,
    )


def _log(request: HttpRequest, read: ReadLog | None, uploaded: str) -> build_log.Lines | None:
    """Return the lines that come with the page: the last ones, or those from `start` on."""
    if read is None:
        return build_log.lines_of(uploaded) if uploaded else None
    if "start" not in request.GET:
        return build_log.read_end(read)
    start = pages.number_of(request.GET["start"])
    return build_log.read_on(read, start, build_log.line_at(read, start))
