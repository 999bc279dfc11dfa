"""Which packages are needed, which may go, and how the passes over them went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import Any, Self

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from slipway.core.releasing.retention import NEEDED, KeptVersion, Need, retention
from slipway.core.words.refusal import NotFound
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.fleet.models import Instance
from slipway.records.releasing.models import RetentionRun
from slipway.records.rollouts.ask.forsaken import is_left_alone
from slipway.records.rollouts.models import Target, WellState
from slipway.records.rollouts.run.keeping import NAMED, OPEN
from slipway.records.rows.pages import Page

AT_ONCE = 500  # names in one question


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of the package of one version. `need` None: it goes."""

    service: str
    version: str
    created_at: datetime
    package_id: int
    sha256: str
    size: int  # bytes
    need: Need | None


@dataclass(frozen=True)
class Preview:
    """What a retention run would do now; the newest version of each service first."""

    fates: tuple[Fate, ...]

    @cached_property
    def going(self) -> tuple[Fate, ...]:
        """The versions whose packages go."""
        return tuple(fate for fate in self.fates if fate.need is None)

    @cached_property
    def package_ids(self) -> tuple[int, ...]:
        """The packages that go, each once."""
        return tuple(dict.fromkeys(fate.package_id for fate in self.going))

    @cached_property
    def freed_bytes(self) -> int:
        return sum({fate.package_id: fate.size for fate in self.going}.values())


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A retention run, and how it went; `service` None: of all, `requested_by` None: of the day."""

    id: int
    service: str | None
    daily: bool
    requested_at: datetime
    requested_by: str | None
    finished_at: datetime | None
    packages: int
    freed_bytes: int
    problem: Sentence | None

    @classmethod
    def of(cls, run: RetentionRun) -> Self:
        return cls(
            id=run.pk,
            service=run.service.name if run.service else None,
            daily=run.day is not None,
            requested_at=run.requested_at,
            requested_by=run.requested_by.get_username() if run.requested_by else None,
            finished_at=run.finished_at,
            packages=run.packages,
            freed_bytes=run.freed_bytes,
            problem=run.problem,
        )


def preview_retention(service: object = None, actor: Actor | None = None) -> Preview:
    """Return what would be let go, of one service (or its name) or of all that `actor` may see.
    Nothing is written down, nothing is removed."""
    versions = Version.objects.filter(package__isnull=False, package__removed_at=None)
    if service:
        versions = versions.filter(service__name=str(service))
    if actor is not None:
        versions = versions.filter(actor.visible(service="service__name"))
    reasons = _judged(versions)
    rows = versions.filter(pk__in=reasons).select_related("service", "package")
    return Preview(tuple(_fate(row, reasons[row.pk]) for row in _in_order(rows)))


def may_go(package: Package) -> bool:
    """Return whether no version of the package, of whichever service, needs it now."""
    return not any(_judged(Version.objects.filter(package=package)).values())


def list_not_kept(sha256s: Collection[str]) -> list[str]:
    """Return those that no package of ours is named by, or whose package was let go."""
    return _without(sha256s, Package.objects.filter(removed_at=None))


def list_unknown(sha256s: Collection[str]) -> list[str]:
    """Return those that no package of ours was ever named by."""
    return _without(sha256s, Package.objects.all())


def _without(sha256s: Collection[str], packages: QuerySet[Package]) -> list[str]:
    wanted, known = list(sha256s), set[str]()
    for start in range(0, len(wanted), AT_ONCE):
        some = packages.filter(sha256__in=wanted[start : start + AT_ONCE])
        known.update(some.values_list("sha256", flat=True))
    return [sha256 for sha256 in wanted if sha256 not in known]


def list_retention_runs(
    limit: int = 50, offset: int = 0, actor: Actor | None = None
) -> Page[RetentionRun]:
    """Return the newest first; runs over everything, and those of services that `actor` may see."""
    return Page(_runs(actor).order_by("-id"), limit, offset)


def get_retention_run(run_id: int, actor: Actor | None = None) -> RetentionRun:
    """Raises NotFound, also for a run of a service that `actor` may not see."""
    found = _runs(actor).filter(pk=run_id).first()
    if found is None:
        raise NotFound("There is no retention run {number}.", number=run_id)
    return found


def list_forsaken_runs(now: datetime, limit: int) -> list[Sentence]:
    """Return up to `limit` runs that nobody goes on with, each named."""
    runs = RetentionRun.objects.filter(is_left_alone(now)).order_by("pk")[:limit]
    template = "look at the packages {number}"
    return [Sentence.of("left_retention", template, number=run.pk) for run in runs]


def _runs(actor: Actor | None) -> QuerySet[RetentionRun]:
    runs = RetentionRun.objects.select_related("service", "requested_by")
    if actor is not None and (seen := actor.visible(service="service__name")):
        runs = runs.filter(Q(service=None) | seen)
    return runs


def _judged(asked: QuerySet[Version]) -> dict[int, Need | None]:
    """Return, by version, why its package stays; None: it goes."""
    packages = Package.objects.filter(removed_at=None, versions__in=asked)
    # A package that several services share is judged by all of them, each with all its versions.
    services = Service.objects.filter(versions__package__in=packages)
    rows = Version.objects.filter(
        service__in=services, package__isnull=False, package__removed_at=None
    )
    known = [
        KeptVersion(pk, service, package)
        for pk, service, package in _in_order(rows).values_list("pk", "service", "package")
        if package is not None
    ]
    limits = dict(services.values_list("pk", "keep_versions").distinct())
    reasons = retention(known, _needs(), limits)
    wanted = set(asked.values_list("pk", flat=True))
    return {pk: reason for pk, reason in reasons.items() if pk in wanted}


def _needs() -> dict[int, Need]:
    """Return, by version, what it is needed for: what hosts keep is asked of the same rows.

    One statement, so that a version on its way from one of these places to another is seen in one
    of them.
    """
    names = ("seen_version", "seen_link", "seen_drained_by")
    is_named = reduce(or_, (Q(**{name: OuterRef("name")}) for name in names))
    seen_here = Instance.objects.filter(is_named, service=OuterRef("service"))
    planned = Target.objects.filter(OPEN)
    well = WellState.objects.filter(closed_at=None)
    places: list[tuple[Need, QuerySet[Any], str]] = [
        (Need.ROLLOUT, planned, "to_version"),
        (Need.ROLLOUT, planned, "from_version"),
        *((Need.ROLLOUT, planned, f"{column}__version") for column in NAMED),
        (Need.WANTED, Instance.objects.all(), "version"),
        (Need.SEEN, Version.objects.filter(Exists(seen_here)), "pk"),
        (Need.PREVIOUS, Instance.objects.all(), "previous_version"),
        (Need.PREVIOUS, Instance.objects.all(), "owed__version"),
        (Need.RAN, well, "release__version"),
    ]
    rows = [
        places_of.filter(**{f"{column}__isnull": False}).values_list(
            F(column), Value(NEEDED.index(need))
        )
        for need, places_of, column in places
    ]
    needs: dict[int, int] = {}
    for version, rank in rows[0].union(*rows[1:]):
        needs[version] = min(rank, needs.get(version, rank))
    return {version: NEEDED[rank] for version, rank in needs.items()}


def _in_order(versions: QuerySet[Version]) -> QuerySet[Version]:
    return versions.order_by("service__name", "-created_at", "-id")


def _fate(version: Version, need: Need | None) -> Fate:
    package = version.package
    assert package is not None, "only versions with a package are judged"
    return Fate(
        service=version.service.name,
        version=version.name,
        created_at=version.created_at,
        package_id=package.pk,
        sha256=package.sha256,
        size=package.size,
        need=need,
    )
