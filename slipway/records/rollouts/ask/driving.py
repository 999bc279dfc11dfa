"""Who drives a rollout, as far as the database has heard of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.records.rollouts.models import Rollout
from slipway.records.workers.queries import heard_at, list_heard, name_of_worker


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
    """Return who drives each rollout, by its id."""
    alive = {worker.pk for worker in list_heard()}
    heard = heard_at({rollout.driver for rollout in rollouts})
    return {
        rollout.pk: Driving(
            worker=name_of_worker(rollout.driver),
            since=rollout.driver_since,
            heard_at=heard.get(rollout.driver),
            is_alive=rollout.driver in alive,
            has_workers=bool(alive),
        )
        for rollout in rollouts
    }
