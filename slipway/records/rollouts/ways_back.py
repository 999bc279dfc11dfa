"""What was well where, and where each place would go back to: reads, and changes nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import F, Q

from slipway.core.rollout import history
from slipway.core.rollout.history import WellState as Well
from slipway.core.spec_values import ReleaseSpec
from slipway.records.catalog.models import Release, Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import WellState, Withdrawal

Place = tuple[int, int]  # host id and port, of one service
AT_ONCE = 500  # hosts, or releases, in one question


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where a place would go back to, and where if that is withdrawn meanwhile. `is_new`: nothing
    ever was well there, so its way back is to be removed."""

    back: Release | None = None
    next_back: Release | None = None
    is_new: bool = False


class ReleaseRow(NamedTuple):
    """Which row a release is, and which its version."""

    id: int
    version: int


class NamedRelease(NamedTuple):
    """What a release stands for, and which row it is."""

    value: history.Release
    row: ReleaseRow


_Entry = tuple[int, int | None, int]  # release and rollout by their rows, and depth


@dataclass(frozen=True, slots=True)
class Histories:
    """The open histories of places of one service; `newest` is the row of each one's last entry,
    `rows` are those of their releases."""

    by_place: Mapping[Place, tuple[Well, ...]] = field(default_factory=dict)
    newest: Mapping[Place, int] = field(default_factory=dict)
    rows: Mapping[history.Release, ReleaseRow] = field(default_factory=dict)

    def of(self, place: Place) -> tuple[Well, ...]:
        return self.by_place.get(place, ())


def histories(service_id: int, places: Collection[Place]) -> Histories:
    """Return the histories of these places, the oldest entry first.

    Places have much in common, and a history is long: what is the same is made once.
    """
    by_place: dict[Place, list[_Entry]] = {place: [] for place in places}
    newest: dict[Place, int] = {}
    for some in in_parts({host for host, _ in by_place}):
        rows = WellState.objects.filter(service=service_id, host__in=some, closed_at=None)
        columns = ("id", "host", "port", "release", "rollout", "depth")
        for pk, host, port, release, rollout, depth in rows.order_by("id").values_list(*columns):
            if (place := (host, port)) in by_place:
                newest[place] = pk
                by_place[place].append((release, rollout, depth))
    entries = set[_Entry]().union(*by_place.values())
    values = named_releases(release for release, _, _ in entries)
    wells = {
        (release, rollout, depth): Well(values[release].value, rollout or 0, depth)
        for release, rollout, depth in entries
    }
    return Histories(
        {place: tuple(wells[each] for each in of) for place, of in by_place.items() if of},
        newest,
        {each.value: each.row for each in values.values()},
    )


def named_releases(release_ids: Iterable[int]) -> dict[int, NamedRelease]:
    """Return what releases stand for, by their ids."""
    found: dict[int, NamedRelease] = {}
    columns = ("id", "version", "version__name", "fingerprint")
    for some in in_parts(set(release_ids)):
        for pk, version_id, *value in Release.objects.filter(pk__in=some).values_list(*columns):
            found[pk] = NamedRelease(history.Release(*value), ReleaseRow(pk, version_id))
    return found


def value_of(release: Release | None) -> history.Release:
    """Return what a row stands for."""
    return history.Release(release.version.name, release.fingerprint) if release else NOTHING


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
    found = values_back(service_id, environment_id, leaving, known, to_come=to_come)
    rows = releases_by_id(
        known.rows[value].id for pair in found.values() for value in pair if value is not None
    )
    return {
        place: WayBack(
            rows[known.rows[back].id] if back else None,
            rows[known.rows[after].id] if after else None,
            is_new=not known.of(place),
        )
        for place, (back, after) in found.items()
    }


def values_back(
    service_id: int,
    environment_id: int,
    leaving: Mapping[Place, history.Release],
    known: Histories,
    *,
    to_come: Collection[Place] = (),
) -> dict[Place, tuple[history.Release | None, history.Release | None]]:
    """Return the same as values: where each place would go back to, and where after that."""
    unfit = _Unfit(service_id, environment_id, known)
    found: dict[Place, tuple[history.Release | None, history.Release | None]] = {}
    for place, release in leaving.items():
        wells, bad = known.of(place), unfit.at(place)
        was_well = place not in to_come
        back = history.way_back(wells, release, bad, was_well=was_well)
        after = None
        if back is not None:
            after = history.way_back(wells, release, {*bad, back.version}, was_well=was_well)
        found[place] = back, after
    return found


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


def in_parts(ids: Iterable[int]) -> Iterator[list[int]]:
    """Yield ids so many at once that no statement grows with the fleet."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


# --- what is no way back -------------------------------------------------------------------------


class _Unfit:
    """What no place goes back to: withdrawn versions, and those that are not to be had."""

    def __init__(self, service_id: int, environment_id: int, known: Histories) -> None:
        self._withdrawn = withdrawn_versions(service_id, environment_id)
        self._gone = _without_package(known)
        hosts = {host for host, _ in known.by_place}
        self._there = on_hosts(service_id, hosts) if self._gone else {}

    def at(self, place: Place) -> frozenset[str]:
        return self._withdrawn | (self._gone - self._there.get(place[0], frozenset()))


def _without_package(known: Histories) -> frozenset[str]:
    gone: set[str] = set()
    for some in in_parts({row.id for row in known.rows.values()}):
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
        wells = WellState.objects.filter(here, service=service_id, host__in=some).order_by("-id")
        for host, version in wells.values_list("host", "release__version__name"):
            names = there.setdefault(host, set())
            if len(names) < limit:
                names.add(version)
        unseen = Q(seen_bare=True) | Q(seen_at=None, host__machine_since__isnull=False)
        runs = Instance.objects.filter(~unseen, service=service_id, host__in=some)
        for host, link, wanted in runs.values_list("host", "seen_link", "version__name"):
            there.setdefault(host, set()).update(name for name in (link, wanted) if name)
    return {host: frozenset(names) for host, names in there.items()}
