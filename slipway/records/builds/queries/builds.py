"""Questions about builds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from slipway.core.builds.orders import BuildOrder, ServerAccess, ServerKind
from slipway.core.builds.settings import parse_build
from slipway.core.builds.state import SEARCH_TIME, BuildStage, BuildState, SeenStatus
from slipway.core.words.refusal import NotFound
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import (
    Build,
    BuildLogPart,
    BuildOriginator,
    Delivery,
    Service,
    Version,
)
from slipway.records.catalog.queries.servers import get_access
from slipway.records.rows.facts import read_as
from slipway.records.rows.pages import Page

LONGEST_PAGE = 256 * 1024  # characters of a log
LET_GO = "(Only the end of this log is kept; the rest was let go ninety days after the build.)\n"


@dataclass(frozen=True, slots=True)
class LogPage:
    """A piece of a log, and where the next one begins (characters)."""

    text: str
    next: int
    size: int
    is_over: bool


def list_builds(
    actor: Actor, service: Service | None = None, limit: int = 50, offset: int = 0
) -> Page[Build]:
    """Return builds of a service, or of all that `actor` may see; the newest first."""
    builds = Build.objects.select_related(
        "version__service", "version__created_by", "server", "duplicate_of"
    ).filter(actor.visible(service="version__service__name"))
    if service is not None:
        builds = builds.filter(version__service=service)
    return Page(builds.order_by("-id"), limit, offset)


def get_build(build_id: int, actor: Actor | None = None) -> Build:
    """Raises NotFound, also for a build that `actor` may not see."""
    build = (
        Build.objects.select_related(
            "version__service", "version__created_by", "version__package", "server", "duplicate_of"
        )
        .filter(pk=build_id)
        .first()
    )
    if build is None or (actor and not actor.may(Action.VIEW, service=build.version.service.name)):
        raise NotFound("There is no build {build}.", build=build_id)
    return build


def get_build_of(version: Version) -> Build | None:
    """Return the build that made `version`, or tried to; None when it was uploaded."""
    names = ("server", "duplicate_of", "version__service", "version__created_by")
    return Build.objects.select_related(*names).filter(version=version).first()


def get_late_offers(service: Service) -> list[Build]:
    """Return builds that ended well after they were given up, and that nobody has taken."""
    names = ("version__service", "version__created_by", "server", "duplicate_of")
    builds = Build.objects.select_related(*names)
    late = builds.filter(version__service=service, late_at__isnull=False, superseded=False)
    return list(late.order_by("-late_at"))


def get_log(build: Build, start: int = 0, limit: int = LONGEST_PAGE) -> LogPage:
    """Return what the build has printed from the character `start` on. Of an old build that is the
    end, after a line that says so. `build` with its version loaded."""
    if build.stage == BuildStage.OVER and not build.log_parts.exists():
        return _end_of_log(build, start, limit)
    text = ""
    # The part that holds `start` began before it.
    rows = BuildLogPart.objects.filter(build=build).order_by("start")
    first = rows.filter(start__lte=start).last()
    for part in rows.filter(start__gte=first.start) if first else rows:
        text += part.text[max(start - part.start, 0) :]
        if len(text) >= limit:
            break
    text = text[:limit]
    is_over = build.stage == BuildStage.OVER
    return LogPage(text, start + len(text), build.log_size, is_over)


def _end_of_log(build: Build, start: int, limit: int) -> LogPage:
    kept = build.version.build_log
    whole = kept if len(kept) >= build.log_size else LET_GO + kept
    text = whole[start : start + limit]
    return LogPage(text, start + len(text), len(whole), True)


def get_state(build: Build) -> BuildState:
    """Return what `core.builds.decide` needs."""
    return read_as(
        BuildState,
        build,
        stage=BuildStage(build.stage),
        seen=SeenStatus(build.seen) if build.seen else None,
        cancel_wished_at=build.cancel_requested_at,
        status=VersionStatus(build.version.status),
        search_time=_search_time(build),
        ours=build.originator == BuildOriginator.ASKED,
        late=build.late_at is not None,
    )


def _search_time(build: Build) -> timedelta:
    # A command's folder is there as soon as anything was begun.
    is_here = build.server is not None and build.server.kind == ServerKind.COMMAND
    return timedelta(seconds=5) if is_here else SEARCH_TIME


def get_order(build: Build) -> BuildOrder:
    """Return what the build server is asked for. `build` with its server and version loaded."""
    settings = parse_build(build.settings)
    version, server = build.version, build.server
    access = get_access(server) if server else ServerAccess("", ServerKind.COMMAND, "")
    return BuildOrder(
        access=access,
        service=version.service.name,
        project=build.project,
        ref=version.ref,
        commit=version.commit,
        correlation=build.correlation,
        source=settings.source,
        variables={**settings.variables, **build.variables},
        declared=settings.declared,
        command=settings.command,
        time_limit=settings.time_limit,
        size_limit=settings.size_limit,
        memory_limit=settings.memory_limit,
        process_limit=settings.process_limit,
        network=settings.network,
    )


def get_service_order(name: str) -> BuildOrder | None:
    """Return an order for asking about the service's project; None when nobody builds it."""
    service = Service.objects.select_related("build_server").get(name=name)
    server = service.build_server
    if server is None:
        return None
    settings = parse_build(service.build)
    return BuildOrder(
        access=get_access(server),
        service=service.name,
        project=service.build_project,
        ref=service.default_ref,
        commit="",
        correlation="",
        source=settings.source,
        command=settings.command,
        time_limit=settings.time_limit,
        size_limit=settings.size_limit,
    )


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """What a webhook told, and what came of it; `build` is None, `version` and `server` "" where
    there is none."""

    id: int
    source: str
    event: str
    external_id: str
    ref: str
    commit: str
    service: str
    server: str
    source_address: str
    received_at: datetime
    handled_at: datetime | None
    outcome: Sentence | None
    build: int | None
    version: str

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the facts of a delivery whose names are loaded."""
        build = delivery.build
        return read_as(
            cls,
            delivery,
            service=delivery.service.name,
            server=delivery.server.name if delivery.server else "",
            build=build.pk if build else None,
            version=build.version.name if build else "",
        )


def list_deliveries(
    actor: Actor, service: Service | None = None, limit: int = 50, offset: int = 0
) -> Page[Delivery]:
    """Return what webhooks told us, the newest first."""
    deliveries = Delivery.objects.select_related("service", "server", "build__version").filter(
        actor.visible(service="service__name")
    )
    if service is not None:
        deliveries = deliveries.filter(service=service)
    return Page(deliveries.order_by("-received_at", "-id"), limit, offset)
