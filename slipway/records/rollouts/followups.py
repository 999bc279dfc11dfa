"""Who takes part when an earlier rollout is taken back, or tried again."""

from django.db.models import QuerySet

from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.rollout.status import TargetStatus
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.refusals import NothingToDo, NotOver, Superseded
from slipway.records.rollouts.selection import Candidate, Selection, candidate_of, is_well, runs
from slipway.records.rollouts.wishes import Wish

Place = tuple[int, int]  # host id and port


def select_for_rollback(wish: Wish, rollout: Rollout) -> Selection:
    """Return what `rollout` touched, each on the way to what was there before, or to nothing."""
    selection = Selection()
    if not RolloutStatus(rollout.state).is_over:
        selection.refuse(_not_over(rollout))
        return selection
    kind = RolloutKind(rollout.kind)
    if not kind.moves_version and kind is not RolloutKind.DELETE:
        selection.refuse(
            NothingToDo(
                "A {kind} changed no version: there is nothing to take back.",
                hint="Use start, stop or restart.",
                kind=kind.value,
            )
        )
        return selection
    instances, latest = _now(rollout), _latest_touch(rollout)
    for target in _targets(wish, rollout).filter(touched=True):
        place = (target.host_id, target.port)
        instance = instances.get(place)
        if _is_back(target, instance):
            continue
        if latest.get(place, target.pk) != target.pk:
            selection.refuse(_superseded(target))
            continue
        selection.candidates.append(
            Candidate(
                target.host,
                target.port,
                instance,
                from_version=target.to_version,
                to_version=target.from_version,
                was_healthy=instance is not None and is_well(instance),
            )
        )
    if not selection.candidates and not selection.hindrances:
        selection.refuse(
            NothingToDo("Everything that rollout {number} touched is back.", number=rollout.pk)
        )
    return selection


def select_for_retry(wish: Wish, rollout: Rollout) -> Selection:
    """Return what `rollout` did not bring to its end, or what was taken back since."""
    selection = Selection()
    if not RolloutStatus(rollout.state).is_over:
        selection.refuse(_not_over(rollout))
        return selection
    kind, instances = RolloutKind(rollout.kind), _now(rollout)
    for target in _targets(wish, rollout):
        instance = instances.get((target.host_id, target.port))
        if not _has_succeeded(target, instance, kind):
            selection.candidates.append(_once_more(target, instance, kind))
    if not selection.candidates:
        selection.refuse(
            NothingToDo("Nothing of rollout {number} is left to retry.", number=rollout.pk)
        )
    return selection


def _targets(wish: Wish, rollout: Rollout) -> QuerySet[Target]:
    targets = Target.objects.filter(rollout=rollout).select_related(
        "host__environment", "from_version__package", "to_version__package"
    )
    if wish.only:
        targets = targets.filter(pk__in=wish.only)
    return targets.order_by("batch", "id")


def _has_succeeded(target: Target, instance: Instance | None, kind: RolloutKind) -> bool:
    if instance is None:
        # Gone is what a removal wants; an operation on what was there has lost its object.
        return target.to_version is None or kind not in (RolloutKind.DEPLOY, RolloutKind.REVERT)
    if target.to_version is None:
        return False
    if target.state == TargetStatus.SUCCEEDED:
        # A rollback may have taken it back since.
        return instance.version_id == target.to_version_id
    return kind.moves_version and runs(instance, target.to_version)


def _once_more(target: Target, instance: Instance | None, kind: RolloutKind) -> Candidate:
    is_there = instance is not None and (kind is not RolloutKind.DEPLOY or is_well(instance))
    if instance is not None and is_there:
        return candidate_of(instance, target.to_version)
    return Candidate(target.host, target.port, instance, None, target.to_version, was_healthy=False)


def _is_back(target: Target, instance: Instance | None) -> bool:
    if target.from_version is None:
        return instance is None
    return instance is not None and runs(instance, target.from_version)


def _now(rollout: Rollout) -> dict[Place, Instance]:
    instances = Instance.objects.of(rollout.service, rollout.environment).with_names()
    return {(instance.host_id, instance.port): instance for instance in instances}


def _latest_touch(rollout: Rollout) -> dict[Place, int]:
    """Return, by place, the id of the last target that changed it since `rollout`."""
    rows = Target.objects.filter(
        rollout__service=rollout.service_id,
        rollout__environment=rollout.environment_id,
        rollout__id__gte=rollout.pk,
        touched=True,
    )
    return {
        (host, port): pk for host, port, pk in rows.order_by("id").values_list("host", "port", "id")
    }


def _not_over(rollout: Rollout) -> NotOver:
    return NotOver(
        "Rollout {number} is still under way.",
        hint="Wait for its end, or cancel it first.",
        number=rollout.pk,
    )


def _superseded(target: Target) -> Superseded:
    return Superseded(
        "{host} was changed by a later rollout than {number}.",
        hint="Take back the later one, or use revert with a version.",
        host=target.host.name,
        number=target.rollout_id,
    )
