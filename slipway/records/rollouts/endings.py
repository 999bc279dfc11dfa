"""How targets and rollouts end: instances, locks and audit in the same transaction."""

from datetime import datetime

from slipway.core.instances import failed, settled
from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.refusal import Refused
from slipway.core.release import DISTURBING
from slipway.core.rollout import TargetStatus
from slipway.ports import SeenInstance
from slipway.records.accounts.actors import Actor
from slipway.records.audit import operations as audit
from slipway.records.catalog.models import Version
from slipway.records.fields.texts import storable
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Lock, Rollout, Step, Target
from slipway.records.rollouts.operations import roll_back
from slipway.records.rollouts.progress import turn


def finish_target(
    *,
    rollout_id: int,
    epoch: int,
    target_id: int,
    state: TargetStatus,
    seen: SeenInstance | None,
    problem: Refused | None,
    now: datetime,
) -> None:
    """Write down a target's end, and what its instance is now. Safe to repeat. Raises LeaseLost."""
    rev = turn(rollout_id, epoch)
    target = (
        Target.objects.select_related("rollout", "instance", "from_version", "to_version")
        .select_for_update(of=("self",))
        .get(pk=target_id, rollout_id=rollout_id)
    )
    if TargetStatus(target.state).is_over:
        return
    if state is TargetStatus.FAILED:
        target.touched = target.touched and _was_disturbed(target)
    target.state, target.finished_at, target.rev = state, now, rev
    target.problem = storable(problem.message) if problem else ""
    target.problem_hint = storable(problem.hint) if problem else ""
    _settle_instance(target, seen, now)
    target.save(
        update_fields=[
            "state",
            "finished_at",
            "rev",
            "problem",
            "problem_hint",
            "touched",
            "instance",
        ]
    )
    if state is TargetStatus.SUCCEEDED:
        Rollout.objects.filter(pk=rollout_id).update(last_progress_at=now)


def revoke_success(
    *,
    rollout_id: int,
    epoch: int,
    target_id: int,
    problem: Refused,
    seen: SeenInstance | None,
    now: datetime,
) -> None:
    """Write down that an instance which was well is not any more: its target failed after all."""
    rev = turn(rollout_id, epoch)
    target = Target.objects.select_related("rollout", "instance").get(
        pk=target_id, rollout_id=rollout_id
    )
    if target.state != TargetStatus.SUCCEEDED:
        return
    target.state, target.touched, target.finished_at, target.rev = (
        TargetStatus.FAILED, True, now, rev,
    )  # fmt: skip
    target.problem, target.problem_hint = storable(problem.message), storable(problem.hint)
    target.save(update_fields=["state", "touched", "finished_at", "rev", "problem", "problem_hint"])
    if target.instance is not None:
        instance = target.instance
        instance.status, instance.healthy = failed(_action(target)), False
        instance.seen_version = seen.running_version if seen else ""
        instance.seen_at = now
        instance.save(update_fields=["status", "healthy", "seen_version", "seen_at"])


def _was_disturbed(target: Target) -> bool:
    """Whether a step that changes the instance has run; a chain ends at its first failure, so
    after a failure the steps behind it have not."""
    steps = list(Step.objects.filter(target=target))
    if not any(step.exit_code for step in steps if step.attempt == target.attempts):
        return any(step.name in DISTURBING for step in steps)
    return any(step.name in DISTURBING and step.exit_code is not None for step in steps)


def _action(target: Target) -> RolloutKind:
    gone = target.rollout.kind == RolloutKind.REVERT and target.to_version is None
    return RolloutKind.DELETE if gone else RolloutKind(target.rollout.kind)


def _settle_instance(target: Target, seen: SeenInstance | None, now: datetime) -> None:
    instance = target.instance
    if instance is None:
        return
    if seen is not None:
        instance.seen_version, instance.seen_at = seen.running_version, now
    if target.state == TargetStatus.SUCCEEDED:
        if _action(target) is RolloutKind.DELETE:
            target.instance = None
            target.save(update_fields=["instance"])
            instance.delete()
            return
        _settle_well(target, instance)
    elif target.created_instance and not target.touched:
        # Nothing was put there: an instance that never was is not left behind.
        target.instance = None
        target.save(update_fields=["instance"])
        instance.delete()
        return
    elif target.touched:
        instance.status, instance.healthy = failed(_action(target)), False
    elif target.status_before is not None:
        instance.status = target.status_before
    instance.save(
        update_fields=[
            "status",
            "healthy",
            "version",
            "previous_version",
            "seen_version",
            "seen_at",
        ]
    )


