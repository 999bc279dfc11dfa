"""What drivers read of a rollout: the state a decision is made from, and what is to be driven."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from slipway.core.instances import FAILED, InstanceStatus
from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.rollout.decision import RolloutState, TargetState
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import ACTIVE, Rollout, Step, Target, Worker

# Instances are meant to go away: how many at once is for the batches to say.
_TAKES_AWAY = (RolloutKind.STOP, RolloutKind.DELETE)


@dataclass(frozen=True, slots=True)
class TargetEnd:
    """How far a target has come, for a sentence about it."""

    host: str
    port: int
    state: TargetStatus
    touched: bool
    problem: Sentence | None


def get_state(rollout_id: int) -> RolloutState:
    """Return what `decide` needs. Three queries, however many targets."""
    rollout = Rollout.objects.get(pk=rollout_id)
    rows = Target.objects.filter(rollout=rollout).order_by("batch", "id")
    targets = tuple(
        TargetState(
            id=row.pk,
            batch=row.batch,
            status=TargetStatus(row.state),
            was_healthy=row.was_healthy,
            finished_at=row.finished_at,
            untouched=not row.touched,
        )
        for row in rows
    )
    takes_away = rollout.kind in _TAKES_AWAY
    return RolloutState(
        targets=targets,
        failures_allowed=rollout.failures_allowed,
        max_unavailable=len(targets) if takes_away else rollout.max_unavailable,
        failures_allowed_canary=rollout.canary_failures_allowed,
        bake_time=rollout.bake_time,
        paused=rollout.state == RolloutStatus.PAUSED,
        cancelled=rollout.cancel_requested,
        promoted_batches=rollout.promoted_batches,
        needs_promotion=rollout.promotion_needed,
        progress_deadline=rollout.progress_deadline,
        last_progress_at=rollout.last_progress_at,
        ill_elsewhere=0 if takes_away else _ill_elsewhere(rollout),
    )


def _ill_elsewhere(rollout: Rollout) -> int:
    """Instances of the service that are not well and not targets. One that people stopped or took
    into maintenance is away because they want it so."""
    return (
        Instance.objects.filter(
            service=rollout.service_id,
            environment=rollout.environment_id,
            is_maintain=False,
            status__in=[status.value for status in FAILED],
        )
        .exclude(targets__rollout=rollout)
        .exclude(status=InstanceStatus.STOPPED)
        .count()
    )


def list_target_ends(rollout_id: int) -> list[TargetEnd]:
    rows = Target.objects.filter(rollout_id=rollout_id).select_related("host")
    return [
        TargetEnd(row.host.name, row.port, TargetStatus(row.state), row.touched, row.problem)
        for row in rows.order_by("finished_at", "batch", "id")
    ]


def list_finished_tickets(rollout_id: int) -> dict[int, tuple[str, ...]]:
    """Return, by target, the tickets whose results are written down, and that hosts may forget."""
    tickets: dict[int, tuple[str, ...]] = {}
    rows = Step.objects.filter(target__rollout_id=rollout_id, finished_at__isnull=False).exclude(
        name="upload"
    )
    for target_id, ticket in rows.values_list("target_id", "ticket"):
        tickets[target_id] = (*tickets.get(target_id, ()), ticket)
    return tickets


def list_undriven(*, worker_id: str, driving: Collection[int]) -> list[int]:
    """Return active rollouts that nobody alive drives, or that this worker should and does not."""
    alive = Worker.objects.filter(dead_at=None).exclude(pk=worker_id)
    return list(
        Rollout.objects.filter(state__in=[state.value for state in ACTIVE])
        .exclude(pk__in=driving)
        .exclude(driver__in=alive.values("pk"))
        .order_by("created_at")
        .values_list("pk", flat=True)
    )


def list_living_workers() -> frozenset[str]:
    """Return the ids of workers that nobody has declared dead."""
    return frozenset(Worker.objects.filter(dead_at=None).values_list("pk", flat=True))


def list_revisions(rollout_ids: Collection[int]) -> dict[int, int]:
    """Return the revision of each of these rollouts that is still active."""
    return dict(
        Rollout.objects.filter(
            pk__in=rollout_ids, state__in=[state.value for state in ACTIVE]
        ).values_list("pk", "rev")
    )


def recently_succeeded(since: datetime) -> list[int]:
    """Return rollouts that put a version somewhere and ended well after `since`, and that nothing
    has come after."""
    rows = Rollout.objects.filter(
        state=RolloutStatus.SUCCEEDED,
        kind__in=(RolloutKind.DEPLOY, RolloutKind.UPGRADE),
        automatic_rollback=True,
        finished_at__gte=since,
    )
    return [
        row.pk
        for row in rows
        if not Rollout.objects.filter(
            service=row.service_id, environment=row.environment_id, created_at__gt=row.created_at
        ).exists()
    ]
