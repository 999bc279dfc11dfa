"""Rollouts drawn as text: `+|.>|...` is three batches, a mark for each target."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from slipway.core.rollout.decision import RolloutState, TargetState
from slipway.core.rollout.status import TargetStatus

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FINISHED = NOW - timedelta(minutes=1)

MARKS = {
    ".": TargetState(0, 0, TargetStatus.PENDING),
    "i": TargetState(0, 0, TargetStatus.PENDING, was_healthy=False),
    ">": TargetState(0, 0, TargetStatus.RUNNING),
    "?": TargetState(0, 0, TargetStatus.UNKNOWN),
    "+": TargetState(0, 0, TargetStatus.SUCCEEDED, finished_at=FINISHED),
    "x": TargetState(0, 0, TargetStatus.FAILED, finished_at=FINISHED),
    "u": TargetState(0, 0, TargetStatus.FAILED, finished_at=FINISHED, untouched=True),
    "w": TargetState(
        0, 0, TargetStatus.FAILED, was_healthy=False, finished_at=FINISHED, untouched=True
    ),
    "-": TargetState(0, 0, TargetStatus.UNREACHABLE, finished_at=FINISHED),
    "/": TargetState(0, 0, TargetStatus.CANCELLED, finished_at=FINISHED),
}


def targets(picture: str) -> tuple[TargetState, ...]:
    """Return the targets drawn, numbered from 1."""
    drawn = [
        (batch, mark) for batch, marks in enumerate(picture.split("|"), start=1) for mark in marks
    ]
    return tuple(
        replace(MARKS[mark], id=number, batch=batch)
        for number, (batch, mark) in enumerate(drawn, start=1)
    )


def rollout(picture: str, **rules: object) -> RolloutState:
    """Return a rollout of what is drawn; without rules nothing may fail and all may be away."""
    state = RolloutState(targets(picture), max_unavailable=len(picture), last_progress_at=NOW)
    return replace(state, **rules)  # type: ignore[arg-type]