def _settle_well(target: Target, instance: Instance) -> None:
    action = _action(target)
    instance.status = settled(action)
    instance.healthy = None if action is RolloutKind.STOP else True
    if not action.moves_version:
        return
    instance.version = target.to_version
    if action is RolloutKind.REVERT:
        instance.previous_version = _before(target)
    elif target.from_version != target.to_version:
        instance.previous_version = target.from_version
    if instance.previous_version == instance.version:
        instance.previous_version = None


def _before(target: Target) -> Version | None:
    """What ran on the instance before the version it went back to was first put there."""
    first = (
        Target.objects.filter(
            rollout__service=target.rollout.service,
            host=target.host_id,
            port=target.port,
            to_version=target.to_version,
            state=TargetStatus.SUCCEEDED,
        )
        .exclude(rollout__kind=RolloutKind.REVERT)
        .exclude(from_version=target.to_version)
        .order_by("-finished_at")
        .select_related("from_version")
        .first()
    )
    return first.from_version if first else None


def close_rollout(
    *, rollout_id: int, epoch: int, state: RolloutStatus, outcome: str, now: datetime
) -> None:
    """End a rollout: what was not begun is cancelled, its lock is free. Raises LeaseLost.

    An automatic rollback leaves a lock of its own behind, so that nobody releases the bad version
    again before a person has looked.
    """
    rev = turn(rollout_id, epoch)
    rollout = Rollout.objects.select_related("service", "environment", "reverts__version").get(
        pk=rollout_id
    )
    Target.objects.filter(rollout=rollout, state=TargetStatus.PENDING).update(
        state=TargetStatus.CANCELLED, finished_at=now, rev=rev
    )
    rollout.state, rollout.outcome, rollout.finished_at = state, storable(outcome), now
    rollout.save(update_fields=["state", "outcome", "finished_at"])
    audit.record(
        f"rollout.{state.value}",
        "rollout",
        rollout.pk,
        str(rollout),
        by=Actor.system(),
        now=now,
        reason=outcome,
        service=rollout.service.name,
        environment=rollout.environment.name,
    )
    if rollout.automatic and (bad := rollout.reverts) is not None:
        why = rollout.reason or bad.outcome
        _leave_lock(rollout, f"automatic rollback of rollout {bad.pk}: {why}", now)


def _leave_lock(rollout: Rollout, reason: str, now: datetime) -> None:
    locks = Lock.objects.filter(
        service=rollout.service, environment=rollout.environment, released_at=None
    )
    # One whose time is over holds nobody back, and must not stand in for this one.
    locks.filter(until__lte=now).update(released_at=now, release_reason="its time was over")
    _, made = locks.get_or_create(
        service=rollout.service,
        environment=rollout.environment,
        defaults={"rollout": rollout, "reason": storable(reason), "since": now},
    )
    if made:
        audit.record(
            "lock.taken",
            "service",
            rollout.service_id,
            rollout.service.name,
            by=Actor.system(),
            now=now,
            reason=reason,
            service=rollout.service.name,
            environment=rollout.environment.name,
        )


def halt_and_roll_back(
    *, rollout_id: int, epoch: int, state: RolloutStatus, outcome: str, now: datetime
) -> Rollout | None:
    """End a rollout as `state` and, in the same transaction, start the one that takes everything
    touched back: nobody else's operation can come between.

    Returns it; None when nothing was touched, or when it is refused: then a lock says so, and a
    person has to look."""
    close_rollout(
        rollout_id=rollout_id,
        epoch=epoch,
        state=state,
        outcome=outcome,
        now=now,
    )
    if not Target.objects.filter(rollout_id=rollout_id, touched=True).exists():
        return None
    rollout = Rollout.objects.get(pk=rollout_id)
    by = Actor.system()
    try:
        return roll_back(rollout=rollout, by=by, now=now, reason=outcome, automatic=True)
    except Refused as refused:
        reason = f"rollout {rollout.pk} could not be taken back by itself: {refused.message}"
        _leave_lock(rollout, reason, now)
        return None


__all__ = ["close_rollout", "finish_target", "halt_and_roll_back"]
