"""What a rollout says of itself, in the words people use."""

from collections import Counter

from slipway.controller.narration import Narration
from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.rollout.decision import RolloutState
from slipway.core.rollout.status import TargetStatus
from slipway.records.rollouts.course import Course
from slipway.records.rollouts.state import TargetEnd

NAMED_AT_MOST = 3  # hosts in one sentence

_DONE = {
    RolloutKind.DELETE: "removed",
    RolloutKind.RESTART: "restarted",
    RolloutKind.STOP: "stopped",
    RolloutKind.START: "started",
}
_LEVELS = {
    RolloutStatus.SUCCEEDED: "info",
    RolloutStatus.CANCELLED: "warning",
    RolloutStatus.PARTIAL: "error",
    RolloutStatus.HALTED: "error",
}


class Story:
    """Tells each batch once, and finds the sentence a rollout ends with."""

    def __init__(self, course: Course, narration: Narration) -> None:
        self._course = course
        self._narration = narration
        # Batches that were over before this claim are told already.
        self._told = _batches_over([(target.batch, target.state) for target in course.targets])

    def say(self, text: str, *, level: str = "info", target_id: int | None = None) -> None:
        self._narration.say(text, level=level, target_id=target_id)

    def tell_batches(self, state: RolloutState) -> bool:
        """Tell batches that ended since the last look; returns whether there were any."""
        over = _batches_over([(target.batch, target.status) for target in state.targets])
        fresh = sorted(over - self._told)
        total = len({target.batch for target in state.targets})
        for batch in fresh:
            states = Counter(t.status for t in state.targets if t.batch == batch)
            self.say(f"Batch {batch} of {total}: {_counted(states)}")
        self._told |= over
        return bool(fresh)

    def end(self, state: RolloutStatus, outcome: str) -> None:
        self.say(f"{state.value.capitalize()}: {outcome}", level=_LEVELS[state])

    def completed(self, ends: list[TargetEnd]) -> str:
        behind = [end for end in ends if end.state is not TargetStatus.SUCCEEDED]
        well = len(ends) - len(behind)
        what = (
            _DONE.get(self._course.kind) or f"run {self._course.version or 'what they ran before'}"
        )
        if self._course.kind is RolloutKind.REVERT:
            what = "went back"
        outcome = f"{well} of {len(ends)} instances {what}"
        if behind:
            outcome += f"; within the failure budget: {_named(behind)}. Retry when they are well"
        return outcome + "."

    def halted(self, reason: str, ends: list[TargetEnd]) -> str:
        failed = [end for end in ends if end.problem]
        why = f": {failed[0].problem}" if failed else ""
        return f"{reason}{why}"

    def cancelled(self, ends: list[TargetEnd]) -> str:
        """Cancel ends at old or new on every host, and says which."""
        new = [end for end in ends if end.state is TargetStatus.SUCCEEDED]
        lost = [end for end in ends if end.touched and end not in new]
        old = len(ends) - len(new) - len(lost)
        parts = [f"{len(new)} new", f"{old} as before"]
        if lost:
            parts.append(f"{len(lost)} failed ({_named(lost)})")
        return f"cancelled by a person: {', '.join(parts)}."


def _counted(states: Counter[TargetStatus]) -> str:
    """`4 hosts succeeded, 1 failed`, in the order of the states."""
    first, *rest = [(states[status], status.value) for status in TargetStatus if states[status]]
    hosts = f"{first[0]} host{'' if first[0] == 1 else 's'} {first[1]}"
    return ", ".join([hosts, *(f"{number} {state}" for number, state in rest)])


def _batches_over(targets: list[tuple[int, TargetStatus]]) -> set[int]:
    return {batch for batch, _ in targets} - {b for b, state in targets if not state.is_over}


def _named(ends: list[TargetEnd]) -> str:
    shown = "; ".join(
        end.problem.removesuffix(".") or f"{end.host}: {end.state.value}"
        for end in ends[:NAMED_AT_MOST]
    )
    more = len(ends) - NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown
