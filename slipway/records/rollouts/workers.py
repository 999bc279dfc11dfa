"""Which workers are alive, by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Now

from slipway.records.rollouts.models import Rollout, Worker

LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
ALIVE = timedelta(seconds=20)  # since its last beat


@dataclass(frozen=True, slots=True)
class Driving:
    """Who drives a rollout: the worker's name and since when, "" where nobody has taken it up;
    `heard_at` is its last sign of life, `has_workers` whether any worker is alive."""

    worker: str
    since: datetime | None
    heard_at: datetime | None
    is_alive: bool
    has_workers: bool


def driving_of(rollout: Rollout) -> Driving:
    return drivings_of([rollout])[rollout.pk]


def drivings_of(rollouts: Sequence[Rollout]) -> dict[int, Driving]:
    """Return who drives each rollout, by its id, as far as the database has heard of them."""
    alive = {worker.pk for worker in list_alive(ALIVE)}
    known = Worker.objects.in_bulk({rollout.driver for rollout in rollouts})
    return {
        rollout.pk: Driving(
            worker=name_of_worker(rollout.driver),
            since=rollout.driver_since,
            heard_at=_heard_at(known.get(rollout.driver)),
            is_alive=rollout.driver in alive,
            has_workers=bool(alive),
        )
        for rollout in rollouts
    }


def _heard_at(worker: Worker | None) -> datetime | None:
    """Who left by itself has no last beat: when that was noticed is known."""
    if worker is None:
        return None
    return worker.beat_at if worker.beat_at > LONG_AGO else worker.dead_at


def name_of_worker(worker_id: str) -> str:
    """Return what people call a worker: its machine and process, without the mark of its boot."""
    machine, _, process = worker_id.partition(":")
    number = process.partition(":")[0]
    return f"{machine} ({number})" if number else machine


def register_worker(*, worker_id: str, now: datetime, version: str | None = None) -> None:
    """Begin the life of a worker, under an id that was never used before."""
    Worker.objects.create(
        id=worker_id, started_at=now, beat_at=Now(), clock_at=now, version=version
    )


def beat(*, worker_id: str, now: datetime | None = None) -> bool:
    """Show that a worker is alive; False when it was declared dead and must leave. `now` is what
    its own clock says."""
    alive = Worker.objects.filter(pk=worker_id, dead_at=None)
    return alive.update(beat_at=Now(), clock_at=now) == 1


def leave(*, worker_id: str) -> None:
    """Let others take over at once what this worker was doing: it stops by itself."""
    Worker.objects.filter(pk=worker_id, dead_at=None).update(beat_at=LONG_AGO)


def declare_dead(*, by: str, after: timedelta) -> list[str]:
    """Declare workers dead that did not beat for `after`; returns those that this call, and no
    other, declared dead: their work is the caller's to take over."""
    silent = Worker.objects.filter(dead_at=None, beat_at__lt=Now() - after).exclude(pk=by)
    won = []
    for worker_id in silent.values_list("pk", flat=True):
        # Compare-and-set: of two that see the same silence, one row count is 1.
        if Worker.objects.filter(pk=worker_id, dead_at=None, beat_at__lt=Now() - after).update(
            dead_at=Now(), taken_over_by=by
        ):
            won.append(worker_id)
    return won


def list_alive(after: timedelta) -> list[Worker]:
    """Return workers that have beaten within `after`."""
    return list(
        Worker.objects.filter(dead_at=None, beat_at__gte=Now() - after).order_by("started_at")
    )
