"""Which releases stay on hosts: what any place of the service there may need."""

from collections.abc import Collection, Iterable, Iterator

from django.db.models import Q, QuerySet

from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import Version
from slipway.records.catalog.queries.services import get_release_spec
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories.entries import Place
from slipway.records.rollouts.histories.reading import Histories, histories, in_parts
from slipway.records.rollouts.histories.ways_back import newest_versions, value_of, ways_back
from slipway.records.rollouts.models import Target, WellState

OPEN = Q(rollout__finished_at=None) | Q(rollout__watching=True)
NAMED = ("from_release", "to_release", "back_release", "next_back_release")


def kept_on_hosts(service_id: int, host_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return, by host, the versions whose releases must stay there: of each place what is there,
    its way back and the next one, and the last that were well; what an open plan names; and what an
    undrain is owed from. A few queries, however many hosts."""
    kept: dict[int, dict[str, None]] = {host: {} for host in host_ids}
    instances = [row for some in in_parts(kept) for row in _instances(service_id, some)]
    places = {(row.host_id, row.port): row for row in instances}
    known = histories(service_id, places)
    needs = (
        *_there(instances),
        *_ways(service_id, places, known),
        *_last_well(known, _most_kept(instances)),
        *_planned(service_id, kept),
    )
    for host, version in needs:
        if version:
            kept[host].setdefault(version)
    return {host: tuple(versions) for host, versions in kept.items()}


def _instances(service_id: int, host_ids: Collection[int]) -> QuerySet[Instance]:
    rows = Instance.objects.filter(service=service_id, host__in=host_ids)
    return rows.select_related(
        "version__service", "previous_version", "release__version", "owed__version"
    )


def _there(instances: Iterable[Instance]) -> Iterator[tuple[int, str]]:
    for row in instances:
        for version in (row.version, row.previous_version):
            yield row.host_id, version.name if version else ""
        yield row.host_id, row.owed.version.name if row.owed else ""
        for name in (row.seen_version, row.seen_link, row.seen_drained_by):
            yield row.host_id, name


def _ways(
    service_id: int, places: dict[Place, Instance], known: Histories
) -> Iterator[tuple[int, str]]:
    by_environment: dict[int, list[Instance]] = {}
    for row in places.values():
        by_environment.setdefault(row.environment_id, []).append(row)
    for environment_id, rows in by_environment.items():
        leaving = {(row.host_id, row.port): value_of(row.release) for row in rows}
        ways = ways_back(service_id, environment_id, leaving, known)
        for (host, _port), way in ways.items():
            for release in (way.back, way.next_back):
                yield host, release.version.name if release else ""


def _last_well(known: Histories, most: int) -> Iterator[tuple[int, str]]:
    left: set[Place] = set()
    for place, wells in known.by_place.items():
        newest = dict.fromkeys(well.release.version for well in reversed(wells))
        if len(newest) < most and not known.is_whole(place):
            left.add(place)
        yield from ((place[0], version) for version in list(newest)[:most])
    for some in in_parts({host for host, _ in left}):
        rows = WellState.objects.filter(service=known.service_id, host__in=some, closed_at=None)
        for host, port, version in newest_versions(rows, most, "host", "port"):
            if (host, port) in left:
                yield host, version


def _most_kept(instances: Iterable[Instance]) -> int:
    """How many the versions there ask to be kept: how many that is, is no part of what runs, so it
    holds as it is set now."""
    versions = {row.version.pk: row.version for row in instances if row.version}
    return max(map(_kept_by, versions.values()), default=ReleaseSpec().keep_releases)


def _kept_by(version: Version) -> int:
    try:
        return get_release_spec(version.service, version).keep_releases
    except Refused:
        return ReleaseSpec().keep_releases


def _planned(service_id: int, host_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    versions = ("from_version__name", "to_version__name")
    releases = tuple(f"{column}__version__name" for column in NAMED)
    for some in in_parts(host_ids):
        rows = Target.objects.filter(OPEN, rollout__service=service_id, host__in=some)
        for host, *names in rows.values_list("host", *versions, *releases):
            yield from ((host, name or "") for name in names)
