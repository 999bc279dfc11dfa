"""Histories of places, however long: the newest entries at once, older ones where needed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from slipway.core.rollout.value import history
from slipway.core.rollout.value.history import WellState as Well
from slipway.records.catalog.models import Release
from slipway.records.rollouts.histories.entries import (
    Entry,
    Place,
    Row,
    Sought,
    entries_of,
    newest_entries,
    newest_under,
)
from slipway.records.rows.pages import slices

AT_ONCE = 500  # hosts, or releases, in one question
NEWEST = 6  # entries of each place that are read at once: more than a way back and its next need


class ReleaseRow(NamedTuple):
    """Which row a release is, and which its version."""

    id: int
    version: int


class NamedRelease(NamedTuple):
    """What a release stands for, and which row it is."""

    value: history.Release
    row: ReleaseRow


_Alike = tuple[int, int | None, int]  # release and rollout by their rows, and depth


@dataclass(frozen=True, slots=True)
class Histories:
    """The open histories of places of one service, as far as they were read: of each the newest
    entries without a gap, and what was asked for of those before. `newest` is the row of each one's
    last entry, `first` that of the first without a gap where older ones may be left, `rows` are
    those of their releases."""

    service_id: int
    places: frozenset[Place] = frozenset()
    by_place: Mapping[Place, tuple[Well, ...]] = field(default_factory=dict)
    older: Mapping[Place, tuple[Well, ...]] = field(default_factory=dict)
    newest: Mapping[Place, int] = field(default_factory=dict)
    first: Mapping[Place, int] = field(default_factory=dict)
    rows: Mapping[history.Release, ReleaseRow] = field(default_factory=dict)

    def of(self, place: Place) -> tuple[Well, ...]:
        return self.older.get(place, ()) + self.without_gap(place)

    def without_gap(self, place: Place) -> tuple[Well, ...]:
        return self.by_place.get(place, ())

    def of_version(self, place: Place, version: str) -> list[Well]:
        return [well for well in self.of(place) if well.release.version == version]

    def is_whole(self, place: Place) -> bool:
        return place not in self.first

    def including(self, places: Iterable[Place]) -> "Histories":
        """Return the same with these places: those that were read are not read again."""
        fresh = frozenset(places) - self.places
        if not fresh:
            return self
        other = histories(self.service_id, fresh)
        return replace(
            self,
            places=self.places | fresh,
            by_place={**self.by_place, **other.by_place},
            newest={**self.newest, **other.newest},
            first={**self.first, **other.first},
            rows={**self.rows, **other.rows},
        )

    def with_versions(self, asked: Mapping[Place, str]) -> "Histories":
        """Return the same with all entries of a version at each of these places."""
        left = {place: name for place, name in asked.items() if not self.is_whole(place)}
        return self._with_older(self._left(entries_of(self.service_id, left)))

    def with_releases(self, asked: Mapping[Place, history.Release]) -> "Histories":
        """Return the same in which is seen whether a release was well at each of these places."""
        left = {
            place: release.version
            for place, release in asked.items()
            if release and all(well.release != release for well in self.of(place))
        }
        return self.with_versions(left)

    def under(self, asked: Mapping[Place, Sought]) -> "Histories":
        """Return the entry that is sought at each place, where there is any."""
        return self._of(list(newest_under(self.service_id, asked)))

    def _left(self, entries: Iterable[Entry]) -> list[Entry]:
        return [each for each in entries if each.id < self.first[each.place]]

    def _of(self, entries: Sequence[Entry]) -> "Histories":
        by_place, rows = _as_values(_by_place(entries))
        return Histories(self.service_id, frozenset(by_place), by_place, rows=rows)

    def _with_older(self, entries: Sequence[Entry]) -> "Histories":
        if not entries:
            return self
        found = self._of(entries)
        older = {
            place: wells + self.older.get(place, ()) for place, wells in found.by_place.items()
        }
        return replace(self, older={**self.older, **older}, rows={**self.rows, **found.rows})


def histories(service_id: int, places: Collection[Place], most: int = 0) -> Histories:
    """Return the newest entries of these places, the oldest of them first: what this costs does not
    grow with what a place has seen."""
    limit = most or NEWEST
    entries = [
        each
        for some in slices(sorted(set(places)), AT_ONCE)
        for each in newest_entries(service_id, some, limit)
    ]
    entries.sort()
    of_each = _by_place(entries)
    by_place, rows = _as_values(of_each)
    return Histories(
        service_id,
        frozenset(places),
        by_place,
        newest={place: of[-1][0] for place, of in of_each.items()},
        first={place: of[0][0] for place, of in of_each.items() if len(of) >= limit},
        rows=rows,
    )


def named_releases(release_ids: Iterable[int]) -> dict[int, NamedRelease]:
    """Return what releases stand for, by their ids."""
    found: dict[int, NamedRelease] = {}
    columns = ("id", "version", "version__name", "fingerprint")
    for some in in_parts(set(release_ids)):
        for pk, version_id, *value in Release.objects.filter(pk__in=some).values_list(*columns):
            found[pk] = NamedRelease(history.Release(*value), ReleaseRow(pk, version_id))
    return found


def in_parts(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    """Yield ids so many at once that no statement grows with the fleet."""
    return slices(sorted(ids), AT_ONCE)


def _by_place(entries: Iterable[Row]) -> dict[Place, list[Row]]:
    by_place: defaultdict[Place, list[Row]] = defaultdict(list)
    for row in entries:
        by_place[row[1], row[2]].append(row)
    return by_place


def _as_values(
    of_each: Mapping[Place, Sequence[Row]],
) -> tuple[dict[Place, tuple[Well, ...]], dict[history.Release, ReleaseRow]]:
    """Return them by place, and the rows of their releases.

    Places have much in common: what is the same is made once.
    """
    courses = {place: tuple([row[3:] for row in rows]) for place, rows in of_each.items()}
    different = set(courses.values())
    alike = set[_Alike]().union(*different)
    values = named_releases(release for release, _, _ in alike)
    wells = {
        (release, rollout, depth): Well(values[release].value, rollout or 0, depth)
        for release, rollout, depth in alike
    }
    shared = {course: tuple(wells[each] for each in course) for course in different}
    return (
        {place: shared[course] for place, course in courses.items()},
        {each.value: each.row for each in values.values()},
    )
