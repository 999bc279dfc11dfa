"""Which workers there are, and what people call them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from slipway.records.workers.models import Worker
from slipway.records.workers.operations import LONG_AGO


def list_living() -> frozenset[str]:
    """Return the ids of workers that nobody has declared dead."""
    return frozenset(Worker.objects.living().values_list("pk", flat=True))


def list_heard() -> Sequence[Worker]:
    """Return the workers that beat."""
    return list(Worker.objects.heard().order_by("started_at"))


def heard_at(workers: Collection[str]) -> dict[str, datetime | None]:
    """Return when each of these was last heard of: who left by itself has no last beat, and when
    that was noticed is known."""
    return {
        worker.pk: worker.beat_at if worker.beat_at > LONG_AGO else worker.dead_at
        for worker in Worker.objects.filter(pk__in=workers)
    }


def name_of_worker(worker_id: str) -> str:
    """Return what people call a worker: its machine and process, without the mark of its boot."""
    machine, _, process = worker_id.partition(":")
    number = process.partition(":")[0]
    return f"{machine} ({number})" if number else machine
