"""Invariants of plans: what is overtaken, where the way back leads."""

from typing import TYPE_CHECKING

from slipway.core.rollout.value.planned import Planned
from slipway.core.rollout.value.rollout import Rollout
from tests.simulation.invariants.broken import hold
from tests.simulation.invariants.memory import Memory, targets_of

if TYPE_CHECKING:
    from tests.simulation.world import World


def planned(
    memory: Memory,
    world: "World",
    kind: str,
    value: Rollout,
    retries: int,
    undone: Rollout | None,
) -> None:
    for target in targets_of(value):
        plan = target.planned
        memory.process_before[value.number, plan.place] = world.spots[plan.place].process
        if retries:
            later = [n for n in memory.changed_by.get(plan.place, ()) if n > retries]
            hold(not later, "§3 overtaken", plan.place, "retries", retries, "after", later)
        elif kind == "rollback" and not _is_where_it_was(plan, undone):
            _leads_under(memory, world, plan)
        _way_back_is_fit(memory, world, plan)


def _is_where_it_was(plan: Planned, undone: Rollout | None) -> bool:
    """Who takes a rollout back by its number is led to where that found each place, whatever it
    was."""
    return (
        undone is not None and plan.goal.version == undone.target(plan.place).planned.origin.version
    )


def _leads_under(memory: Memory, world: "World", plan: Planned) -> None:
    """Twice back is two back: what is asked for lies under what is there. It may lie there already,
    half-way, or put there by somebody else."""
    row, goal = world.rows.places[plan.place], plan.goal.version
    is_owed = row.owed is not None and row.owed.version == goal
    is_there = goal == row.wanted.version == plan.origin.version
    hold(not is_there or is_owed, "§2 back is another version", plan.place, plan.goal)
    if goal == plan.origin.version:
        return
    stack = memory.stack(plan.place)
    if plan.origin.version in stack:
        top = len(stack) - 1 - stack[::-1].index(plan.origin.version)
        is_new = top == 0  # under what came first lies nothing
        is_under = plan.goal.version in stack[:top] or (is_new and not plan.goal)
        hold(is_under, "§2 twice back is two back", plan.place, plan.origin, plan.goal, stack)


def _way_back_is_fit(memory: Memory, world: "World", plan: Planned) -> None:
    if plan.back is None:
        return
    row = world.rows.places[plan.place]
    was_well = any(entry.release == plan.back for entry in row.history)
    hold(was_well, "I4 the way back was well there", plan.place, plan.back)
    if plan.goal.version == plan.origin.version:
        is_same = plan.back.version == plan.goal.version and plan.back != plan.goal
        hold(is_same, "§2 settings go back to settings", plan.place, plan.back)
        return
    hold(plan.back.version != plan.goal.version, "§2 the way back is another version", plan.place)
    withdrawn = world.rows.services[row.service].withdrawn
    for back in (plan.back, plan.next_back):
        is_fit = back is None or back.version not in withdrawn
        hold(is_fit, "§2 a withdrawn version is no way back", plan.place, back)
