"""Places that still run the former version, and may say whether a version is to blame."""

from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Stage

CONTROLS_AT_ONCE = 3  # that are asked before a version is blamed


def is_control(target: Target) -> bool:
    """It was well, was not touched, and still runs the former version; one that runs no more says
    nothing."""
    planned = target.planned
    if target.touched or not planned.was_well or not planned.was_up or not planned.origin:
        return False
    if target.stage in (Stage.WELL, Stage.IN_HAND, Stage.SUSPECT):
        return False
    return target.look is None or planned.origin.is_like(target.look.running)


def can_tell(control: Target, suspect: Target) -> bool:
    """Whether what a control runs is not the very version that is suspected."""
    planned = suspect.planned
    return not planned.changes_version or control.planned.origin.version != planned.goal.version
