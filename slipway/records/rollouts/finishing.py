"""How targets end: many in one go, with what their instances are now, in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.core.instances import failed, settled
from slipway.core.kinds import RolloutKind
from slipway.core.refusal import Refused
from slipway.core.release import DISTURBING
from slipway.core.rollout.status import TargetStatus
from slipway.core.seen import SeenInstance
from slipway.records.fields.alike import save_alike
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Rollout, Step, Target
from slipway.records.rollouts.progress import turn

TARGET_FIELDS = ("state", "finished_at", "rev", "problem", "touched")
INSTANCE_FIELDS = (
    "status",
    "healthy",
    "version_id",
    "previous_version_id",
    "seen_version",
    "seen_at",
)
Place = tuple[int, int, int | None]  # host, port, version


@dataclass(frozen=True, slots=True)
class End:
    """How a target ended; what was seen of its instance then, if anything was."""

    target_id: int
    state: TargetStatus
    seen: SeenInstance | None = None
    problem: Refused | None = None


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
    """Write down one target's end. Safe to repeat. Raises LeaseLost."""
    end = End(target_id, state, seen, problem)
    finish_targets(rollout_id=rollout_id, epoch=epoch, ends=[end], now=now)


def finish_targets(*, rollout_id: int, epoch: int, ends: Sequence[End], now: datetime) -> None:
    """Write down how targets ended, and what their instances are now: a handful of queries,
    however many there are. Safe to repeat. Raises LeaseLost."""
    rev = turn(rollout_id, epoch)
    rollout = Rollout.objects.get(pk=rollout_id)
    targets = {
        target.pk: target
        for target in Target.objects.select_related("instance")
        .select_for_update(of=("self",))
        .filter(rollout_id=rollout_id, pk__in=[end.target_id for end in ends])
    }
    for target in targets.values():
        target.rollout = rollout
    fresh = {
        end.target_id: end for end in ends if not TargetStatus(targets[end.target_id].state).is_over
    }
    ended = [targets[target_id] for target_id in fresh]
    before = _versions_before(ended)
    for target in ended:
        _end(target, fresh[target.pk], rev, now)
        _settle_instance(target, fresh[target.pk].seen, before, now)
    save_alike(Target, ended, TARGET_FIELDS)
    save_alike(Instance, [t.instance for t in ended if t.instance is not None], INSTANCE_FIELDS)
    if any(end.state is TargetStatus.SUCCEEDED for end in fresh.values()):
        Rollout.objects.filter(pk=rollout_id).update(last_progress_at=now)


def _end(target: Target, end: End, rev: int, now: datetime) -> None:
    if end.state is TargetStatus.FAILED:
        target.touched = target.touched and _was_disturbed(target)
    target.state, target.finished_at, target.rev = end.state, now, rev
    target.problem = end.problem.sentence if end.problem else None


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
    target.problem = problem.sentence
    target.save(update_fields=["state", "touched", "finished_at", "rev", "problem"])
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
    gone = target.rollout.kind == RolloutKind.REVERT and target.to_version_id is None
    return RolloutKind.DELETE if gone else RolloutKind(target.rollout.kind)


def _settle_instance(
    target: Target, seen: SeenInstance | None, before: dict[Place, int | None], now: datetime
) -> None:
    instance = target.instance
    if instance is None:
        return
    if seen is not None:
        instance.seen_version, instance.seen_at = seen.running_version, now
    if target.state == TargetStatus.SUCCEEDED:
        if _action(target) is RolloutKind.DELETE:
            _delete_instance(target)
            return
        _settle_well(target, instance, before)
    elif target.created_instance and not target.touched:
        # Nothing was put there: an instance that never was is not left behind.
        _delete_instance(target)
    elif target.touched:
        instance.status, instance.healthy = failed(_action(target)), False
    elif target.status_before is not None:
        instance.status = target.status_before


def _delete_instance(target: Target) -> None:
    instance, target.instance = target.instance, None
    target.save(update_fields=["instance"])
    if instance is not None:
        instance.delete()


def _settle_well(target: Target, instance: Instance, before: dict[Place, int | None]) -> None:
    action = _action(target)
    instance.status = settled(action)
    instance.healthy = None if action is RolloutKind.STOP else True
    if not action.moves_version:
        return
    instance.version_id = target.to_version_id
    if action is RolloutKind.REVERT:
        instance.previous_version_id = before.get(_place(target))
    elif target.from_version_id != target.to_version_id:
        instance.previous_version_id = target.from_version_id
    if instance.previous_version_id == instance.version_id:
        instance.previous_version_id = None


def _versions_before(targets: Sequence[Target]) -> dict[Place, int | None]:
    """What ran on each instance before the version it goes back to was first put there."""
    back = [t for t in targets if _action(t) is RolloutKind.REVERT]
    if not back:
        return {}
    rows = (
        Target.objects.filter(
            rollout__service=back[0].rollout.service_id,
            host__in={target.host_id for target in back},
            to_version__in={target.to_version_id for target in back},
            state=TargetStatus.SUCCEEDED,
        )
        .exclude(rollout__kind=RolloutKind.REVERT)
        .order_by("-finished_at")
        .values_list("host_id", "port", "to_version_id", "from_version_id")
    )
    found: dict[Place, int | None] = {}
    for host_id, port, to_version_id, from_version_id in rows:
        if from_version_id != to_version_id:
            found.setdefault((host_id, port, to_version_id), from_version_id)
    return found


def _place(target: Target) -> Place:
    return target.host_id, target.port, target.to_version_id


__all__ = ["End", "finish_target", "finish_targets", "revoke_success"]
