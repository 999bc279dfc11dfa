"""Histories grow: what was done and well at places, and what is wanted there since."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from slipway.core.rollout.value import history
from slipway.core.rollout.value.history import WellState as Well
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories.entries import Place
from slipway.records.rollouts.histories.reading import (
    Histories,
    NamedRelease,
    histories,
    in_parts,
    named_releases,
)
from slipway.records.rollouts.histories.ways_back import values_back
from slipway.records.rollouts.models import WellState
from slipway.records.rows.writing.many import insert_each, update_each


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
        wanted = _named({place: new.release_id for place, new in of_service.items()})
        known = _append(service_id, of_service, wanted, now)
        _write_wanted(wanted, known)


def _append(
    service_id: int,
    news: Mapping[Place, NewWell],
    named: Mapping[Place, NamedRelease],
    now: datetime,
) -> Histories:
    """Returns the histories as they are from now on."""
    known = histories(service_id, news)
    values = {place: each.value for place, each in named.items()}
    longer, deep = dict(known.by_place), _deep_enough(known, news, values)
    fresh: list[WellState] = []
    for place, new in news.items():
        before, value = deep.of(place), values[place]
        after = history.append_well(before, value, new.rollout_id or 0, going_back=new.going_back)
        if len(after) > len(before) and not _is_known(before, value, new):
            fresh.append(_row(new, after[-1], now))
            longer[place] = (*known.of(place), after[-1])
    ended = [known.newest[new.host_id, new.port] for new in fresh if known.of(_place(new))]
    update_each(WellState, [({"id": pk}, {"until": now}) for pk in ended])
    insert_each(fresh)
    rows = {each.value: each.row for each in named.values()}
    return replace(known, by_place=longer, rows={**known.rows, **rows})


def _deep_enough(
    known: Histories, news: Mapping[Place, NewWell], values: Mapping[Place, history.Release]
) -> Histories:
    """Return the histories with what a new entry is compared with: on a way back the entry that it
    returns to, and else what the same rollout has said before."""
    asked: dict[Place, str] = {}
    for place, new in news.items():
        version, wells = values[place].version, known.of(place)
        if known.is_whole(place):
            continue
        depths = [well.depth for well in known.of_version(place, version)]
        top = wells[-1].depth
        returns = any(depth < top or not top for depth in depths)
        if wells[0].rollout == new.rollout_id or (new.going_back and not returns):
            asked[place] = version
    return known.with_versions(asked)


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


def _place(row: WellState) -> Place:
    return row.host_id, row.port


def close_histories(service_id: int, places: Collection[Place], now: datetime) -> None:
    """End the histories of places that were removed: what comes there later is new. Safe to
    repeat."""
    newest = histories(service_id, places, most=1).newest.values()
    update_each(WellState, [({"id": pk, "until": None}, {"until": now}) for pk in newest])
    of_places = [
        ({"service": service_id, "host": host, "port": port, "closed_at": None}, {"closed_at": now})
        for host, port in places
    ]
    update_each(WellState, of_places)


# --- what is wanted ------------------------------------------------------------------------------


class _Wanted(NamedTuple):
    """What is wanted at a place; an instance of before may have a version alone."""

    instance: int
    environment: int
    version: int
    release: int | None
    value: history.Release


def write_wanted(service_id: int, wanted: Mapping[Place, int]) -> None:
    """Write down which release (its id) is wanted at each place, and what a rollback would lead
    to from there: after a success, and back again when a success is revoked."""
    _write_wanted(_named(wanted), histories(service_id, wanted))


def renew_previous(service_id: int, environment_id: int) -> None:
    """Write down anew what a rollback would lead to: a version was withdrawn, or cleared."""
    rows = Instance.objects.filter(
        service=service_id, environment=environment_id, version__isnull=False
    ).values_list(
        *("host", "port", "id", "environment", "version", "release"),
        *("version__name", "release__version__name", "release__fingerprint"),
    )
    wanted = {
        (host, port): _Wanted(
            pk, environment, version, release,
            history.Release(released, fingerprint) if release else history.Release(name),
        )
        for host, port, pk, environment, version, release, name, released, fingerprint in rows
    }  # fmt: skip
    _write(wanted, histories(service_id, wanted))


def _named(wanted: Mapping[Place, int]) -> dict[Place, NamedRelease]:
    """Return the releases that are wanted."""
    found = named_releases(wanted.values())
    return {place: found[release_id] for place, release_id in wanted.items()}


def _write_wanted(named: Mapping[Place, NamedRelease], known: Histories) -> None:
    wanted: dict[Place, _Wanted] = {}
    for some in in_parts({host for host, _ in named}):
        rows = Instance.objects.filter(service=known.service_id, host__in=some)
        for host, port, pk, environment in rows.values_list("host", "port", "id", "environment"):
            if (host, port) in named:
                value, row = named[host, port]
                wanted[host, port] = _Wanted(pk, environment, row.version, row.id, value)
    _write(wanted, known)


def _write(wanted: Mapping[Place, _Wanted], known: Histories) -> None:
    by_environment: dict[int, dict[Place, history.Release]] = {}
    for place, each in wanted.items():
        by_environment.setdefault(each.environment, {})[place] = each.value
    previous: dict[Place, int | None] = {}
    for environment_id, leaving in by_environment.items():
        for place, (back, _) in values_back(environment_id, leaving, known).items():
            previous[place] = back.row.version if back else None
    update_each(
        Instance,
        (
            (
                {"id": each.instance},
                {
                    "version": each.version,
                    "release": each.release,
                    "previous_version": previous[place],
                },
            )
            # In the order in which looks lock them: or each would wait for the other.
            for place, each in sorted(wanted.items(), key=lambda item: item[1].instance)
        ),
    )
