"""How many of what there are, for monitoring: counted by the database, each in one query."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Count, Model, QuerySet

from slipway.core.place_status import PlaceStatus, PlaceWord, is_unread
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.queries import status_of
from slipway.records.rollouts.models import ACTIVE, Lock, Rollout, Worker
from slipway.records.rollouts.workers import list_alive

ALIVE = timedelta(seconds=20)
AT_ONCE = 2000
UNDRIVEN = timedelta(seconds=60)


def rollouts_by_state() -> list[tuple[str, int]]:
    """Return (state, how many)."""
    return _counted(Rollout.objects.all(), "state")


def hosts_by_state() -> list[tuple[str, int]]:
    """Return (state, how many)."""
    return _counted(Host.objects.all(), "state")


def instances_by_status(now: datetime) -> list[tuple[str, int]]:
    """Return (status as everybody is shown it, how many)."""
    rows = Instance.objects.for_status()
    counts = Counter(status_of(row, now).word for row in rows.iterator(chunk_size=AT_ONCE))
    return sorted(counts.items())


def list_odd_instances(
    now: datetime, word: PlaceWord, limit: int
) -> list[tuple[Instance, PlaceStatus]]:
    """Return the first instances that are `word`, and more than that of their status."""
    rows = Instance.objects.for_status().not_as_wanted().order_by("host__name", "port", "pk")
    told = ((row, status_of(row, now)) for row in rows.iterator(chunk_size=AT_ONCE))
    return list(islice(((row, status) for row, status in told if status.word == word), limit))


def list_unread_instances(now: datetime, limit: int) -> list[tuple[Instance, PlaceStatus]]:
    """Return the first instances whose files could not be looked through, where that is all."""
    rows = Instance.objects.for_status().exclude(seen_drift="").order_by("host__name", "port", "pk")
    told = ((row, status_of(row, now)) for row in rows.iterator(chunk_size=AT_ONCE))
    return list(islice(((row, status) for row, status in told if is_unread(status)), limit))


def list_living_workers() -> list[Worker]:
    """Return the workers that beat."""
    return list_alive(ALIVE)


def list_unreachable_hosts(limit: int) -> list[str]:
    """Return the names of hosts that did not answer when they were last asked."""
    hosts = Host.objects.filter(state=HostState.UNREACHABLE).order_by("name")
    return list(hosts.values_list("name", flat=True)[:limit])


def list_forsaken_rollouts(now: datetime) -> list[int]:
    """Return active rollouts older than a minute that no living worker drives."""
    alive = [worker.pk for worker in list_living_workers()]
    waiting = Rollout.objects.filter(
        state__in=[state.value for state in ACTIVE], created_at__lt=now - UNDRIVEN
    )
    return list(waiting.exclude(driver__in=alive).order_by("pk").values_list("pk", flat=True))


def list_old_locks(now: datetime, older_than: timedelta) -> list[Lock]:
    """Return locks without an end that have been held for longer than `older_than`."""
    held = Lock.objects.filter(released_at=None, until=None, since__lt=now - older_than)
    return list(held.select_related("service", "environment", "holder").order_by("since"))


def _counted(rows: QuerySet[Model], column: str) -> list[tuple[str, int]]:
    return list(rows.values_list(column).annotate(Count("pk")).order_by(column))
