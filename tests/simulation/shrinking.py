"""Makes a history that breaks something shorter: acts are left out while it still does."""

from collections.abc import Callable
from typing import Any

from tests.simulation.history import live as live_in_the_brain
from tests.simulation.invariants import Broken
from tests.simulation.scenario import Scenario

MOST_TRIES = 400

# Lives through a history, on one level or the other; what it happened in has a `story`.
Live = Callable[..., Any]


def what_breaks(plan: Scenario, live: Live = live_in_the_brain) -> str:
    """Return the name of the invariant that a history breaks; "" when it breaks none."""
    try:
        live(plan)
    except Broken as broken:
        return broken.name
    return ""


def shrink(plan: Scenario, name: str, live: Live = live_in_the_brain) -> Scenario:
    """Leave out acts, many at once first and then one by one. Chance is keyed by the occasion, so
    that those which stay do what they did."""
    tries, size = 0, max(1, len(plan.acts) // 2)
    while size and tries < MOST_TRIES:
        at = 0
        while at < len(plan.acts) and tries < MOST_TRIES:
            tries += 1
            dropped = frozenset(act.number for act in plan.acts[at : at + size])
            shorter = plan.without(dropped)
            if what_breaks(shorter, live) == name:
                plan = shorter
            else:
                at += size
        size //= 2
    return plan


def story(plan: Scenario, live: Live = live_in_the_brain) -> list[str]:
    """Return the history as it is told, with what breaks as its last line."""
    kept: list[Any] = []
    try:
        live(plan, telling=True, kept=kept)
    except Broken as broken:
        return [*kept[0].story, f"BROKEN  {broken}"]
    return list(kept[0].story)
