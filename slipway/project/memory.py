"""How often Python looks for cycles in memory: with fifty hosts, a tenth of our CPU went there."""

import gc

# Allocations beyond what was freed, until the next look; 700 is for programs of a few kilobytes.
BETWEEN_LOOKS = 20_000


def settle() -> None:
    """Call it when all is loaded: that stays for ever, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(BETWEEN_LOOKS, 20, 20)
