"""Who drives a rollout, what each worker has in hand, as far as the database has heard, and what
was begun or asked for and nobody goes on with."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import F, Q

from slipway.core.builds.state import BuildStage
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import Build, ServerCheck
from slipway.records.fleet.models import HostCheck
from slipway.records.rollouts.ask.figures import UNDRIVEN
from slipway.records.rollouts.models import UNDER_WAY, Rollout
from slipway.records.rows.pages import Page
from slipway.records.workers.models import Worker
from slipway.records.workers.queries import heard_at, list_heard, name_of_worker

REMEMBERED = timedelta(days=1)  # of those that were declared dead
_MOST = 50
# All of it takes minutes at most, and a claim on it grows old before that.
LEFT_ALONE = timedelta(minutes=15)


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


def list_forsaken(now: datetime, limit: int) -> list[Sentence]:
    """Return up to `limit` of what no living worker has, each named."""
    return list(islice(_forsaken(now, limit), limit))


def _forsaken(now: datetime, limit: int) -> Iterator[Sentence]:
    # One that nobody has may wait for its turn.
    late = Q(claimed_by="", due_at__lt=now - LEFT_ALONE) | ~Q(claimed_by="")
    due = Build.objects.filter(late, due_at__lt=now - UNDRIVEN).exclude(stage=BuildStage.OVER)
    forsaken = due.exclude(claimed_by__in=Worker.objects.heard().values("pk"))
    for build in forsaken.select_related("service").order_by("pk")[:limit]:
        yield _build(build)
    waiting = is_left_alone(now)
    for check in HostCheck.objects.filter(waiting).select_related("host").order_by("pk")[:limit]:
        yield Sentence.of("left_host_check", "check of host {host}", host=check.host.name)
    servers = ServerCheck.objects.filter(waiting).select_related("server")
    for asked in servers.order_by("requested_at")[:limit]:
        template = "check of build server {server}"
        yield Sentence.of("left_server_check", template, server=asked.server.name)


def is_left_alone(now: datetime) -> Q:
    """Return the condition of wishes that wait, or whose claim has grown old."""
    left = Q(claimed_at=None) | Q(claimed_at__lt=now - LEFT_ALONE)
    return Q(finished_at=None, requested_at__lt=now - LEFT_ALONE) & left


def _build(build: Build) -> Sentence:
    service = build.service.name
    if not build.claimed_by:
        return Sentence.of(
            "left_build", "build {build} of {service}", build=build.pk, service=service
        )
    return Sentence.of(
        "left_build_of",
        "build {build} of {service} (last with worker {worker})",
        build=build.pk,
        service=service,
        worker=build.claimed_by,
    )
