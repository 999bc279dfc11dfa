"""Numbers of targets, and shares of them, as people write them."""

import re

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_SHARE = re.compile(r"([0-9]{1,6})(%?)")


def budget(text: str, total: int) -> int:
    """Return how many of `total` may fail: `2`, or `10%` rounded down. Raises Invalid."""
    found = _SHARE.fullmatch(text.strip())
    if found is None or (found[2] and int(found[1]) > 100):
        raise Invalid(
            "{given} is not a number of targets.",
            hint="Write a number or a share: 2, 10%.",
            given=f"“{shown(text)}”",
        )
    return total * int(found[1]) // 100 if found[2] else int(found[1])


def max_unavailable(text: str, total: int) -> int:
    """Return how many of `total` may be away at once: at least 1. Raises Invalid."""
    return max(budget(text, total), 1)


def left_out_budget(text: str, total: int) -> int:
    """Return how many of `total` may be left out. A share is at least 1: one host that is down
    holds nobody up. A number is what it says, and may be 0. Raises Invalid."""
    found = budget(text, total)
    return max(found, 1) if text.strip().endswith("%") and text.strip() != "0%" else found
