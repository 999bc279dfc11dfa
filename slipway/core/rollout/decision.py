"""The decision of a rollout: from what is true of its targets now, the one next step."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from slipway.core.durations import format_duration
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence


@dataclass(frozen=True, slots=True)
class TargetState:
    """`was_healthy`: before the rollout. `untouched`: it ended before its instance was disturbed
    (a full disk while unpacking, say), so that the instance still is what it was."""

    id: int
    batch: int
    status: TargetStatus = TargetStatus.PENDING
    was_healthy: bool = True
    finished_at: datetime | None = None
    untouched: bool = False

    @property
    def is_healthy(self) -> bool:
        """Whether its instance serves. One in flight is never counted on."""
        match self.status:
            case TargetStatus.SUCCEEDED:
                return True
            case TargetStatus.PENDING | TargetStatus.CANCELLED | TargetStatus.UNREACHABLE:
                return self.was_healthy
            case TargetStatus.FAILED:
                return self.was_healthy and self.untouched
            case TargetStatus.RUNNING | TargetStatus.UNKNOWN:
                return False


@dataclass(frozen=True, slots=True)
class RolloutState:
    """`max_unavailable` is a number of instances of the whole service; where instances are meant to
    go away (stop, delete) it is the number of targets. `ill_elsewhere` counts instances of the
    service that are not healthy and not targets. `promoted_batches` counts those a person let pass.
    """

    targets: tuple[TargetState, ...]
    failures_allowed: int = 0
    max_unavailable: int = 1
    failures_allowed_canary: int = 0
    bake_time: timedelta = timedelta(0)
    paused: bool = False
    cancelled: bool = False
    promoted_batches: int = 0
    needs_promotion: bool = False
    progress_deadline: timedelta = timedelta(minutes=10)
    last_progress_at: datetime | None = None
    ill_elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """Begin with these targets now."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before something changes, or before `until`."""

    until: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Halt:
    """Start nothing any more: the system ends it."""

    reason: Sentence


