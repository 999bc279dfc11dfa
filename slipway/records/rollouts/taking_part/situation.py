"""What is known of the places of a service when a rollout is planned: what is there, what was well
there, and where each would go back to."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from django.db.models import Max

from slipway.core.rollout.value import history
from slipway.core.words.instances import FAILED, InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.records.catalog.models import Release, Service, Version
from slipway.records.fleet.models import Environment, Instance
from slipway.records.rollouts.histories.entries import Place
from slipway.records.rollouts.histories.reading import Histories, histories, in_parts
from slipway.records.rollouts.histories.ways_back import (
    WayBack,
    is_standing_on,
    releases_by_id,
    value_of,
    ways_back,
)
from slipway.records.rollouts.models import Target
from slipway.records.rollouts.wish.selection import Candidate, is_up, is_well


class Situation:
    """A handful of queries, however many instances there are."""

    def __init__(
        self, service: Service, environment: Environment, instances: Sequence[Instance]
    ) -> None:
        self._service, self._environment = service, environment
        self.histories = histories(service.pk, {_place(each) for each in instances})
        self._rows: dict[int, Release] = {}
        self._deeper: dict[str, Histories] = {}
        self._wanted = releases_by_id(each.release_id for each in instances if each.release_id)
        self._owed = releases_by_id(each.owed_id for each in instances if each.owed_id)
        self._linked = _linked(service, instances)
        self._left_by = _left_by(service, [each for each in instances if each.status in FAILED])
        self._present = {_place(each): self._find_present(each) for each in instances}
        self._instances = instances

    def present(self, instance: Instance) -> Release | None:
        """Return what is there: what its host last said, or what is wanted; None where it was seen
        that nothing is."""
        return self._present[_place(instance)]

    def wanted(self, instance: Instance) -> Release | None:
        """Return what should be there."""
        wanted = self._wanted.get(instance.release_id or 0)
        if wanted is not None and wanted.version_id == instance.version_id:
            return wanted
        if instance.version is None:
            return None
        return self.well(instance, instance.version) or _draft(instance.version)

    def candidate(
        self,
        instance: Instance,
        goal: Release | None,
        *,
        up: bool | None = None,
        anew: bool = False,
    ) -> Candidate:
        """Return `instance` as it is now, on its way to `goal`; up as before where not said."""
        never_ran = instance.status == InstanceStatus.INSTALL_FAILED and goal is not None
        was_up = is_up(instance)
        return Candidate(
            host=instance.host,
            port=instance.port,
            instance=instance,
            # What was never brought to life is nobody's way back.
            origin=None if never_ran else self.present(instance),
            goal=goal,
            up=was_up if up is None else up,
            was_up=was_up,
            was_well=is_well(instance),
            anew=anew,
            owed=self._owed.get(instance.owed_id or 0),
        )

    def way_back(self, instance: Instance) -> Release | None:
        """Return where a rollback leads to: what is owed, what a rollback before it did not bring,
        or the version that was well before the one that is there, or was to come."""
        owed = self._owed.get(instance.owed_id or 0)
        return owed if owed is not None else self._ways[_place(instance)].back

    def settings_back(self, instance: Instance) -> Release | None:
        """Return the same version with the settings before."""
        here, place = self._standing_on(instance), _place(instance)
        for known in self._histories_with(here.version):
            if (found := history.settings_back(known.of(place), here)) is not None:
                return self._row(known, found)
        return None

    def well(self, instance: Instance, version: Version) -> Release | None:
        """Return with which settings `version` was well there."""
        for known in self._histories_with(version.name):
            if wells := known.of_version(_place(instance), version.name):
                return self._row(known, wells[-1].release)
        return None

    def _histories_with(self, version: str) -> Iterator[Histories]:
        """Yield what is known of all places, and then more: all entries of a version."""
        yield self.histories
        if version not in self._deeper:
            places = self.histories.places
            self._deeper[version] = self.histories.with_versions(dict.fromkeys(places, version))
        yield self._deeper[version]

    def _row(self, known: Histories, value: history.Release) -> Release:
        pk = known.rows[value].id
        if pk not in self._rows:
            self._rows |= releases_by_id(row.id for row in known.rows.values())
        return self._rows[pk]

    @cached_property
    def _ways(self) -> dict[Place, WayBack]:
        leaving = {_place(each): self._leaving(each) for each in self._instances}
        to_come = {place for place, release in leaving.items() if self._never_came(place, release)}
        return ways_back(
            self._service.pk, self._environment.pk, leaving, self.histories, to_come=to_come
        )

    def _never_came(self, place: Place, release: history.Release) -> bool:
        """Whether it is what a rollout failed to bring there."""
        left_by = self._left_by.get(place)
        if left_by is None or left_by.to_version is None:
            return False
        is_it = left_by.to_version.name == release.version
        return is_it and not is_standing_on(self.histories.of(place), release)

    def _leaving(self, instance: Instance) -> history.Release:
        """Return what a rollback leaves: after a failure what was to come there, and not what the
        rows still call wanted; after a rollback that failed, what it was to leave."""
        place = _place(instance)
        wells, left_by = self.histories.of(place), self._left_by.get(place)
        if left_by is None or left_by.to_version is None:
            return self._standing_on(instance)
        came = history.Release(left_by.to_version.name)
        was_back = left_by.rollout.kind == RolloutKind.REVERT
        if was_back and wells and not is_standing_on(wells, came):
            return wells[-1].release
        return came

    def _standing_on(self, instance: Instance) -> history.Release:
        """Return what is there, or where its host lost it what should be."""
        return value_of(self.present(instance) or self.wanted(instance))

    def _find_present(self, instance: Instance) -> Release | None:
        if instance.seen_bare:
            return None
        wanted = self.wanted(instance)
        if (link := self._linked.get(_place(instance))) is not None:
            is_wanted = wanted is not None and value_of(wanted).is_like(value_of(link))
            return wanted if is_wanted else link
        left_by = self._left_by.get(_place(instance))
        is_unknown = left_by is not None and left_by.rollout.kind != RolloutKind.REVERT
        if left_by is not None and left_by.to_version is not None and is_unknown:
            return left_by.to_release or _draft(left_by.to_version)
        return wanted


def with_ways_back(
    each_of: Sequence[Candidate], environment: Environment, known: Histories
) -> list[Candidate]:
    """Return them with the ways back that a plan fixes: from what is only to come."""
    to_come = {each.place: value_of(each.goal) for each in each_of}
    ways = ways_back(known.service_id, environment.pk, to_come, known, to_come=to_come)
    stays = [each for each in each_of if not each.changes_version]
    known = known.with_releases({each.place: value_of(each.origin) for each in stays})
    return [_with_way(each, ways[each.place], known) for each in each_of]


def _with_way(candidate: Candidate, way: WayBack, known: Histories) -> Candidate:
    if candidate.goal is None:
        return candidate  # what is removed has no way back
    if _is_put_back(candidate):
        return candidate  # what should be there is no failure to go back from
    if candidate.changes_version:
        return candidate._replace(back=way.back, next_back=way.next_back, is_new=way.is_new)
    # Without another version there is none to go back to; to other settings there is, where they
    # were well: what is kept down takes settings that nobody has seen run.
    origin, wells = value_of(candidate.origin), known.of(candidate.place)
    was_well = any(well.release == origin for well in wells)
    is_other = origin != value_of(candidate.goal)
    return candidate._replace(back=candidate.origin if is_other and was_well else None)


def _is_put_back(candidate: Candidate) -> bool:
    """Whether its host lost what is brought there: it was seen that nothing is."""
    instance, goal = candidate.instance, candidate.goal
    if instance is None or goal is None or candidate.origin is not None:
        return False
    return bool(instance.seen_bare) and goal.version_id == instance.version_id


def _draft(version: Version) -> Release:
    """A release of which is not known how it is run."""
    return Release(version=version, fingerprint="")


def _place(instance: Instance) -> Place:
    return instance.host_id, instance.port


def _linked(service: Service, instances: Sequence[Instance]) -> dict[Place, Release]:
    """Return the releases that hosts say they have, where they are ours."""
    links = {
        _place(each): (each.seen_link, each.seen_fingerprint)
        for each in instances
        if each.seen_link
    }
    names = {name for name, _ in links.values()}
    versions: dict[str, Version] = {}
    releases: dict[tuple[str, str], Release] = {}
    ordered = sorted(names)
    for start in range(0, len(ordered), 500):
        some = Version.objects.filter(service=service, name__in=ordered[start : start + 500])
        versions |= {version.name: version for version in some.select_related("package", "service")}
    for part in in_parts(version.pk for version in versions.values()):
        for row in Release.objects.filter(version__in=part).select_related("version__package"):
            releases[row.version.name, row.fingerprint] = row
    return {
        place: releases.get((name, fingerprint)) or _draft(versions[name])
        for place, (name, fingerprint) in links.items()
        if name in versions
    }


def _left_by(service: Service, failed: Sequence[Instance]) -> Mapping[Place, Target]:
    """Return the last targets that touched these places."""
    places, newest = {_place(each) for each in failed}, dict[Place, int]()
    for some in in_parts({host for host, _ in places}):
        touched = Target.objects.filter(rollout__service=service, host__in=some, touched=True)
        last = touched.values_list("host", "port").annotate(last=Max("id")).order_by()
        newest |= {(host, port): pk for host, port, pk in last if (host, port) in places}
    found: dict[Place, Target] = {}
    for part in in_parts(newest.values()):
        rows = Target.objects.filter(pk__in=part).select_related(
            "rollout", "to_version__package", "to_version__service", "to_release__version__package"
        )
        found |= {(row.host_id, row.port): row for row in rows}
    return found
