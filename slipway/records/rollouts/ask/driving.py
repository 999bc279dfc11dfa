"""Who drives a rollout, and what each worker has in hand, as far as the database has heard."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from slipway.core.builds.state import BuildStage
from slipway.records.catalog.models import Build
from slipway.records.rollouts.models import UNDER_WAY, Rollout
from slipway.records.rows.pages import Page
from slipway.records.workers.models import Worker
from slipway.records.workers.queries import heard_at, list_heard, name_of_worker

REMEMBERED = timedelta(days=1)  # of those that were declared dead
_MOST = 50


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


@dataclass(frozen=True, slots=True)
class InHand:
    """Something that a worker has: a rollout or a build, by its number."""

    number: int
    service: str
    environment: str = ""  # "" of a build


@dataclass(frozen=True, slots=True)
class WorkerAtWork:
    """A worker: `is_heard` where it beats, `is_dead` where that was declared, and by whom its work
    was taken over then; `version` is None where it did not say one."""

    id: str
    name: str
    version: str | None
    started_at: datetime
    heard_at: datetime | None
    is_heard: bool
    is_dead: bool
    taken_over_by: str
    rollouts: tuple[InHand, ...]
    builds: tuple[InHand, ...]


class WorkersAtWork(list[WorkerAtWork]):
    """Some of them; `total` counts all."""

    total: int


def list_workers_at_work(now: datetime, limit: int = _MOST, offset: int = 0) -> WorkersAtWork:
    """Return the living, the longest there first, then those that died within a day, the latest
    first."""
    late = Q(dead_at=None) | Q(dead_at__gte=now - REMEMBERED)
    # Databases do not agree where those without a time go.
    order = F("dead_at").desc(nulls_first=True)
    rows = Page(Worker.objects.filter(late).order_by(order, "started_at", "pk"), limit, offset)
    found = WorkersAtWork(_at_work(rows))
    found.total = rows.total
    return found


def _at_work(rows: Sequence[Worker]) -> Sequence[WorkerAtWork]:
    names = [each.pk for each in rows]
    heard = set(Worker.objects.heard().values_list("pk", flat=True))
    beats = heard_at(names)
    rollouts, builds = _rollouts(names), _builds(names)
    return [
        WorkerAtWork(
            each.pk,
            name_of_worker(each.pk),
            each.version,
            each.started_at,
            beats.get(each.pk),
            each.pk in heard,
            each.dead_at is not None,
            name_of_worker(each.taken_over_by),
            tuple(rollouts[each.pk]),
            tuple(builds[each.pk]),
        )
        for each in rows
    ]


def _rollouts(workers: Sequence[str]) -> dict[str, list[InHand]]:
    found: dict[str, list[InHand]] = defaultdict(list)
    rows = Rollout.objects.filter(UNDER_WAY, driver__in=workers).order_by("pk")
    fields = ("driver", "pk", "service__name", "environment__name")
    for worker, number, service, environment in rows.values_list(*fields):
        found[worker].append(InHand(number, service, environment))
    return found


def _builds(workers: Sequence[str]) -> dict[str, list[InHand]]:
    found: dict[str, list[InHand]] = defaultdict(list)
    rows = Build.objects.filter(claimed_by__in=workers).exclude(stage=BuildStage.OVER)
    for worker, number, service in rows.order_by("pk").values_list(
        "claimed_by", "pk", "service__name"
    ):
        found[worker].append(InHand(number, service))
    return found
