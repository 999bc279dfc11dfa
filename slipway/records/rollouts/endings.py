"""How rollouts end: locks and audit in the same transaction."""

from datetime import datetime

from slipway.core.kinds import RolloutStatus
from slipway.core.refusal import Refused
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence
from slipway.records.accounts.actors import Actor
from slipway.records.audit import operations as audit
from slipway.records.rollouts.finishing import finish_target, revoke_success
from slipway.records.rollouts.models import Lock, Rollout, Target
from slipway.records.rollouts.operations import roll_back
from slipway.records.rollouts.progress import turn


def close_rollout(
    *, rollout_id: int, epoch: int, state: RolloutStatus, outcome: Sentence, now: datetime
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
    rollout.state, rollout.outcome, rollout.finished_at = state, outcome, now
    rollout.save(update_fields=["state", "outcome", "finished_at"])
    audit.record(
        f"rollout.{state.value}",
        "rollout",
        rollout.pk,
        str(rollout),
        by=Actor.system(),
        now=now,
        cause=outcome,
        service=rollout.service.name,
        environment=rollout.environment.name,
    )
    if rollout.automatic and (bad := rollout.reverts) is not None:
        left = Sentence.of(
            "taken_back",
            "automatic rollback of rollout {number}: {why}",
            number=bad.pk,
            why=rollout.cause or bad.outcome,
        )
        _leave_lock(rollout, left, now)


def _leave_lock(rollout: Rollout, cause: Sentence, now: datetime) -> None:
    locks = Lock.objects.filter(
        service=rollout.service, environment=rollout.environment, released_at=None
    )
    # One whose time is over holds nobody back, and must not stand in for this one.
    locks.filter(until__lte=now).update(released_at=now)
    _, made = locks.get_or_create(
        service=rollout.service,
        environment=rollout.environment,
        defaults={"rollout": rollout, "cause": cause, "since": now},
    )
    if made:
        audit.record(
            "lock.taken",
            "service",
            rollout.service_id,
            rollout.service.name,
            by=Actor.system(),
            now=now,
            cause=cause,
            service=rollout.service.name,
            environment=rollout.environment.name,
        )


def halt_and_roll_back(
    *, rollout_id: int, epoch: int, state: RolloutStatus, outcome: Sentence, now: datetime
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
        return roll_back(rollout=rollout, by=by, now=now, cause=outcome)
    except Refused as refused:
        left = Sentence.of(
            "not_taken_back",
            "rollout {number} could not be taken back by itself: {why}",
            number=rollout.pk,
            why=refused.sentence,
        )
        _leave_lock(rollout, left, now)
        return None


__all__ = ["close_rollout", "finish_target", "halt_and_roll_back", "revoke_success"]
