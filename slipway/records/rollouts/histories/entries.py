"""What is asked of the rows of histories: as much as is needed, however long they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from django.db import connection

from slipway.records.rollouts.models import WellState
from slipway.records.rows.pages import slices

Place = tuple[int, int]  # host id and port, of one service
Row = tuple[int, int, int, int, int | None, int]  # the columns of an Entry
_COLUMNS = ("id", "host", "port", "release", "rollout", "depth")
# The newest entries of a place that was asked for: read from the end of an index.
_OF_A_PLACE = """
    SELECT {columns} FROM rollouts_wellstate entry
    WHERE service_id = %s AND host_id = asked.host AND port = asked.port AND closed_at IS NULL
    {more} ORDER BY id DESC LIMIT %s
"""
_ALL = "id, host_id, port, release_id, rollout_id, depth"
_OF_EACH_PLACE = {
    "postgresql": f"CROSS JOIN LATERAL ({_OF_A_PLACE.format(columns=_ALL, more='')}) entry",
    "sqlite": "JOIN rollouts_wellstate entry"
    f" ON entry.id IN ({_OF_A_PLACE.format(columns='id', more='')})",
}
_NEWEST_ENTRIES = """
    SELECT entry.id, entry.host_id, entry.port, entry.release_id, entry.rollout_id, entry.depth
    FROM (SELECT column1 AS host, column2 AS port FROM (VALUES {asked}) AS rows) asked
    {of_each_place}
"""
_NEWEST_UNDER = """
    SELECT ({newest}) FROM (
        SELECT column1 AS host, column2 AS port, column3 AS below FROM (VALUES {asked}) AS rows
    ) asked
"""
# Under all that came after it, and of none of these versions.
_LIES_UNDER = """
    AND depth < asked.below AND release_id NOT IN (
        SELECT release.id FROM catalog_release release
        JOIN micro_service_version version ON version.id = release.version_id
        WHERE version.service_id = %s AND version.name IN ({names})
    ) AND NOT EXISTS (
        SELECT 1 FROM rollouts_wellstate newer
        WHERE newer.service_id = entry.service_id AND newer.host_id = entry.host_id
        AND newer.port = entry.port AND newer.closed_at IS NULL
        AND newer.id > entry.id AND newer.depth <= entry.depth
    )
"""


class Entry(NamedTuple):
    """A row of a history."""

    id: int
    host: int
    port: int
    release: int
    rollout: int | None
    depth: int

    @property
    def place(self) -> Place:
        return self.host, self.port


class Sought(NamedTuple):
    """What lies under this depth at a place, of none of these versions: what history.way_back looks
    for."""

    below: int
    without: frozenset[str]


def newest_entries(service_id: int, places: Sequence[Place], most: int) -> list[Row]:
    """Return the newest entries of each place, so many, in any order: some ten thousand rows, which
    are left as they come."""
    text = _NEWEST_ENTRIES.format(
        asked=_rows(places), of_each_place=_OF_EACH_PLACE[connection.vendor]
    )
    values = [*(each for place in places for each in place), service_id, most]
    return cast(list[Row], _ask(text, values))


def entries_of(service_id: int, asked: Mapping[Place, str]) -> Iterator[Entry]:
    """Yield all entries of a version at each place, the oldest first."""
    for places in slices(sorted(asked)):
        wanted = {place: asked[place] for place in places}
        rows = WellState.objects.filter(
            service=service_id,
            host__in={host for host, _ in wanted},
            closed_at=None,
            release__version__service=service_id,
            release__version__name__in=set(wanted.values()),
        )
        found = rows.order_by("id").values_list(*_COLUMNS, "release__version__name")
        for *columns, name in found:
            entry = Entry(*columns)
            if wanted.get(entry.place) == name:
                yield entry


def newest_under(service_id: int, asked: Mapping[Place, Sought]) -> Iterator[Entry]:
    """Yield what is sought at each place, where there is any. Places that seek alike are asked
    about in one question."""
    alike: dict[frozenset[str], list[tuple[int, int, int]]] = {}
    for place, (below, without) in asked.items():
        alike.setdefault(without, []).append((*place, below))
    ids = [
        pk
        for without, places in alike.items()
        for some in slices(places)
        for pk in _newest_under(service_id, some, sorted(without))
    ]
    for found in slices(ids):
        yield from map(Entry._make, WellState.objects.filter(pk__in=found).values_list(*_COLUMNS))


def _newest_under(
    service_id: int, places: Sequence[tuple[int, int, int]], without: list[str]
) -> Iterator[int]:
    lies_under = _LIES_UNDER.format(names=", ".join(["%s"] * len(without)))
    newest = _OF_A_PLACE.format(columns="id", more=lies_under)
    text = _NEWEST_UNDER.format(asked=_rows(places), newest=newest)
    of_places = (each for place in places for each in place)
    values: list[int | str] = [service_id, service_id, *without, 1, *of_places]
    return (pk for (pk,) in _ask(text, values) if pk is not None)


def _rows(rows: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(f"({', '.join(['%s'] * len(row))})" for row in rows)


def _ask(text: str, values: Iterable[int | str]) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text.strip(), list(values))
        return list(cursor.fetchall())
