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
from slipway.records.catalog.operations.releases import keep_release_of
from slipway.records.fields.alike import save_alike
from slipway.records.fields.texts import storable
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Rollout, Step, Target
from slipway.records.rollouts.progress import turn
from slipway.records.rollouts.well_states import NewWell, close_histories, note_well

TARGET_FIELDS = ("state", "finished_at", "rev", "problem", "problem_hint", "touched")
INSTANCE_FIELDS = (
    "status",
    "healthy",
    "up",
    "seen_version",
    "seen_at",
)


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
        for target in Target.objects.select_related(
            "instance", "to_version__service", "to_version__package"
        )
        .select_for_update(of=("self",))
        .filter(rollout_id=rollout_id, pk__in=[end.target_id for end in ends])
    }
    for target in targets.values():
        target.rollout = rollout
    fresh = {
        end.target_id: end for end in ends if not TargetStatus(targets[end.target_id].state).is_over
    }
    ended = [targets[target_id] for target_id in fresh]
    for target in ended:
        _end(target, fresh[target.pk], rev, now)
        _settle_instance(target, fresh[target.pk].seen, now)
    save_alike(Target, ended, TARGET_FIELDS)
    save_alike(Instance, [t.instance for t in ended if t.instance is not None], INSTANCE_FIELDS)
    _write_histories(rollout, ended, now)
    if any(end.state is TargetStatus.SUCCEEDED for end in fresh.values()):
        Rollout.objects.filter(pk=rollout_id).update(last_progress_at=now)


def _end(target: Target, end: End, rev: int, now: datetime) -> None:
    if end.state is TargetStatus.FAILED:
        target.touched = target.touched and _was_disturbed(target)
    target.state, target.finished_at, target.rev = end.state, now, rev
    target.problem = storable(end.problem.message) if end.problem else ""
    target.problem_hint = storable(end.problem.hint) if end.problem else ""


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
    gone = target.rollout.kind == RolloutKind.REVERT and target.to_version_id is None
    return RolloutKind.DELETE if gone else RolloutKind(target.rollout.kind)


def _settle_instance(target: Target, seen: SeenInstance | None, now: datetime) -> None:
    instance = target.instance
    if instance is None:
        return
    if seen is not None:
        instance.seen_version, instance.seen_at = seen.running_version, now
    if target.state == TargetStatus.SUCCEEDED:
        if _action(target) is RolloutKind.DELETE:
            _delete_instance(target)
            return
        _settle_well(target, instance)
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


def _settle_well(target: Target, instance: Instance) -> None:
    action = _action(target)
    instance.status = settled(action)
    instance.healthy = None if action is RolloutKind.STOP else True
    if action in (RolloutKind.STOP, RolloutKind.START):
        instance.up = action is RolloutKind.START


def _write_histories(rollout: Rollout, ended: Sequence[Target], now: datetime) -> None:
    well = [target for target in ended if target.state == TargetStatus.SUCCEEDED]
    removed = [(t.host_id, t.port) for t in well if _action(t) is RolloutKind.DELETE]
    if removed:
        close_histories(rollout.service_id, removed, now)
    moved = [target for target in well if _action(target).moves_version]
    note_well([_new_well(rollout, target, now) for target in moved], now)


def _new_well(rollout: Rollout, target: Target, now: datetime) -> NewWell:
    release_id = target.to_release_id
    if release_id is None:  # begun before releases were kept
        assert target.to_version is not None, "a version was brought there"
        release_id = keep_release_of(target.to_version, now).pk
    return NewWell(
        service_id=rollout.service_id,
        host_id=target.host_id,
        port=target.port,
        release_id=release_id,
        rollout_id=rollout.pk,
        going_back=rollout.kind == RolloutKind.REVERT,
    )


__all__ = ["End", "finish_target", "finish_targets", "revoke_success"]
