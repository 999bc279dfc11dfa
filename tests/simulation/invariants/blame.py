"""Invariants of blame: the version is blamed for its own fault only, and withdrawn with proof."""

from typing import TYPE_CHECKING

from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Heading, Stage
from tests.simulation.invariants.broken import hold
from tests.simulation.invariants.memory import LONG, NEVER, Memory, is_meant_up, targets_of

if TYPE_CHECKING:
    from tests.simulation.world import World


def blamed(
    memory: Memory, world: "World", before: Rollout, value: Rollout, old: Target, new: Target
) -> None:
    is_taken_back = new.problem is not None and new.problem.code == "taken_back"
    if old.stage is not Stage.SUSPECT or is_taken_back:
        return  # it goes back because the rollout was halted
    of, spot = (value.number, new.place), world.spots[new.place]
    memory.blamed_at.setdefault(of, world.now)
    code = memory.failed_by.get(of, "")
    hold(code not in ("disk_full", "port_held"), "§6 host, not version", new.place, code)
    hold(code != "not_back_after_reboot", "§6 a reboot is weather", new.place)
    _control_was_asked(memory, world, (before, value), new)
    suspect_at = memory.suspect_at.get(of, world.now)
    since = max(memory.heard_of(value.number, spot), memory.last_outage)
    is_odd = spot.held or spot.lies
    if not world.is_bad(spot, new.planned.goal) and new.planned.goal and not is_odd:
        is_excused = suspect_at - since <= LONG
        hold(is_excused, "§6 the version is blamed for its own fault only", new.place, code)


def _control_was_asked(
    memory: Memory, world: "World", values: tuple[Rollout, Rollout], new: Target
) -> None:
    """What controls said since it failed: all who spoke were ill means that it was no version.

    Who was a control before this beat, or came to be one in it: what was sent there did not arrive.
    """
    before, value = values
    since = memory.suspect_at.get((value.number, new.place), NEVER)
    since = max(since, memory.went_on.get((value.number, "control_is_ill"), NEVER))
    said: list[bool] = []
    for other in value.targets.values():
        look = memory.look(value.number, other.place)
        old = before.targets[other.place]
        came_to_be = old.stage is Stage.IN_HAND and _is_control(other, new)
        if look is None or not (came_to_be or _is_control(old, new)):
            continue
        # What was asked before it failed says nothing of now, however late it is heard.
        is_of_now = other.looked_at >= before.targets[new.place].since
        is_heard = memory.heard_at(value.number, other.place) > since
        if is_of_now and is_heard and look.running.version == other.planned.origin.version:
            said.append(look.healthy)
    if any(said) and new.planned.was_well:
        memory.control_well_at.setdefault(value.number, world.now)
    hold(any(said) or not said, "§6 a control is asked", new.place, said)


def _is_control(other: Target, suspect: Target) -> bool:
    is_untouched = not other.touched and other.stage not in (Stage.WELL, Stage.SUSPECT)
    planned, goal = other.planned, suspect.planned.goal.version
    # The very version that is suspected says nothing of the one before.
    is_former = planned.origin.version != goal or suspect.planned.origin.version == goal
    return (
        is_former
        and other.place != suspect.place
        and is_untouched
        and planned.was_well
        and is_meant_up(planned)
    )


# --- withdrawn -----------------------------------------------------------------------------------


def withdrawn(memory: Memory, world: "World", before: Rollout, value: Rollout) -> None:
    for version in value.withdrawn - before.withdrawn:
        failed = [
            t
            for t in targets_of(value)
            if t.planned.goal.version == version and (value.number, t.place) in memory.blamed_at
        ]
        changed = [t for t in failed if t.planned.origin.version != version]
        hold(bool(changed), "§6 only a change of version withdraws", version)
        was_well = [t for t in changed if t.planned.was_well]
        hold(bool(was_well), "§6 what was ill before proves nothing", version)
        first = min(memory.blamed_at[value.number, t.place] for t in was_well)
        _has_proof(memory, value, version, first)
        _is_told_only(value, version, failed)
        _is_no_outage(memory, world, version, failed, first)


def _has_proof(memory: Memory, value: Rollout, version: str, first: int) -> None:
    """The former version serves after that, on a control or on the way back."""
    if value.number in memory.control_well_at:
        return
    backs = [
        t
        for t in targets_of(value)
        if t.heading is Heading.BACK
        and t.stage is Stage.WELL
        and t.up
        and memory.well_at.get((value.number, t.place), NEVER) >= first
    ]
    hold(bool(backs), "§6 withdrawn with proof only", version)


def _is_told_only(value: Rollout, version: str, failed: list[Target]) -> None:
    """What fails at one place and is well on others is told, not withdrawn."""
    well = [
        t.place
        for t in targets_of(value)
        if t.stage is Stage.WELL and t.heading is Heading.FORTH and t.touched and t.up
    ]
    is_told = len(failed) == 1 and bool(well) and value.halted is None
    hold(not is_told, "§6 what is well on others is told", version, well)


def _is_no_outage(
    memory: Memory, world: "World", version: str, failed: list[Target], first: int
) -> None:
    lately = max(world.spots[t.place].disturbed_at for t in failed)
    is_odd = any(world.spots[t.place].lies or world.spots[t.place].held for t in failed)
    if any(world.is_bad(world.spots[t.place], t.planned.goal) for t in failed) or is_odd:
        return
    is_outage = world.now < world.outage_until and first > memory.outage_began + 4
    is_excused = world.now - lately <= LONG
    hold(is_excused or not is_outage, "§6 an outage withdraws nothing", version)


def halted(value: Rollout, memory: Memory) -> None:
    """Halted by a budget that was overrun, and by nothing else."""
    targets, policy = targets_of(value), value.policy
    own = [t for t in targets if (value.number, t.place) in memory.blamed_at]
    has_canary = any(t.planned.batch > 1 for t in targets)
    canaries = [t for t in own if t.planned.batch == 1 and has_canary]
    hold(value.halted is not Cause.OURS, "§6 an error of ours concludes nothing", value.number)
    if value.halted is Cause.VERSION:
        is_over = len(own) > policy.failures or len(canaries) > policy.canary_failures
        hold(is_over, "§6 halted by a budget", [t.place for t in own])
    else:
        behind = [t for t in targets if t.cause in (Cause.HOST, Cause.WEATHER)]
        hold(len(behind) > policy.left_out, "§6 halted by a budget", [t.place for t in behind])
