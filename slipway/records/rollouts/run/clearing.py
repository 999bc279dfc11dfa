"""What the rows say of places whose turn has come: asked in the moment of taking."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from slipway.core.rollout.commands import clears
from slipway.core.rollout.value.events import Hindrance
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.words import Heading
from slipway.core.words.sentence import Sentence
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.rollouts.run.claims import Claim, require_ours
from slipway.records.rollouts.run.holding import what_holds
from slipway.records.rollouts.run.loading import Loaded

AT_ONCE = 500  # places asked about by one statement


def hindrances(
    loaded: Loaded, value: Value, places: Collection[str], now: datetime
) -> dict[str, Hindrance | None]:
    """Return, by place, why it may not be taken now; None is yes.

    A lock, maintenance or a move of the place itself leaves it out. A lock of the service, or a
    closed window, holds what goes forth; a way back it does not hold.
    """
    held = what_holds(loaded, now)
    rows = _rows(loaded, places)
    answers: dict[str, Hindrance | None] = {}
    for place in places:
        goes_back = value.target(place).heading is Heading.BACK
        own = _of_place(loaded, place, *rows)
        answers[place] = own or (None if goes_back or loaded.goes_back else held)
    return answers


def are_all_held(held: Claim, loaded: Loaded, value: Value, now: datetime) -> bool:
    """Whether a lock or a window still holds all whose turn it is, asked without writing. Raises
    LeaseLost."""
    require_ours(held)
    places = [each.place for each in clears(value)]
    answers = hindrances(loaded, value, places, now).values()
    return all(answer is not None and answer.holds for answer in answers)


class _Host(NamedTuple):
    id: int
    state: str
    environment_id: int


class _Instance(NamedTuple):
    host_id: int
    port: int
    is_maintain: bool
    locked_at: datetime | None
    locked_reason: str
    locked_by: str | None  # a name


def _rows(
    loaded: Loaded, places: Collection[str]
) -> tuple[dict[int, _Host], dict[tuple[int, int], _Instance]]:
    host_ids = sorted({loaded.rows[place].host_id for place in places})
    hosts: dict[int, _Host] = {}
    instances: dict[tuple[int, int], _Instance] = {}
    for first in range(0, len(host_ids), AT_ONCE):
        some = host_ids[first : first + AT_ONCE]
        narrow = Host.objects.filter(pk__in=some).values_list(*_Host._fields)
        hosts |= {host.id: host for host in map(_Host._make, narrow)}
        of_service = Instance.objects.filter(service_id=loaded.service_id, host_id__in=some)
        found = of_service.values_list(*_Instance._fields[:-1], "locked_by__username")
        instances |= {(each.host_id, each.port): each for each in map(_Instance._make, found)}
    return hosts, instances


def _of_place(
    loaded: Loaded,
    place: str,
    hosts: dict[int, _Host],
    instances: dict[tuple[int, int], _Instance],
) -> Hindrance | None:
    row, planned = loaded.rows[place], loaded.places[place]
    host = hosts.get(row.host_id)
    if host is None or host.environment_id != loaded.environment_id:
        return _no("moved", "{place} is not in the environment any more.", place)
    if host.state == HostState.MAINTENANCE:
        return _no("host_in_maintenance", "The host of {place} is in maintenance.", place)
    instance = instances.get((row.host_id, planned.port))
    if instance is None:
        was_there = bool(planned.planned.origin)
        return _no("deleted", "{place} was removed meanwhile.", place) if was_there else None
    if instance.is_maintain:
        return _no("in_maintenance", "{place} is in maintenance.", place)
    if instance.locked_at is not None:
        return Hindrance(
            Sentence.of(
                "place_locked",
                "{place} is locked by {holder}: {reason}",
                hint="Ask them, or unlock it with a reason.",
                place=place,
                holder=instance.locked_by or Sentence.of("nobody", "nobody"),
                reason=instance.locked_reason,
            )
        )
    return None


def _no(code: str, template: str, place: str) -> Hindrance:
    return Hindrance(Sentence.of(code, template, place=place))
