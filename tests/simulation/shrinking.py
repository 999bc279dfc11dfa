"""Makes a history that breaks something shorter: acts are left out while it still does."""

from tests.simulation.history import live
from tests.simulation.invariants import Broken
from tests.simulation.scenario import Scenario
from tests.simulation.world import World

MOST_TRIES = 400


def what_breaks(plan: Scenario) -> str:
    """Return the name of the invariant that a history breaks; "" when it breaks none."""
    try:
        live(plan)
    except Broken as broken:
        return broken.name
    return ""


def shrink(plan: Scenario, name: str) -> Scenario:
    """Leave out acts, many at once first and then one by one. Chance is keyed by the occasion, so
    that those which stay do what they did."""
    tries, size = 0, max(1, len(plan.acts) // 2)
    while size and tries < MOST_TRIES:
        at = 0
        while at < len(plan.acts) and tries < MOST_TRIES:
            tries += 1
            dropped = frozenset(act.number for act in plan.acts[at : at + size])
            shorter = plan.without(dropped)
            if what_breaks(shorter) == name:
                plan = shorter
            else:
                at += size
        size //= 2
    return plan


def story(plan: Scenario) -> list[str]:
    """Return the history as it is told, with what breaks as its last line."""
    kept: list[World] = []
    try:
        live(plan, telling=True, kept=kept)
    except Broken as broken:
        return [*kept[0].story, f"BROKEN  {broken}"]
    return kept[0].story