@dataclass(frozen=True, slots=True)
class Complete:
    """All targets are over, within the budgets; `left_behind` are those that did not succeed."""

    left_behind: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A person ended it, and nothing is in flight any more."""


Decision = Start | Wait | Halt | Complete | Cancelled


def decide(rollout: RolloutState, now: datetime) -> Decision:
    """Return the one next step. Asked again after every change, so it never plans ahead."""
    if stalled := _stalled(rollout, now):
        return Halt(stalled)
    if ending := _ending(rollout):
        return _once_nothing_is_in_flight(rollout, ending)

    batch = min(target.batch for target in rollout.targets if not target.status.is_over)
    if rollout.paused:
        return _wait(rollout, "paused")
    if gate := _gate(rollout, batch, now):
        return gate
    return _start(rollout, batch)


def _stalled(rollout: RolloutState, now: datetime) -> Sentence | None:
    # First of all: a host that never answers again must not hold the rollout for ever.
    deadline = _progress_deadline(rollout)
    if deadline is None or now < deadline:
        return None
    return Sentence.of(
        "no_progress",
        "no progress for {time}, {running} running, {unknown} unknown",
        time=format_duration(rollout.progress_deadline),
        running=_count(rollout, TargetStatus.RUNNING),
        unknown=_count(rollout, TargetStatus.UNKNOWN),
    )


def _ending(rollout: RolloutState) -> Halt | Complete | Cancelled | None:
    behind = [t.id for t in rollout.targets if t.status is not TargetStatus.SUCCEEDED]
    if rollout.cancelled and behind:
        return Cancelled()
    if too_many := _too_many_failures(rollout):
        return Halt(too_many)
    if all(target.status.is_over for target in rollout.targets):
        return Complete(tuple(behind))
    return None


def _once_nothing_is_in_flight(
    rollout: RolloutState, ending: Halt | Complete | Cancelled
) -> Decision:
    if not any(target.status.in_flight for target in rollout.targets):
        return ending
    why = f"halting: {ending.reason}" if isinstance(ending, Halt) else "cancelling"
    return _wait(rollout, f"{why}; {_in_flight(rollout)}")


def _too_many_failures(rollout: RolloutState) -> Sentence | None:
    failed = Counter(target.batch for target in rollout.targets if target.status.is_failure)
    batches = {target.batch for target in rollout.targets}
    if len(batches) > 1 and failed[min(batches)] > rollout.failures_allowed_canary:
        allowed = rollout.failures_allowed_canary
        return Sentence.of(
            "canary_failed",
            "{count} failed in the canary batch, {allowed} allowed",
            count=failed[min(batches)],
            allowed=allowed,
        )
    if failed.total() > rollout.failures_allowed:
        return Sentence.of(
            "too_many_failed",
            "{count} failed, {allowed} allowed",
            count=failed.total(),
            allowed=rollout.failures_allowed,
        )
    return None


def _gate(rollout: RolloutState, batch: int, now: datetime) -> Wait | None:
    """Return what holds `batch` back although all batches before it are over."""
    before = [target for target in rollout.targets if target.batch < batch]
    if not before:
        return None
    number = len({target.batch for target in before})
    finished = [target.finished_at for target in before if target.finished_at]
    if finished and now < (ready_at := max(finished) + rollout.bake_time):
        return Wait(ready_at, f"batch {number} is baking")
    if rollout.needs_promotion and rollout.promoted_batches < number:
        return Wait(None, f"batch {number} waits to be promoted")
    return None


def _start(rollout: RolloutState, batch: int) -> Decision:
    in_batch = [target for target in rollout.targets if target.batch == batch]
    pending = [target for target in in_batch if target.status is TargetStatus.PENDING]
    # An instance that is ill already is counted as unavailable: starting it takes no more room.
    ill = [target.id for target in pending if not target.was_healthy]
    healthy = [target.id for target in pending if target.was_healthy]
    ids = ill + healthy[: _room(rollout)]
    if ids:
        return Start(tuple(ids))
    if any(target.status.in_flight for target in rollout.targets):
        return _wait(rollout, f"batch {batch}: {_in_flight(rollout)}")
    return Halt(
        Sentence.of(
            "no_room",
            "no room to go on: {away} not healthy, {allowed} may be unavailable",
            away=_unavailable(rollout),
            allowed=rollout.max_unavailable,
        )
    )


def _room(rollout: RolloutState) -> int:
    """Return how many healthy instances may be taken away now.

    Unreachable hosts make the rollout careful, down to one at a time, and never block it: whether
    they may be left behind is for the failure budget to say.
    """
    ours = rollout.max_unavailable - _unavailable(rollout)
    unreachable = sum(t.status is TargetStatus.UNREACHABLE for t in rollout.targets)
    nothing_away = not any(target.status.in_flight for target in rollout.targets)
    return max(ours - unreachable, min(ours, int(nothing_away)), 0)


def _unavailable(rollout: RolloutState) -> int:
    return rollout.ill_elsewhere + sum(
        not target.is_healthy
        for target in rollout.targets
        if target.status is not TargetStatus.UNREACHABLE
    )


def _wait(rollout: RolloutState, why: str) -> Wait:
    return Wait(_progress_deadline(rollout), why)


def _progress_deadline(rollout: RolloutState) -> datetime | None:
    if rollout.last_progress_at is None:
        return None
    if not any(target.status.in_flight for target in rollout.targets):
        return None
    return rollout.last_progress_at + rollout.progress_deadline


def _count(rollout: RolloutState, status: TargetStatus) -> int:
    return sum(target.status is status for target in rollout.targets)


def _in_flight(rollout: RolloutState) -> str:
    running = _count(rollout, TargetStatus.RUNNING)
    unknown = _count(rollout, TargetStatus.UNKNOWN)
    return f"{running} running" + (f", {unknown} unknown" if unknown else "")
