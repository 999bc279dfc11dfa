"""Which hosts are to be looked at now: narrow rows, because there may be thousands of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from django.db.models import F, Q

from slipway.core.hosts.access import HostAccess
from slipway.records.fleet.models import Host, HostState, Instance, SshKey

JITTER = 0.1  # of the time between two looks
_REACH = ("name", "address", "port", "user", "root", "become")


@dataclass(frozen=True, slots=True)
class DueHost:
    """`services` are those that have instances there: (id, name)."""

    id: int
    access: HostAccess
    services: tuple[tuple[int, str], ...]


def list_due(now: datetime, every: timedelta, limit: int) -> Sequence[DueHost]:
    """Return up to `limit` hosts with a known key that nobody has looked at for about `every`, the
    longest unseen first. About: hosts that were added together are not due together for ever.
    """
    soonest = now - every * (1 - JITTER)
    due = Q(looked_at=None) | Q(looked_at__lt=soonest)
    hosts = Host.objects.filter(due).exclude(host_key="").exclude(state=HostState.MAINTENANCE)
    rows = [
        row
        for row in hosts.order_by(F("looked_at").asc(nulls_first=True), "name").values_list(
            "pk", "looked_at", "key_id", "host_key", *_REACH
        )
        if row[1] is None or row[1] + _pause(row[0], row[1], every) <= now
    ][:limit]
    if not rows:
        return []
    keys = _private_keys({row[2] for row in rows})
    services = _services([row[0] for row in rows])
    return [
        DueHost(
            pk,
            HostAccess(
                **dict(zip(_REACH, reach, strict=True)),
                private_key=keys[key_id],
                host_key=host_key,
            ),
            tuple(services[pk]),
        )
        for pk, _, key_id, host_key, *reach in rows
    ]


def _pause(host_id: int, looked_at: datetime, every: timedelta) -> timedelta:
    """Return another time for each look, and for all workers the same."""
    chance = crc32(f"{host_id} {looked_at.timestamp()}".encode()) / 2**32
    return every * (1 - JITTER + 2 * JITTER * chance)


def _private_keys(key_ids: set[int]) -> dict[int, str]:
    """Return each key decrypted, once."""
    return dict(SshKey.objects.filter(pk__in=key_ids).values_list("pk", "private_key"))


def list_unseen_services(host_id: int) -> Sequence[tuple[int, str]]:
    """Return the services, (id, name), of which nothing has been seen on this machine yet."""
    unseen = Instance.objects.filter(host=host_id, seen_at=None).order_by("service__name")
    return list(unseen.values_list("service", "service__name").distinct())


def _services(host_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = Instance.objects.filter(host__in=host_ids).order_by("service__name")
    for host_id, service_id, name in rows.values_list(
        "host", "service", "service__name"
    ).distinct():
        found[host_id].append((service_id, name))
    return found
