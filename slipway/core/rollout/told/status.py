"""How far targets and rollouts have come, in the words that rows, API and pages share."""

from enum import StrEnum

from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, End, Heading, Stage
from slipway.core.words.kinds import RolloutStatus


class TargetStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNREACHABLE = "unreachable"  # left out: it did not answer at its turn
    LEFT_OUT = "left_out"  # ended untouched: by its host or by a person, and said which
    NOT_KNOWN = "not_known"  # ended touched, without a last word
    TAKEN_BACK = "taken_back"  # it is what it was before
    CANCELLED = "cancelled"  # not begun when the rollout ended
    UNKNOWN = "unknown"  # attempted, the outcome was lost: the host is being asked

    @property
    def in_flight(self) -> bool:
        """Whether something may still be happening on the host."""
        return self in (TargetStatus.RUNNING, TargetStatus.UNKNOWN)

    @property
    def is_over(self) -> bool:
        return self is not TargetStatus.PENDING and not self.in_flight

    @property
    def is_failure(self) -> bool:
        """Whether it is not where its rollout wanted it, through no wish of a person."""
        return self in (
            TargetStatus.FAILED,
            TargetStatus.UNREACHABLE,
            TargetStatus.NOT_KNOWN,
            TargetStatus.TAKEN_BACK,
        )


def status_of(target: Target) -> TargetStatus:
    """Return the one word for how far a target has come."""
    match target.stage:
        case Stage.DUE | Stage.ASKED:
            begun = target.heading is Heading.BACK or target.attempt > 0
            return TargetStatus.RUNNING if begun else TargetStatus.PENDING
        case Stage.IN_HAND | Stage.SUSPECT:
            return TargetStatus.UNKNOWN if target.lost else TargetStatus.RUNNING
        case Stage.WELL:
            forth = target.heading is Heading.FORTH
            return TargetStatus.SUCCEEDED if forth else TargetStatus.TAKEN_BACK
        case Stage.OUT:
            return _left_out(target)


def _left_out(target: Target) -> TargetStatus:
    if target.problem is not None and target.problem.code.startswith("not_begun"):
        return TargetStatus.CANCELLED
    if target.problem is not None and target.problem.code in ("not_known", "said_gone"):
        return TargetStatus.NOT_KNOWN if target.touched else TargetStatus.LEFT_OUT
    if target.touched or target.cause is Cause.VERSION:
        return TargetStatus.FAILED
    if target.cause in (Cause.WEATHER, Cause.OURS):
        return TargetStatus.UNREACHABLE
    return TargetStatus.LEFT_OUT


_ENDS = {
    End.SUCCEEDED: RolloutStatus.SUCCEEDED,
    End.PARTIAL: RolloutStatus.PARTIAL,
    End.HALTED: RolloutStatus.HALTED,
    End.TAKEN_BACK: RolloutStatus.HALTED,
    End.NOT_ALL_BACK: RolloutStatus.HALTED,
    End.CANCELLED: RolloutStatus.CANCELLED,
}


def state_of(rollout: Rollout) -> RolloutStatus:
    """Return the one word for how far a rollout has come. One that asks is paused."""
    if rollout.end is not None:
        return _ENDS[rollout.end]
    waits = rollout.paused or rollout.asks is not None
    return RolloutStatus.PAUSED if waits else RolloutStatus.RUNNING
