"""Whether good news of what is in hand may be decided on a moment later."""

from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Heading, Stage


def is_anything_waiting(value: Value) -> bool:
    """Whether a place waits for its turn, its judgement or its way back, and may have it by what
    was heard of another. The next batch does not: it waits for the last of those in hand."""
    return value.asks is not None or any(map(_waits, value.targets.values()))


def _waits(target: Target) -> bool:
    match target.stage:
        case Stage.ASKED | Stage.SUSPECT:
            return target.is_target
        case Stage.DUE:
            return target.is_target and target.heading is Heading.BACK
        case Stage.OUT:
            return target.owed
        case _:
            return False
