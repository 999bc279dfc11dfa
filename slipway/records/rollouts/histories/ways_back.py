"""What was well where, and where each place would go back to: reads, and changes nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from slipway.core.rollout.value import history
from slipway.core.rollout.value.history import WellState as Well
from slipway.core.spec.values import ReleaseSpec
from slipway.records.catalog.models import Release, Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories.entries import Place, Sought
from slipway.records.rollouts.histories.reading import (
    Histories,
    NamedRelease,
    ReleaseRow,
    histories,
    in_parts,
)
from slipway.records.rollouts.models import WellState, Withdrawal


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where a place would go back to, and where if that is withdrawn meanwhile. `is_new`: nothing
    ever was well there, so its way back is to be removed."""

    back: Release | None = None
    next_back: Release | None = None
    is_new: bool = False


def value_of(release: Release | None) -> history.Release:
    """Return what a row stands for."""
    return NOTHING if release is None else release.value


NOTHING = history.NOTHING


def is_standing_on(wells: tuple[Well, ...], release: history.Release) -> bool:
    """Return whether `release` is what was well there last."""
    return bool(wells) and wells[-1].release.version == release.version


def ways_back(
    service_id: int,
    environment_id: int,
    leaving: Mapping[Place, history.Release],
    known: Histories | None = None,
    *,
    to_come: Collection[Place] = (),
) -> dict[Place, WayBack]:
    """Return the way back of each place from the release that it would leave: what is there, or (at
    places that are `to_come`) never came to be well. A handful of queries, however many places
    there are."""
    known = known or histories(service_id, leaving)
    found = values_back(environment_id, leaving, known, to_come=to_come)
    rows = releases_by_id(each.row.id for pair in found.values() for each in pair if each)
    return {
        place: WayBack(
            rows[back.row.id] if back else None,
            rows[after.row.id] if after else None,
            is_new=not known.of(place),
        )
        for place, (back, after) in found.items()
    }


def values_back(
    environment_id: int,
    leaving: Mapping[Place, history.Release],
    known: Histories,
    *,
    to_come: Collection[Place] = (),
) -> dict[Place, tuple[NamedRelease | None, NamedRelease | None]]:
    """Return the same as values: where each place would go back to, and where after that."""
    search = _Search(environment_id, leaving, known, to_come)
    backs = search.newest(dict.fromkeys(leaving, frozenset()))
    afters = search.newest(
        {place: frozenset([back.value.version]) for place, back in backs.items()}
    )
    return {place: (backs.get(place), afters.get(place)) for place in leaving}


class _Search:
    """Ways back among the newest entries of each place, and where those hold none, under them: what
    lies there is asked for by what the rule would look for, and judged by the rule."""

    def __init__(
        self,
        environment_id: int,
        leaving: Mapping[Place, history.Release],
        known: Histories,
        to_come: Collection[Place],
    ) -> None:
        self._known, self._leaving, self._to_come = known, leaving, frozenset(to_come)
        self._standing = self._stood_on_before()
        self._under: dict[Place, tuple[Well, ...]] = {}
        self._rows = dict(known.rows)
        # With the course that was judged, which is its key for as long as it is there.
        self._judged: dict[tuple[object, ...], tuple[tuple[Well, ...], history.Release | None]] = {}
        self._unfit = _Unfit(known.service_id, environment_id)

    def newest(self, without: Mapping[Place, frozenset[str]]) -> dict[Place, NamedRelease]:
        """Return the way back of each place to none of these versions, where there is one."""
        found: dict[Place, NamedRelease] = {}
        asked = dict(without)
        while asked:
            self._unfit.look_at(self._rows.values(), {host for host, _ in self._leaving})
            sought: dict[Place, Sought] = {}
            for place, others in asked.items():
                unfit = self._unfit.at(place) | others
                back = self._way_back(place, unfit)
                if back is not None:
                    found[place] = NamedRelease(back, self._rows[back])
                elif not self._known.is_whole(place):
                    sought[place] = self._sought(place, unfit)
            # What is found may be nowhere any more: then it is sought again, without that.
            asked = {place: without[place] for place in self._look_under(sought)}
        return found

    def _way_back(self, place: Place, unfit: frozenset[str]) -> history.Release | None:
        was_well, leaving = place not in self._to_come, self._leaving[place]
        wells = self._wells(place)
        # Courses that are alike are one, of as many places as there are.
        alike = id(wells), leaving.version, leaving.fingerprint, unfit, was_well
        if alike not in self._judged:
            found = history.way_back(wells, leaving, unfit, was_well=was_well)
            self._judged[alike] = wells, found
        return self._judged[alike][1]

    def _wells(self, place: Place) -> tuple[Well, ...]:
        """What the rule looks at. Before all stands the entry that the place stands on, where it is
        an older one: the rule takes nothing but its depth."""
        under = self._under.get(place, ())
        return self._standing.get(place, ()) + under + self._known.without_gap(place)

    def _sought(self, place: Place, unfit: frozenset[str]) -> Sought:
        lowest = min(well.depth for well in self._wells(place))
        return Sought(lowest, unfit | {self._leaving[place].version})

    def _look_under(self, sought: Mapping[Place, Sought]) -> Collection[Place]:
        """Look for what is sought, returns where there is any: under depth 0 lies nothing."""
        found = self._known.under({place: each for place, each in sought.items() if each.below})
        self._rows |= found.rows
        for place in found.places:
            self._under[place] = found.without_gap(place) + self._under.get(place, ())
        return found.places

    def _stood_on_before(self) -> dict[Place, tuple[Well, ...]]:
        """Return the entry that a place stands on where none of its newest is of that version."""
        left = {
            place: release.version
            for place, release in self._leaving.items()
            if place not in self._to_come
            and all(w.release.version != release.version for w in self._known.without_gap(place))
        }
        known = self._known.with_versions(left)
        found = {place: known.of_version(place, version) for place, version in left.items()}
        return {place: (wells[-1],) for place, wells in found.items() if wells}


