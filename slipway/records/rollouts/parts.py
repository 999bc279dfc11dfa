"""Questions about the parts of one rollout: its targets, their steps, its newest lines."""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, Max, OuterRef

from slipway.core.refusal import NotFound
from slipway.records.rollouts.models import LogLine, Rollout, Step, Target


def list_targets(rollout: Rollout) -> Sequence[Target]:
    """Return the targets batch by batch, with host and versions."""
    targets = Target.objects.filter(rollout=rollout).select_related(
        "host", "from_version", "to_version"
    )
    return list(targets.order_by("batch", "id"))


def list_targets_of(rollouts: Iterable[Rollout]) -> dict[int, list[Target]]:
    """Return the targets of several rollouts, by rollout, in one query."""
    found: dict[int, list[Target]] = {rollout.pk: [] for rollout in rollouts}
    for target in Target.objects.filter(rollout__in=found).order_by("batch", "id"):
        found[target.rollout_id].append(target)
    return found


def get_target(rollout: Rollout, target_id: int) -> Target:
    """Raises NotFound."""
    targets = Target.objects.filter(rollout=rollout).select_related(
        "host", "from_version", "to_version"
    )
    found = targets.filter(pk=target_id).first()
    if found is None:
        raise NotFound("Rollout {number} has no such target.", number=rollout.pk)
    return found


def list_steps(target: Target) -> Sequence[Step]:
    """Return the steps of a target in the order they were begun."""
    return list(Step.objects.filter(target=target).order_by("attempt", "order", "id"))


def list_last_lines(rollout: Rollout, limit: int) -> Sequence[LogLine]:
    """Return the newest lines of the log, the oldest of them first."""
    lines = LogLine.objects.filter(rollout=rollout).select_related("target__host")
    return list(reversed(lines.order_by("-rev", "-id")[:limit]))


def list_rollbacks(rollout: Rollout) -> Sequence[Rollout]:
    """Return the rollouts that revert this one, the newest first."""
    return list(Rollout.objects.filter(reverts=rollout).order_by("-id"))


def newest_since(rollout: Rollout) -> tuple[int, bool]:
    """Return the newest later rollout that touched what this one was for, 0 for none, and whether
    later ones have touched all that this one had touched."""
    mine = Target.objects.filter(rollout=rollout)
    same = mine.filter(host=OuterRef("host"), port=OuterRef("port"))
    later = Target.objects.filter(
        touched=True,
        rollout__gt=rollout.pk,
        rollout__service=rollout.service_id,
        rollout__environment=rollout.environment_id,
    )
    newest = later.filter(Exists(same)).aggregate(newest=Max("rollout"))["newest"] or 0
    again = later.filter(host=OuterRef("host"), port=OuterRef("port"))
    return newest, bool(newest) and not mine.filter(~Exists(again), touched=True).exists()
