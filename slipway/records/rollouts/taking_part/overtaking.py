"""Which places of an earlier rollout a later one has overtaken: only changes of version do."""

from collections.abc import Iterable

from django.db.models import QuerySet

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.words import Heading
from slipway.records.catalog.models import Release
from slipway.records.rollouts.histories.entries import Place
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.wish.refusals import Superseded


def overtaken_by(rollout: Rollout) -> dict[Place, int]:
    """Return, by place, the number of the last rollout that has changed the version there since
    `rollout`. Its own automatic way back is part of it."""
    later = _later(rollout).exclude(rollout__automatic=True, rollout__reverts=rollout)
    return _changed(later.values_list("host", "port", "rollout", "from_version", "to_version"))


def taken_back_by_itself(rollout: Rollout) -> frozenset[Place]:
    """Return the places that an automatic rollback of `rollout` has touched."""
    own = _later(rollout).filter(rollout__automatic=True, rollout__reverts=rollout)
    return frozenset(own.values_list("host", "port"))


def _later(rollout: Rollout) -> QuerySet[Target]:
    hosts = Target.objects.filter(rollout=rollout).values("host")
    return Target.objects.filter(
        rollout__service=rollout.service_id, rollout__gt=rollout.pk, host__in=hosts, touched=True
    ).order_by("rollout")


def _changed(rows: Iterable[tuple[int, int, int, int | None, int | None]]) -> dict[Place, int]:
    return {(host, port): number for host, port, number, before, after in rows if before != after}


def superseded(target: Target, number: int) -> Superseded:
    return Superseded(
        "{host} was brought to another version by a later rollout, {later}, than {number}.",
        hint="Take back the later one, or use rollback with a version.",
        host=target.host.name,
        number=target.rollout_id,
        later=number,
    )


def not_as_left(target: Target, present: Release) -> Superseded:
    return Superseded(
        "{host} has {version} now: rollout {number} did not leave it there.",
        hint="Upgrade it, or use rollback with a version.",
        host=target.host.name,
        number=target.rollout_id,
        version=present.version.name,
    )


def moved_away(target: Target) -> Superseded:
    return Superseded(
        "{host} is in {environment} now, and no part of rollout {number} any more.",
        hint="Release there what is to run there.",
        host=target.host.name,
        number=target.rollout_id,
        environment=target.host.environment.name,
    )


def is_as_left(target: Target, present: Release | None, *, was_taken_back: bool) -> bool:
    """Whether the version that is there is one that the target's rollout left there."""
    if present is None:
        return True
    return present.version_id in _left(target, was_taken_back=was_taken_back)


def _left(target: Target, *, was_taken_back: bool) -> set[int | None]:
    if target.heading == Heading.BACK:
        ways = (target.back_release, target.next_back_release)
        backs = {way.version_id for way in ways if way is not None}
        return {target.from_version_id, target.to_version_id, *backs}
    if target.state == TargetStatus.SUCCEEDED and not was_taken_back:
        return {target.to_version_id}
    if target.touched:
        return {target.from_version_id, target.to_version_id}
    return {target.from_version_id}
