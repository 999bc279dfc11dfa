"""The small worlds that are searched wholly, and what may go wrong in each."""

import time

from tests.simulation.kinds import Kind
from tests.simulation.search import Budget, search, small_world

BUDGETS = {
    "nothing": Budget(),
    "a death or a freeze": Budget(deaths=1),
    "a lost message": Budget(losses=1),
    "a lost commit": Budget(commits=1),
    "a reboot": Budget(reboots=1),
    "a wish": Budget(wishes=1),
}
KINDS = (Kind.GOOD, Kind.EXITS)


def search_small_worlds(seconds: float) -> int:
    """Search each world for `seconds` at most, and say how many states it has."""
    states = broken = 0
    for kind in KINDS:
        for name, budget in BUDGETS.items():
            began = time.monotonic()
            found = search(small_world(kind), budget, seconds)
            whole = "wholly" if found.is_whole else "broken" if found.words else "not wholly"
            print(
                f"2 places, 2 workers, v2 {kind}, {name}: {found.states} states, {found.steps} "
                f"steps, {whole}, {time.monotonic() - began:.0f} s",
                flush=True,
            )
            if found.words:
                print(found.words)
            states += found.states
            broken += bool(found.words) or not found.is_whole
    print(f"{states} states")
    return int(bool(broken))
