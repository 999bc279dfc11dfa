"""What the rows say of places whose turn has come: asked in the moment of taking."""

from collections.abc import Collection
from datetime import datetime

from slipway.core.rollout.events import Hindrance
from slipway.core.rollout.value import Rollout as Value
from slipway.core.rollout.words import Heading
from slipway.core.sentence import Sentence
from slipway.records.fleet.models import Host, HostState, Instance
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


def _rows(
    loaded: Loaded, places: Collection[str]
) -> tuple[dict[int, Host], dict[tuple[int, int], Instance]]:
    host_ids = sorted({loaded.rows[place].host_id for place in places})
    hosts: dict[int, Host] = {}
    instances: dict[tuple[int, int], Instance] = {}
    for first in range(0, len(host_ids), AT_ONCE):
        some = host_ids[first : first + AT_ONCE]
        narrow = Host.objects.only("id", "name", "state", "environment_id")
        hosts |= {host.pk: host for host in narrow.filter(pk__in=some)}
        of_service = Instance.objects.filter(service_id=loaded.service_id, host_id__in=some)
        instances |= {
            (each.host_id, each.port): each
            for each in of_service.select_related("locked_by").only(
                "id",
                "host_id",
                "port",
                "is_maintain",
                "locked_at",
                "locked_reason",
                "locked_by__username",
                "environment_id",
            )
        }
    return hosts, instances


def _of_place(
    loaded: Loaded,
    place: str,
    hosts: dict[int, Host],
    instances: dict[tuple[int, int], Instance],
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
                holder=instance.locked_by.get_username() if instance.locked_by else "nobody",
                reason=instance.locked_reason,
            )
        )
    return None


def _no(code: str, template: str, place: str) -> Hindrance:
    return Hindrance(Sentence.of(code, template, place=place))
