"""What has happened on those grounds: rollouts with targets, steps and logs, histories, the audit.

Steps and lines of a log, of which there are most, the database writes by itself, from the targets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from benchmarks.filled import shapes
from benchmarks.filled.grounds import PORT, Grounds, written
from benchmarks.filled.size import ENVIRONMENTS, LARGEST
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.words import Stage
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.records.audit.models import Event
from slipway.records.catalog.models import Release, Service
from slipway.records.fleet.models import Environment, Host, Instance
from slipway.records.rollouts.models import Lock, Rollout, Target, WellState, Withdrawal
from slipway.records.workers.models import Worker

DRIVER = "here:0:filled"
_APART = timedelta(days=14)  # two rollouts of a service in an environment
_UNDER_WAY = 10  # rollouts
_BATCHES = (1, 25, 50, 75, 100)  # percent of the places that are begun with each batch


@dataclass(slots=True)
class _Told:
    """A rollout, and what it is about; its target number `done` is the first that is not over."""

    rollout: Rollout
    hosts: list[Host]
    release: Release
    before: Release
    done: int


def tell_stories(grounds: Grounds, instances: list[Instance]) -> None:
    Worker.objects.create(
        id=DRIVER, started_at=grounds.now, beat_at=grounds.now, clock_at=grounds.now
    )
    told = sorted(_told(grounds), key=lambda each: each.rollout.created_at)
    written([each.rollout for each in told])
    known = {(each.service_id, each.host_id): each for each in instances}
    targets = written(target for each in told for target in _targets(each, known))
    _write_steps_and_lines()
    written(_well_states(told, targets))
    written(_events(told))
    written(_stops(grounds))


def _told(grounds: Grounds) -> Iterator[_Told]:
    places = list(grounds.places())
    count = grounds.size.rollouts
    # The largest is one that is under way.
    under_way = {(n * len(places) // _UNDER_WAY + len(ENVIRONMENTS) - 1) for n in range(_UNDER_WAY)}
    for number, (service, environment, hosts) in enumerate(places):
        mine = count // len(places) + (number < count % len(places))
        for at in range(mine):
            is_last = at == mine - 1
            is_open = is_last and number in under_way
            yield _one(grounds, service, environment, hosts, (mine - at, number), is_open=is_open)


def _one(
    grounds: Grounds,
    service: Service,
    environment: Environment,
    hosts: list[Host],
    which: tuple[int, int],
    *,
    is_open: bool,
) -> _Told:
    """`which`: how many are to come, this one among them, and the number of the place."""
    left, number = which
    releases = grounds.releases[service.pk]
    at = max(len(releases) - 1 - left, 1) if not is_open else len(releases) - 1
    created = grounds.now - _APART * (left - 1) - timedelta(minutes=23 * (number % 211) + 9)
    state, done = _end(number + left, len(hosts), is_open=is_open)
    person = grounds.people[(number + left) % len(grounds.people)]
    rollout = Rollout(
        kind=RolloutKind.REVERT if (number + left) % 9 == 8 else RolloutKind.UPGRADE,
        service=service,
        environment=environment,
        version=releases[at].version,
        batches="1 25%",
        max_unavailable=max(1, len(hosts) // 4),
        failures_allowed=1,
        bake_time=timedelta(seconds=10),
        progress_deadline=timedelta(minutes=10),
        plan=shapes.plan_of([(host.name, PORT) for host in hosts], releases[at].version.name),
        plan_hash="0f" * 32,
        state=state,
        reason="As asked for in the ticket.",
        format=1,
        driven=90.0,
        end="" if is_open else state.value,
        outcome=shapes.HALTED if state == RolloutStatus.HALTED else None,
        driver=DRIVER if is_open else "",
        driver_since=created if is_open else None,
        epoch=1,
        rev=(len(hosts) + 1) * len(shapes.LINES),
        created_at=created,
        created_by=person,
        started_at=created,
        finished_at=None if is_open else created + timedelta(seconds=90),
    )
    return _Told(rollout, hosts, releases[at], releases[max(at - 1, 0)], done)


def _end(number: int, places: int, *, is_open: bool) -> tuple[RolloutStatus, int]:
    if is_open:
        state = RolloutStatus.PAUSED if number % 3 == 2 else RolloutStatus.RUNNING
        return state, places // 8
    if number % 25 == 24:
        return RolloutStatus.HALTED, places // 3
    return RolloutStatus.SUCCEEDED, places


def _targets(told: _Told, instances: dict[tuple[int, int], Instance]) -> Iterator[Target]:
    rollout, count = told.rollout, len(told.hosts)
    edges = [max(1, count * part // 100) for part in _BATCHES]
    for at, host in enumerate(told.hosts):
        state = _state(told, at)
        is_begun = state not in (TargetStatus.PENDING, TargetStatus.CANCELLED)
        began = rollout.created_at + timedelta(seconds=at % 60)
        is_over = state not in (TargetStatus.PENDING, TargetStatus.RUNNING)
        yield Target(
            rollout=rollout,
            instance=instances[rollout.service_id, host.pk],
            host=host,
            port=PORT,
            from_version=told.before.version,
            to_version=told.release.version,
            from_release=told.before,
            to_release=told.release,
            back_release=told.before,
            stage=Stage.WELL if is_over else Stage.DUE,
            batch=next(n for n, edge in enumerate(edges, start=1) if at < edge or n == len(edges)),
            state=state,
            touched=is_begun,
            attempts=int(is_begun),
            step="health" if is_begun else "",
            problem=shapes.FAILED if state == TargetStatus.FAILED else None,
            bytes_to_move=5_600_000,
            rev=(at + 1) * len(shapes.LINES),
            started_at=began if is_begun else None,
            finished_at=began + timedelta(seconds=20 + at % 7) if is_over else None,
        )


def _state(told: _Told, at: int) -> TargetStatus:
    is_open = told.rollout.finished_at is None
    if at < told.done:
        # Of a thousand some fail, and are within what may.
        return TargetStatus.FAILED if is_open and at % 50 == 49 else TargetStatus.SUCCEEDED
    if is_open:
        is_begun = at < told.done + max(1, len(told.hosts) // 20)
        return TargetStatus.RUNNING if is_begun else TargetStatus.PENDING
    return TargetStatus.FAILED if at < told.done + 2 else TargetStatus.CANCELLED


def _write_steps_and_lines() -> None:
    """Six or seven steps, and fourteen lines of the log, of each place that was begun."""
    quoted = [f"({n}, '{text}')" for n, text in enumerate(shapes.LINES, start=1)]
    steps = [f"({n}, '{name}')" for n, name in enumerate(shapes.STEPS, start=1)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH step(n, name) AS (VALUES {', '.join(steps)}) "
            'INSERT INTO rollouts_step (target_id, name, heading, attempt, "order", ticket,'
            " started_at, finished_at, exit_code, bytes_moved, output, rev) "
            "SELECT target.id, step.name, 'forth', 1, step.n, 't-' || target.id || '-' || step.n,"
            " target.started_at, target.finished_at, 0, 0,"
            " 'ok: ' || step.name || ' has done what it should', target.rev "
            "FROM rollouts_target target CROSS JOIN step WHERE target.started_at IS NOT NULL"
        )
        cursor.execute(
            f"WITH line(n, text) AS (VALUES {', '.join(quoted)}) "
            "INSERT INTO rollouts_logline (rollout_id, target_id, step, level, sentence, text, at,"
            " rev) "
            "SELECT target.rollout_id, target.id, 'health', 'output', NULL, line.text,"
            " target.started_at, target.rev + line.n "
            "FROM rollouts_target target CROSS JOIN line WHERE target.started_at IS NOT NULL"
        )


def _well_states(told: list[_Told], targets: list[Target]) -> Iterator[WellState]:
    """An entry for each place at which a rollout ended well; the next one ends it."""
    rollouts = {each.rollout.pk: each for each in told}
    last: dict[tuple[int, int], WellState] = {}
    for target in targets:
        of = rollouts[target.rollout_id]
        if target.state != TargetStatus.SUCCEEDED or target.finished_at is None:
            continue
        place = of.rollout.service_id, target.host_id
        before = last.get(place)
        last[place] = WellState(
            service=of.rollout.service,
            host=target.host,
            port=target.port,
            release=of.release,
            rollout=of.rollout,
            depth=before.depth + 1 if before else 0,
            since=target.finished_at,
        )
        if before is not None:
            before.until = target.finished_at
            yield before
    yield from last.values()


def _events(told: list[_Told]) -> Iterator[Event]:
    for each in told:
        rollout = each.rollout
        moments = (("rollout.started", rollout.created_at), ("rollout.ended", rollout.finished_at))
        for verb, at in moments:
            if at is None or rollout.created_by is None:
                continue
            yield Event(
                at=at,
                by=rollout.created_by,
                by_name=rollout.created_by.username,
                source="10.0.0.1",
                verb=verb,
                thing_kind="rollout",
                thing_id=str(rollout.pk),
                thing_name=f"#{rollout.pk}",
                service=rollout.service.name,
                environment=rollout.environment.name,
                after={"kind": rollout.kind, "version": each.release.version.name},
                reason=rollout.reason,
            )


def _stops(grounds: Grounds) -> Iterator[Lock]:
    """Locks that people hold; and what was withdrawn."""
    prod = grounds.environments[-1]
    for number, service in enumerate(grounds.services):
        if number % 10 == 5:
            Withdrawal.objects.create(
                version=grounds.versions[service.pk][-4],
                environment=prod,
                by=grounds.people[0],
                reason="It lost requests.",
                since=grounds.now,
            )
        if number % 30 == 7 and service.name != LARGEST:
            yield Lock(
                service=service,
                environment=prod,
                holder=grounds.people[1],
                reason="The sale.",
                since=grounds.now,
            )