def releases_by_id(ids: Iterable[int]) -> dict[int, Release]:
    """Return releases with their versions and packages."""
    rows: dict[int, Release] = {}
    for some in in_parts(set(ids)):
        found = Release.objects.filter(pk__in=some).select_related("version__package")
        rows.update((release.pk, release) for release in found.select_related("version__service"))
    return rows


def withdrawn_versions(service_id: int, environment_id: int) -> frozenset[str]:
    """Return the names of the versions that are no way back and no source of promotion there."""
    rows = Withdrawal.objects.filter(
        version__service=service_id, environment=environment_id, cleared_at=None
    )
    return frozenset(rows.values_list("version__name", flat=True))


# --- what is no way back -------------------------------------------------------------------------


class _Unfit:
    """What no place goes back to: withdrawn versions, and those that are not to be had."""

    def __init__(self, service_id: int, environment_id: int) -> None:
        self._service = service_id
        self._withdrawn = withdrawn_versions(service_id, environment_id)
        self._looked_at: set[int] = set()
        self._gone: set[str] = set()
        self._there: dict[int, frozenset[str]] | None = None

    def look_at(self, releases: Iterable[ReleaseRow], hosts: Collection[int]) -> None:
        """Ask which of these are not to be had, and what lies on the hosts all the same."""
        fresh = {row.id for row in releases} - self._looked_at
        self._looked_at |= fresh
        self._gone |= _without_package(fresh)
        if self._gone and self._there is None:
            self._there = on_hosts(self._service, hosts)

    def at(self, place: Place) -> frozenset[str]:
        there = (self._there or {}).get(place[0], frozenset())
        return self._withdrawn | (self._gone - there)


def _without_package(release_ids: Iterable[int]) -> frozenset[str]:
    gone: set[str] = set()
    for some in in_parts(release_ids):
        versions = Version.objects.filter(
            Q(package=None) | Q(package__removed_at__isnull=False), releases__in=some
        )
        gone.update(versions.values_list("name", flat=True))
    return frozenset(gone)


def on_hosts(service_id: int, host_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return, by host, the versions that lie there for certain: what runs, and the newest of those
    that were well there, as many as are kept. On another machine than then lies nothing."""
    there: dict[int, set[str]] = {}
    limit = ReleaseSpec().keep_releases
    for some in in_parts(host_ids):
        here = Q(host__machine_since=None) | Q(since__gte=F("host__machine_since"))
        wells = WellState.objects.filter(here, service=service_id, host__in=some)
        for host, version in newest_versions(wells, limit, "host"):
            there.setdefault(host, set()).add(version)
        unseen = Q(seen_bare=True) | Q(seen_at=None, host__machine_since__isnull=False)
        runs = Instance.objects.filter(~unseen, service=service_id, host__in=some)
        for host, link, wanted in runs.values_list("host", "seen_link", "version__name"):
            there.setdefault(host, set()).update(name for name in (link, wanted) if name)
    return {host: frozenset(names) for host, names in there.items()}


def newest_versions(wells: QuerySet[WellState], most: int, *of: str) -> Iterable[tuple[Any, ...]]:
    """Return the newest versions that were well of each host, or place: so many, the newest
    first."""
    each = wells.values(*of, "release__version").annotate(last=Max("id"))
    order = Window(RowNumber(), partition_by=[F(name) for name in of], order_by=F("last").desc())
    ranked = each.annotate(rank=order).filter(rank__lte=most).order_by("-last")
    found: Iterable[tuple[Any, ...]] = ranked.values_list(*of, "release__version__name")
    return found
