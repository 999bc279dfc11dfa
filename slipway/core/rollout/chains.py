"""Which steps bring a target about on its host, and under which tickets."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from slipway.core.release.steps import Chain, Fence, PackageRef, Ticket
from slipway.core.release.timed_steps import Change, TimedStep
from slipway.core.rollout.plans.plan import Plan, PlannedPlace, PlannedRelease, key_of
from slipway.core.rollout.steps_of_way import steps_of_way
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Heading, Way
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import ticket_id

UPLOAD = "upload"  # ours, not the host's: it has a row among the steps, and no ticket there
_PLAIN = (RolloutKind.RESTART, RolloutKind.START)


@dataclass(frozen=True, slots=True)
class Names:
    """What makes tickets of a target unique for ever: rollouts are counted from 1 again after a
    database was made anew, hosts remember; `stamp` tells them apart."""

    rollout: int
    target: int
    stamp: str

    def ticket(self, target: Target, step: str) -> str:
        own = ticket_id(
            self.rollout,
            self.target,
            target.attempt + 1,
            step,
            back=target.heading is Heading.BACK,
        )
        return f"{own}-{self.stamp}"


def release_of(plan: Plan, target: Target) -> PlannedRelease | None:
    """Return what is brought to a target's place; None where nothing is to be there."""
    return plan.releases.get(key_of(target.goal)) if target.goal else None


def present_of(plan: Plan, target: Target) -> PlannedRelease | None:
    """Return what was there when the plan was made."""
    return plan.releases.get(key_of(target.planned.origin))


def _there(plan: Plan, target: Target) -> PlannedRelease | None:
    """Return what is to be removed: what was there, or on the way back what was brought anew."""
    return present_of(plan, target) or plan.releases.get(key_of(target.planned.goal))


def kind_of(plan: Plan, target: Target) -> RolloutKind:
    """Return what is done at a place, in the words of operations: going back is a revert, or a
    removal where nothing was there."""
    if not target.goal:
        return RolloutKind.DELETE
    if target.heading is Heading.BACK:
        return RolloutKind.REVERT
    if plan.kind is RolloutKind.REVERT and not target.planned.origin:
        return RolloutKind.DEPLOY
    return plan.kind


def steps_for(
    plan: Plan,
    place: PlannedPlace,
    target: Target,
    rollout: int,
    *,
    keep: tuple[str, ...],
    package: PackageRef | None,
    begun: frozenset[str] = frozenset(),
) -> tuple[TimedStep, ...]:
    """Return the ordered steps of a target's way. `package` is given when its release is not on the
    host yet, `begun` when steps have been sent already."""
    used = _used(plan, target)
    return steps_of_way(
        target.way,
        plan.context(place),
        used.spec,
        replace(_change(plan, place, target, rollout, keep), begun=begun),
        package,
    )


def _used(plan: Plan, target: Target) -> PlannedRelease:
    used = release_of(plan, target) or _there(plan, target)
    assert used is not None, "a target goes from a release, or to one"
    return used


def _number_of(plan: Plan, place: PlannedPlace) -> int:
    """Return the place's number among the rollout's, in the order in which they go."""
    going = [each.planned.place for each in plan.places if each.planned.batch]
    name = place.planned.place
    return going.index(name) + 1 if name in going else 0


def _change(
    plan: Plan, place: PlannedPlace, target: Target, rollout: int, keep: tuple[str, ...] = ()
) -> Change:
    used = _used(plan, target)
    origin = target.planned.origin or (NOTHING if target.goal else used.value)
    return Change(
        kind=kind_of(plan, target),
        rollout=rollout,
        from_version=origin.version,
        to_version=target.goal.version,
        keep=keep,
        fingerprint=f"{used.value.fingerprint}.{target.planned.orders}",
        batch=place.planned.batch,
        number=_number_of(plan, place),
    )


def package_of(
    plan: Plan, target: Target, releases_there: Collection[tuple[str, str]]
) -> PackageRef | None:
    """Return the package that has to be moved to the host; None where its release is there."""
    wanted = release_of(plan, target)
    if wanted is None or wanted.package is None or target.way not in (Way.BRING, Way.REST):
        return None
    # On the way back nothing is taken from under what is linked.
    is_changed = target.heading is Heading.FORTH and _has_changed_files(target, wanted)
    if plan.kind in _PLAIN and target.heading is Heading.FORTH and not is_changed:
        return None
    there = {version for version, _ in releases_there}
    if is_changed:
        return wanted.package
    return None if wanted.value.version in there else wanted.package


def _has_changed_files(target: Target, wanted: PlannedRelease) -> bool:
    """Whether the release is there, but not as it was unpacked."""
    look = target.look
    if look is None or look.link.version != wanted.value.version:
        return False
    return any(drift.is_of_files for drift in look.drift)


def chain_for(
    plan: Plan,
    place: PlannedPlace,
    target: Target,
    steps: tuple[TimedStep, ...],
    names: Names,
    fence: Fence,
) -> Chain:
    tickets = tuple(
        Ticket(names.ticket(target, step.name), step.step, step.timeout) for step in steps
    )
    # A release that has a variable of such a name keeps it: its host knows whose script runs.
    told = tuple(_change(plan, place, target, names.rollout).places.items())
    return Chain(plan.service, plan.context(place).instance, fence, tickets, told)
