"""Builds as lists show them: without what builds printed, which may be megabytes."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.builds.build_facts import BuildFacts
from slipway.records.catalog.models import (
    Build,
    Comparison,
    Version,
)
from slipway.records.rows.pages import Page
from slipway.records.rows.texts import is_storable

WENT_WRONG = (VersionStatus.FAILED, VersionStatus.TIMEOUT)


def list_builds_shown(
    actor: Actor,
    *,
    service: str = "",
    status: VersionStatus | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[Build]:
    """Return the builds that `actor` may see, the newest first; of services that hold `service`
    in their name."""
    builds = _builds(actor)
    if service:
        wanted = service if is_storable(service) else ""
        builds = builds.filter(version__service__name__icontains=wanted)
    if status is not None:
        builds = builds.filter(version__status=status)
    return Page(builds.order_by("-id"), limit, offset)


def list_builds_under_way(actor: Actor) -> Sequence[BuildFacts]:
    """Return the builds that are not over, the newest first."""
    found = _builds(actor).filter(finished_at=None).order_by("-id")
    return list(map(BuildFacts.of, found))


def list_builds_gone_wrong(
    actor: Actor, since: datetime, limit: int = 20, offset: int = 0
) -> Page[Build]:
    """Return the builds that failed or took too long after `since`, the newest first; none that a
    person cancelled, and none that a later one of the same ref has followed: one that was cancelled
    says nothing about it."""
    later = Build.objects.filter(
        version__service=OuterRef("version__service"),
        version__ref=OuterRef("version__ref"),
        pk__gt=OuterRef("pk"),
        cancel_requested_at=None,
    )
    ended = _builds(actor).filter(version__status__in=WENT_WRONG, finished_at__gte=since)
    left = ended.filter(~Exists(later), cancel_requested_at=None)
    return Page(left.order_by("-finished_at", "-id"), limit, offset)


def get_builds_of(versions: Collection[int]) -> dict[int, BuildFacts]:
    """Return the builds of versions, by the version's id; uploaded ones have none."""
    found = _named().filter(version__in=versions)
    return {build.version_id: BuildFacts.of(build) for build in found}


def get_version_of_build(build_id: int) -> Version:
    """Return the version that a build makes. Raises Version.DoesNotExist."""
    versions = Version.objects.select_related("service", "package", "created_by", "build")
    return versions.get(build=build_id)


def list_comparisons(service: str, pairs: Iterable[tuple[str, str]]) -> list[Comparison]:
    """Return the comparisons that were asked for, of those pairs (base, head) of commits."""
    wanted = set(pairs)
    bases, heads = {base for base, _ in wanted}, {head for _, head in wanted}
    found = Comparison.objects.filter(service__name=service, base__in=bases, head__in=heads)
    return [one for one in found if (one.base, one.head) in wanted]


def _builds(actor: Actor) -> QuerySet[Build]:
    return _named().filter(actor.visible(service="version__service__name"))


def _named() -> QuerySet[Build]:
    names = ("version__service", "version__created_by", "server", "duplicate_of")
    return Build.objects.select_related(*names)
