"""Which packages are needed, which may go, and how the passes over them went."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.functions import RowNumber

from slipway.core.releasing.retention import NEEDED, KeptVersion, Need, retention
from slipway.core.words.refusal import NotFound
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Package, Release, Service, Version
from slipway.records.fleet.models import Instance
from slipway.records.releasing.models import RetentionRun
from slipway.records.rollouts.ask.driving import is_left_alone
from slipway.records.rollouts.models import TO_BE_DRIVEN, Rollout, Target, WellState
from slipway.records.rollouts.run.keeping import NAMED
from slipway.records.rows.facts import read_as
from slipway.records.rows.pages import Page

AT_ONCE = 500  # names in one question
_NEWEST_FIRST = ("-created_at", "-id")
# Two services that stand for all: one that keeps nothing more, and one that keeps everything.
_OLD, _STAYING = 0, 1
_COLUMNS = (  # of a fate, after the key
    *("pk", "service__name", "name", "created_at"),
    *("package", "package__sha256", "package__size"),
)
_SEEN = ("seen_version", "seen_link", "seen_drained_by")  # names that a host tells


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
    """What a retention run would let go now; the newest version of each service first. `needs`: by
    version, what any is needed for; `old`: why those stay that are beyond what their services keep,
    None of those that go."""

    going: tuple[Fate, ...]
    needs: Mapping[int, Need]
    old: Mapping[int, Need | None]

    @cached_property
    def package_ids(self) -> tuple[int, ...]:
        """The packages that go, each once."""
        return tuple(dict.fromkeys(fate.package_id for fate in self.going))

    @cached_property
    def freed_bytes(self) -> int:
        return sum({fate.package_id: fate.size for fate in self.going}.values())

    def why(self, versions: Collection[int]) -> dict[int, Need | None]:
        """Return, by version, why its package stays; None: it goes. Nothing is said of what was let
        go before."""
        kept = _kept(None, None).filter(pk__in=versions).values_list("pk", "service__keep_versions")
        return {pk: self._why(pk, keeps_all=limit is None) for pk, limit in kept}

    def _why(self, version: int, *, keeps_all: bool) -> Need | None:
        if version in self.needs or version in self.old:
            return self.needs.get(version) or self.old[version]
        return Need.ALL if keeps_all else Need.NEWEST


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
        return read_as(
            cls,
            run,
            service=run.service.name if run.service else None,
            daily=run.day is not None,
            requested_by=run.requested_by.get_username() if run.requested_by else None,
        )


def preview_retention(service: object = None, actor: Actor | None = None) -> Preview:
    """Return what would be let go, of one service (or its name) or of all that `actor` may see.
    Nothing is written down or removed. As many questions, however many versions there are."""
    needs = _needs()
    rows = {pk: (pk, *row) for pk, *row in _old().values_list(*_COLUMNS)}
    known = [KeptVersion(pk, _OLD, row[4]) for pk, row in rows.items()]
    # What else is made of the same packages, which then stay with it.
    # Counted as rows, not as ids: an index knows of packages alone, the rows are long.
    of_several = Version.objects.order_by().values("package").alias(of=Count("*")).filter(of__gt=1)
    shared = Version.objects.filter(package__in=of_several)
    known += [
        KeptVersion(pk, _STAYING, package)
        for pk, package in shared.values_list("pk", "package")
        if package is not None and pk not in rows
    ]
    reasons = retention(known, needs, {_OLD: 0})
    going = [row for pk, row in rows.items() if reasons.get(pk) is None]
    old = {pk: reasons[pk] for pk in rows}
    if service or (actor is not None and actor.visible(service="service__name")):
        seen = set(_kept(service, actor).values_list("pk", flat=True))
        going = [row for row in going if row[0] in seen]
    return Preview(tuple(_fate(row, None) for row in _sorted(going)), needs, old)


def _old() -> QuerySet[Version]:
    """Return the versions, of all services, beyond the number of packages that theirs keeps: only
    they may be let go."""
    limited = _kept(None, None).filter(service__keep_versions__isnull=False)
    place = Window(RowNumber(), partition_by="service", order_by=_NEWEST_FIRST)
    return limited.annotate(place=place).filter(place__gt=F("service__keep_versions"))


def list_fates(service: object = None, actor: Actor | None = None) -> Sequence[Fate]:
    """Return what becomes of each package in the store, likewise."""
    kept = _kept(service, actor)
    needs = _judged(kept, _needs())
    rows = [row for row in kept.values_list(*_COLUMNS) if row[0] in needs]
    return [_fate(row, needs[row[0]]) for row in _sorted(rows)]


def count_kept(service: object = None, actor: Actor | None = None) -> tuple[int, int]:
    """Return how many packages are in the store, and how large all of them are together."""
    seen = _seen(Version.objects.filter(package__isnull=False), service, actor)
    packages = Package.objects.filter(removed_at=None, pk__in=seen.values("package"))
    counted = packages.aggregate(count=Count("pk"), size=Sum("size"))
    return counted["count"], counted["size"] or 0


def _kept(service: object, actor: Actor | None) -> QuerySet[Version]:
    """Return the versions whose package is in the store."""
    versions = Version.objects.filter(package__isnull=False, package__removed_at=None)
    return _seen(versions, service, actor)


def _seen(versions: QuerySet[Version], service: object, actor: Actor | None) -> QuerySet[Version]:
    if service:
        versions = versions.filter(service__name=str(service))
    return versions.filter(actor.visible(service="service__name")) if actor else versions


def may_go(package: Package) -> bool:
    """Return whether no version of the package, of whichever service, needs it now."""
    return not any(_judged(Version.objects.filter(package=package), _needs()).values())


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


def _judged(asked: QuerySet[Version], needs: Mapping[int, Need]) -> dict[int, Need | None]:
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
    reasons = retention(known, needs, limits)
    wanted = set(asked.values_list("pk", flat=True))
    return {pk: reason for pk, reason in reasons.items() if pk in wanted}


def _needs() -> dict[int, Need]:
    """Return, by version, what it is needed for: what hosts keep is asked of the same rows.

    One statement, so that a version on its way from one of these places to another is seen in one
    of them.
    """
    # By their keys, and not by joins: rollouts that are over have nearly all of the targets.
    planned = Target.objects.filter(rollout__in=Rollout.objects.filter(TO_BE_DRIVEN).values("pk"))
    well = WellState.objects.filter(closed_at=None).values("release")
    places: list[tuple[Need, QuerySet[Any], str]] = [
        (Need.ROLLOUT, planned, "to_version"),
        (Need.ROLLOUT, planned, "from_version"),
        *((Need.ROLLOUT, planned, f"{column}__version") for column in NAMED),
        (Need.WANTED, Instance.objects.all(), "version"),
        *((Need.SEEN, _seen_as(name), "seen") for name in _SEEN),
        (Need.PREVIOUS, Instance.objects.all(), "previous_version"),
        (Need.PREVIOUS, Instance.objects.all(), "owed__version"),
        (Need.RAN, Release.objects.filter(pk__in=well), "version"),
    ]
    rows = [
        # Only by what stands in a row itself: what it leads to would be looked up for each of them.
        (places_of if column == "seen" else _where_there_is(places_of, column)).values_list(
            F(column), Value(NEEDED.index(need))
        )
        for need, places_of, column in places
    ]
    needs: dict[int, int] = {}
    for version, rank in rows[0].union(*rows[1:]):
        if version is not None:
            needs[version] = min(rank, needs.get(version, rank))
    return {version: NEEDED[rank] for version, rank in needs.items()}


def _where_there_is(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    return rows.filter(**{f"{column.partition('__')[0]}__isnull": False})


def _seen_as(column: str) -> QuerySet[Instance]:
    """Return instances with the version that is called as one of their columns says, where that is
    another one than is wanted there anyway."""
    named = Version.objects.filter(service=OuterRef("service"), name=OuterRef(column))
    others = Instance.objects.exclude(**{column: ""}).filter(
        Q(version=None) | ~Q(**{column: F("version__name")})
    )
    return others.annotate(seen=Subquery(named.values("pk")))


def _in_order(versions: QuerySet[Version]) -> QuerySet[Version]:
    return versions.order_by("service__name", *_NEWEST_FIRST)


def _fate(row: Any, need: Need | None) -> Fate:
    """Return what a row of _COLUMNS says."""
    _pk, service, version, created_at, package, sha256, size = row
    return Fate(service, version, created_at, package, sha256, size, need)


def _sorted(rows: list[Any]) -> list[Any]:
    """Put rows of _COLUMNS in that order."""
    rows.sort(key=lambda row: (row[3], row[0]), reverse=True)
    rows.sort(key=lambda row: str(row[1]))
    return rows
