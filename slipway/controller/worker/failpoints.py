"""Places where a test can make this process die, to prove that it comes back.

`SLIPWAY_FAILPOINTS` names a file; when it holds `S8`, the process that next reaches S8 removes the
file and kills itself with SIGKILL. Unset, as it is outside tests, reaching a point does nothing.
"""

import os
import signal
from enum import StrEnum
from pathlib import Path

from slipway.core.rollout.told.telling import batches_over
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.words import Stage


class Point(StrEnum):
    """The moments of a rollout, or of a build, at which a crash must change nothing."""

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
    # Likewise of a build.
    BUILD_TAKEN = "B1"
    BUILD_ORDERED = "B2"  # written down, not yet sent
    BUILD_STARTED = "B3"  # sent, its id not yet written down
    BUILD_WATCHED = "B4"
    BUILD_SEEN = "B5"  # it ended well
    BUILD_FETCHED = "B6"  # its package is in the store, and no version names it
    BUILD_MADE = "B7"


AFTER_STEP = {
    "unpack": Point.UNPACKED,
    "drain": Point.DRAINED,
    "switch": Point.SWITCHED,
    "restart": Point.RESTARTED,
    "probe": Point.HEALTHY,
    "undrain": Point.UNDRAINED,
}

_FILE = os.environ.get("SLIPWAY_FAILPOINTS", "")


def reach(point: Point) -> None:
    """Die here if a test asked for it."""
    if not _FILE or not (wish := Path(_FILE)).exists() or wish.read_text() != point:
        return
    wish.unlink()
    os.kill(os.getpid(), signal.SIGKILL)


def reach_points(before: Value, after: Value) -> None:
    """Places where a test may let this process die."""
    if not _FILE:
        return
    for place, target in after.targets.items():
        old = before.targets[place]
        if target.stage is old.stage:
            continue
        if target.stage is Stage.IN_HAND:
            reach(Point.TRANSITIONAL)
        elif target.is_target and not target.stage.is_open:
            reach(Point.RECORDED)
    if batches_over(after) - batches_over(before):
        reach(Point.BATCH_DONE)
