"""Places where a test can make this process die, to prove that it comes back.

`SLIPWAY_FAILPOINT=S8` kills the process with SIGKILL when it first reaches S8; `S8:3` at the third
time. Unset, as it is outside tests, reaching a point does nothing.
"""

import os
import signal
from collections import Counter
from enum import StrEnum


class Point(StrEnum):
    """The moments of a rollout at which a crash must change nothing."""

    ACCEPTED = "S1"
    CLAIMED = "S2"
    TRANSITIONAL = "S3"
    VERIFIED = "S4"
    UPLOADED = "S5"
    UNPACKED = "S6"
    DRAINED = "S7"
    SWITCHED = "S8"
    RESTARTED = "S9"
    HEALTHY = "S10"
    UNDRAINED = "S11"
    RECORDED = "S12"
    BATCH_DONE = "S13"
    CLOSED = "S14"
    TOLD = "S15"


AFTER_STEP = {
    "unpack": Point.UNPACKED,
    "drain": Point.DRAINED,
    "switch": Point.SWITCHED,
    "restart": Point.RESTARTED,
    "probe": Point.HEALTHY,
    "undrain": Point.UNDRAINED,
}

_reached: Counter[str] = Counter()


def reach(point: Point) -> None:
    """Die here if a test asked for it."""
    wanted, _, time = os.environ.get("SLIPWAY_FAILPOINT", "").partition(":")
    if wanted != point:
        return
    _reached[point] += 1
    if _reached[point] == int(time or 1):
        os.kill(os.getpid(), signal.SIGKILL)
