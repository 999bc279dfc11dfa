"""Histories grow: what was done and well at places, and what is wanted there since."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from slipway.core.rollout import history
from slipway.core.rollout.history import WellState as Well
from slipway.records.catalog.models import Release
from slipway.records.fields.many import update_each
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import WellState
from slipway.records.rollouts.ways_back import (
    Histories,
    Place,
    histories,
    in_parts,
    releases_by_id,
    value_of,
    ways_back,
)


@dataclass(frozen=True, slots=True)
class NewWell:
    """A release that was done and well at a place just now; rollout None: it was adopted."""

    service_id: int
    host_id: int
    port: int
    release_id: int
    rollout_id: int | None
    going_back: bool = False

    @property
    def place(self) -> Place:
        return self.host_id, self.port


def note_well(entries: Iterable[NewWell], now: datetime) -> None:
    """Append to the histories of these places, and write down that this is wanted there now.

    In the transaction of the targets' ends. Safe to repeat. A handful of queries, however many
    places there are.
    """
    by_service: dict[int, dict[Place, NewWell]] = {}
    for entry in entries:
        by_service.setdefault(entry.service_id, {})[entry.place] = entry
    for service_id, of_service in by_service.items():
        _append(service_id, of_service, now)
        write_wanted(service_id, {place: new.release_id for place, new in of_service.items()})


def _append(service_id: int, news: Mapping[Place, NewWell], now: datetime) -> None:
    releases = releases_by_id(new.release_id for new in news.values())
    known = histories(service_id, news)
    fresh: list[WellState] = []
    for place, new in news.items():
        before = known.of(place)
        value = value_of(releases[new.release_id])
        after = history.append_well(before, value, new.rollout_id or 0, going_back=new.going_back)
        if len(after) > len(before) and not _is_known(before, value, new):
            fresh.append(_row(new, after[-1], now))
    _end_newest(service_id, fresh, now)
    WellState.objects.bulk_create(fresh)


def _is_known(before: Sequence[Well], value: history.Release, new: NewWell) -> bool:
    """Whether this very rollout has said so before: a commit whose answer was lost."""
    told = (well.rollout == new.rollout_id and well.release == value for well in before)
    return new.rollout_id is not None and any(told)


def _row(new: NewWell, well: Well, now: datetime) -> WellState:
    return WellState(
        service_id=new.service_id,
        host_id=new.host_id,
        port=new.port,
        release_id=new.release_id,
        rollout_id=new.rollout_id,
        depth=well.depth,
        since=now,
    )


def _end_newest(service_id: int, fresh: Collection[WellState], now: datetime) -> None:
    places = {(row.host_id, row.port) for row in fresh}
    standing = _newest(service_id, places)
    update_each(WellState, [({"id": pk}, {"until": now}) for pk in standing])


def _newest(service_id: int, places: Collection[Place]) -> list[int]:
    found: list[int] = []
    for some in in_parts({host for host, _ in places}):
        rows = WellState.objects.filter(service=service_id, host__in=some, closed_at=None)
        newest = rows.values_list("host", "port").annotate(newest=Max("id")).order_by()
        found += [pk for host, port, pk in newest if (host, port) in places]
    return found


def close_histories(service_id: int, places: Collection[Place], now: datetime) -> None:
    """End the histories of places that were removed: what comes there later is new. Safe to
    repeat."""
    update_each(WellState, [({"id": pk, "until": None}, {"until": now}) for pk in _newest(
        service_id, places
    )])  # fmt: skip
    of_places = [
        ({"service": service_id, "host": host, "port": port, "closed_at": None}, {"closed_at": now})
        for host, port in places
    ]
    update_each(WellState, of_places)


def write_wanted(service_id: int, wanted: Mapping[Place, int]) -> None:
    """Write down which release (its id) is wanted at each place, and what a rollback would lead
    to from there: after a success, and back again when a success is revoked."""
    instances = _instances(service_id, wanted)
    releases = releases_by_id(wanted.values())
    _write(service_id, {
        place: (instance, releases[wanted[place]]) for place, instance in instances.items()
    })  # fmt: skip


def renew_previous(service_id: int, environment_id: int) -> None:
    """Write down anew what a rollback would lead to: a version was withdrawn, or cleared."""
    rows = Instance.objects.filter(
        service=service_id, environment=environment_id, version__isnull=False
    ).select_related("version", "release__version")
    _write(service_id, {
        (row.host_id, row.port): (row, row.release) for row in rows
    })  # fmt: skip


def _write(service_id: int, wanted: Mapping[Place, tuple[Instance, Release | None]]) -> None:
    known = histories(service_id, wanted)
    by_environment: dict[int, dict[Place, history.Release]] = {}
    for place, (instance, release) in wanted.items():
        name = instance.version.name if instance.version else ""
        value = value_of(release) or history.Release(name)
        by_environment.setdefault(instance.environment_id, {})[place] = value
    changes = []
    for environment_id, leaving in by_environment.items():
        for place, way in ways_back(service_id, environment_id, leaving, known).items():
            changes.append(_change(*wanted[place], way.back))
    update_each(Instance, changes)


def _change(
    instance: Instance, release: Release | None, back: Release | None
) -> tuple[dict[str, object], dict[str, object]]:
    version_id = release.version_id if release else instance.version_id
    become: dict[str, object] = {
        "version": version_id,
        "release": release.pk if release else None,
        "previous_version": back.version_id if back else None,
    }
    return {"id": instance.pk}, become


def _instances(service_id: int, places: Collection[Place]) -> dict[Place, Instance]:
    found: dict[Place, Instance] = {}
    for some in in_parts({host for host, _ in places}):
        rows = Instance.objects.filter(service=service_id, host__in=some)
        for row in rows.select_related("version"):
            if (row.host_id, row.port) in places:
                found[row.host_id, row.port] = row
    return found


__all__ = [
    "Histories",
    "NewWell",
    "close_histories",
    "histories",
    "note_well",
    "renew_previous",
    "write_wanted",
]
