"""How many of what there are, for monitoring: counted by the database, each in one query."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Model, QuerySet

from slipway.core.hosts.place_status import PlaceStatus, PlaceWord, is_unread
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.queries import status_of
from slipway.records.rollouts.models import UNDER_WAY, Lock, Rollout
from slipway.records.workers.models import Worker

AT_ONCE = 2000
UNDRIVEN = timedelta(seconds=60)


class OddInstance(NamedTuple):
    instance: Instance
    status: PlaceStatus


def rollouts_by_state() -> list[tuple[str, int]]:
    """Return (state, how many)."""
    return _counted(Rollout.objects.all(), "state")


def hosts_by_state() -> list[tuple[str, int]]:
    """Return (state, how many)."""
    return _counted(Host.objects.all(), "state")


def instances_by_status(now: datetime) -> list[tuple[str, int]]:
    """Return (status as everybody is shown it, how many)."""
    told = _with_status(Instance.objects.for_status(), now)
    return sorted(Counter(status.word for _, status in told).items())


def list_odd_instances(now: datetime, word: PlaceWord) -> list[OddInstance]:
    """Return the instances that are `word`, and more than that of their status."""
    rows = Instance.objects.for_status().not_as_wanted().order_by("host__name", "port", "pk")
    return [each for each in _with_status(rows, now) if each.status.word == word]


def list_unread_instances(now: datetime) -> list[OddInstance]:
    """Return the instances whose files could not be looked through, where that is all."""
    rows = Instance.objects.for_status().exclude(seen_drift="").order_by("host__name", "port", "pk")
    return [each for each in _with_status(rows, now) if is_unread(each.status)]


def _with_status(rows: QuerySet[Instance], now: datetime) -> Iterator[OddInstance]:
    return (OddInstance(row, status_of(row, now)) for row in rows.iterator(chunk_size=AT_ONCE))


def clock_ahead(now: datetime) -> timedelta:
    """Return how far the clock that says `now` is ahead of the database's."""
    if connection.vendor != "postgresql":
        return timedelta()  # it is the same one
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        clock: datetime = cursor.fetchone()[0]
    return now - clock


def list_unreachable_hosts() -> list[str]:
    """Return the names of hosts that did not answer when they were last asked."""
    hosts = Host.objects.filter(state=HostState.UNREACHABLE).order_by("name")
    return list(hosts.values_list("name", flat=True))


def list_twins() -> list[tuple[str, ...]]:
    """Return the names of hosts that have one host key: one machine, or copies of one."""
    learnt = Host.objects.exclude(host_key="").values("host_key")
    keys = learnt.annotate(count=Count("pk")).filter(count__gt=1).order_by("host_key")
    return [
        tuple(Host.objects.filter(host_key=key).order_by("name").values_list("name", flat=True))
        for key in keys.values_list("host_key", flat=True)
    ]


def list_forsaken_rollouts(now: datetime) -> list[int]:
    """Return active rollouts older than a minute that no living worker drives."""
    waiting = Rollout.objects.filter(UNDER_WAY, created_at__lt=now - UNDRIVEN)
    left = waiting.exclude(driver__in=Worker.objects.heard().values("pk"))
    return list(left.order_by("pk").values_list("pk", flat=True))


def list_old_locks(now: datetime, older_than: timedelta) -> list[Lock]:
    """Return locks without an end that have been held for longer than `older_than`."""
    held = Lock.objects.filter(released_at=None, until=None, since__lt=now - older_than)
    return list(held.select_related("service", "environment", "holder").order_by("since"))


def _counted(rows: QuerySet[Model], column: str) -> list[tuple[str, int]]:
    return list(rows.values_list(column).annotate(Count("pk")).order_by(column))
