"""What a rollout says of itself, in the words people use."""

from collections import Counter

from slipway.controller.narration import Narration
from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.rollout.decision import RolloutState
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence
from slipway.records.rollouts.course import Course
from slipway.records.rollouts.state import TargetEnd

NAMED_AT_MOST = 3  # hosts in one sentence

_DONE = {
    RolloutKind.REVERT: "{well} of {all} instances went back.",
    RolloutKind.DELETE: "{well} of {all} instances removed.",
    RolloutKind.RESTART: "{well} of {all} instances restarted.",
    RolloutKind.STOP: "{well} of {all} instances stopped.",
    RolloutKind.START: "{well} of {all} instances started.",
}
_RUN = "{well} of {all} instances run {version}."
_ENDS = {
    RolloutStatus.SUCCEEDED: "Succeeded: {outcome}",
    RolloutStatus.CANCELLED: "Cancelled: {outcome}",
    RolloutStatus.FAILED: "Failed: {outcome}",
    RolloutStatus.HALTED: "Halted: {outcome}",
}
_LEVELS = {
    RolloutStatus.SUCCEEDED: "info",
    RolloutStatus.CANCELLED: "warning",
    RolloutStatus.FAILED: "error",
    RolloutStatus.HALTED: "error",
}


class Story:
    """Tells each batch once, and finds the sentence a rollout ends with."""

    def __init__(self, course: Course, narration: Narration) -> None:
        self._course = course
        self._narration = narration
        # Batches that were over before this claim are told already.
        self._told = _batches_over([(target.batch, target.state) for target in course.targets])

    def say(self, said: Sentence, *, level: str = "info", target_id: int | None = None) -> None:
        self._narration.say(said, level=level, target_id=target_id)

    def tell_batches(self, state: RolloutState) -> bool:
        """Tell batches that ended since the last look; returns whether there were any."""
        over = _batches_over([(target.batch, target.status) for target in state.targets])
        fresh = sorted(over - self._told)
        total = len({target.batch for target in state.targets})
        for batch in fresh:
            states = Counter(t.status for t in state.targets if t.batch == batch)
            self.say(
                Sentence.of(
                    "batch_over",
                    "Batch {batch} of {batches}: {counts}",
                    batch=batch,
                    batches=total,
                    counts=_counted(states),
                )
            )
        self._told |= over
        return bool(fresh)

    def end(self, state: RolloutStatus, outcome: Sentence) -> None:
        self.say(Sentence.of(state.value, _ENDS[state], outcome=outcome), level=_LEVELS[state])

    def completed(self, ends: list[TargetEnd]) -> Sentence:
        behind = [end for end in ends if end.state is not TargetStatus.SUCCEEDED]
        outcome = Sentence.of(
            "completed",
            _DONE.get(self._course.kind, _RUN),
            well=len(ends) - len(behind),
            all=len(ends),
            version=self._course.version,
        )
        if not behind:
            return outcome
        return Sentence.of(
            "completed_but",
            "{outcome} The others are within the failure budget; retry when they are well."
            " {problems}",
            outcome=outcome,
            problems=_named(behind),
        )

    def halted(self, reason: Sentence, ends: list[TargetEnd]) -> Sentence:
        failed = next((end.problem for end in ends if end.problem), None)
        if failed is None:
            return reason
        return Sentence.of("halted", "{reason}: {problem}", reason=reason, problem=failed)

    def cancelled(self, ends: list[TargetEnd]) -> Sentence:
        """Cancel ends at old or new on every host, and says which."""
        new = [end for end in ends if end.state is TargetStatus.SUCCEEDED]
        lost = [end for end in ends if end.touched and end not in new]
        old = len(ends) - len(new) - len(lost)
        if not lost:
            return Sentence.of(
                "cancelled",
                "cancelled by a person: {new} new, {old} as before.",
                new=len(new),
                old=old,
            )
        return Sentence.of(
            "cancelled",
            "cancelled by a person: {new} new, {old} as before, {lost} failed. {problems}",
            new=len(new),
            old=old,
            lost=len(lost),
            problems=_named(lost),
        )


def _counted(states: Counter[TargetStatus]) -> Sentence:
    """`4 hosts succeeded, 1 failed`, in the order of the states."""
    first, *rest = [(states[status], status.value) for status in TargetStatus if states[status]]
    template = "{number} host {state}" if first[0] == 1 else "{number} hosts {state}"
    said = Sentence.of("hosts_are", template, number=first[0], state=first[1])
    for number, state in rest:
        said = Sentence.of(
            "and_others", "{first}, {number} {state}", first=said, number=number, state=state
        )
    return said


def _batches_over(targets: list[tuple[int, TargetStatus]]) -> set[int]:
    return {batch for batch, _ in targets} - {b for b, state in targets if not state.is_over}


def _named(ends: list[TargetEnd]) -> Sentence:
    said = Sentence.joined(*(_problem(end) for end in ends[:NAMED_AT_MOST]))
    more = len(ends) - NAMED_AT_MOST
    if more <= 0:
        return said
    return Sentence.of("and_more", "{problems} And {more} more.", problems=said, more=more)


def _problem(end: TargetEnd) -> Sentence:
    return end.problem or Sentence.of(
        "target_ended", "{host}: {state}.", host=end.host, state=end.state.value
    )
