"""A worker's life: it begins, beats, leaves, or is declared dead."""

from datetime import datetime, timedelta

from django.db.models.functions import Now

from slipway.records.workers.models import Worker

LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def register_worker(*, worker_id: str, now: datetime, version: str | None = None) -> None:
    """Begin the life of a worker, under an id that was never used before."""
    Worker.objects.create(
        id=worker_id, started_at=now, beat_at=Now(), clock_at=now, version=version
    )


def beat(*, worker_id: str, now: datetime | None = None) -> bool:
    """Show that a worker is alive; False when it was declared dead and must leave. `now` is what
    its own clock says."""
    living = Worker.objects.living().filter(pk=worker_id)
    return living.update(beat_at=Now(), clock_at=now) == 1


def leave(*, worker_id: str) -> None:
    """Let others take over at once what this worker was doing: it stops by itself."""
    Worker.objects.living().filter(pk=worker_id).update(beat_at=LONG_AGO)


def declare_dead(*, by: str, after: timedelta) -> list[str]:
    """Declare workers dead that did not beat for `after`; returns those that this call, and no
    other, declared dead: their work is the caller's to take over."""
    silent = Worker.objects.living().filter(beat_at__lt=Now() - after).exclude(pk=by)
    won = []
    for worker_id in silent.values_list("pk", flat=True):
        # Compare-and-set: of two that see the same silence, one row count is 1.
        if silent.filter(pk=worker_id).update(dead_at=Now(), taken_over_by=by):
            won.append(worker_id)
    return won
