"""All that the board of a rollout shows of the rows, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.words.kinds import RolloutStatus
from slipway.records.rollouts.ask.driving import driving_of
from slipway.records.rollouts.ask.parts import (
    list_rollbacks,
    list_targets,
    list_targets_of,
    newest_since,
)
from slipway.records.rollouts.ask.queries import has_left_lock
from slipway.records.rollouts.histories.time_left import time_left_of
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.needs.standing import Standing
from slipway.records.rollouts.rollout_facts import RolloutFacts, TargetFacts
from slipway.records.rollouts.target_glances import TargetGlance


@dataclass(frozen=True, slots=True)
class WholeBoard:
    """`time_left` is None where nothing is known of it, or nothing is left; `has_left_lock`: it is
    over, and a lock that it left still holds."""

    rollout: RolloutFacts
    targets: tuple[TargetFacts, ...]
    standing: Standing
    time_left: TimeLeft | None
    has_left_lock: bool

    @property
    def is_over(self) -> bool:
        return self.standing.state.is_over


def whole_board(rollout: Rollout, now: datetime) -> WholeBoard:
    targets, glances = list_targets(rollout)
    standing = _standing(rollout, glances)
    is_over = standing.state.is_over
    return WholeBoard(
        rollout=RolloutFacts.of(rollout),
        targets=targets,
        standing=standing,
        time_left=None if is_over else time_left_of(rollout, glances, now),
        has_left_lock=is_over and has_left_lock(rollout),
    )


def standing_of(rollout: Rollout) -> Standing:
    """Return how a rollout stands, with who drives it, or with what came after it."""
    return _standing(rollout, list_targets_of([rollout])[rollout.pk])


def _standing(rollout: Rollout, targets: Sequence[TargetGlance]) -> Standing:
    is_over = RolloutStatus(rollout.state).is_over
    return Standing.of(
        rollout,
        targets,
        list_rollbacks(rollout),
        newest_since(rollout) if is_over else (0, False),
        None if is_over else driving_of(rollout),
    )
