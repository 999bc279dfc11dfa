"""What a rollout tells of itself: read from the difference of two values."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slipway.core.hosts.claims import TOLD_APART
from slipway.core.rollout.told.endings import halt_of
from slipway.core.rollout.told.status import TargetStatus, status_of
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Heading, Stage
from slipway.core.words.sentence import NOTHING, Sentence


@dataclass(frozen=True, slots=True)
class Told:
    """A line for the log; `place` "" is the whole rollout."""

    sentence: Sentence
    level: str = "info"
    place: str = ""


def tell(before: Rollout, after: Rollout) -> Iterator[Told]:
    """Yield what changed, in the order in which people want to read it."""
    for place, target in after.targets.items():
        old = before.targets[place]
        if target is not old and target.is_target:
            yield from _tell_target(old, target)
    yield from _tell_batches(before, after)
    yield from _tell_whole(before, after)


def _tell_target(old: Target, new: Target) -> Iterator[Told]:
    yield from _silence(old, new)
    moved = (new.stage, new.heading, new.attempt) != (old.stage, old.heading, old.attempt)
    if moved:
        yield from _move(old, new)


def _silence(old: Target, new: Target) -> Iterator[Told]:
    if _is_silent(old, new) and new.stage is Stage.IN_HAND:
        yield _told(
            "outcome_unknown", "Outcome unknown: {why} Asking again.", new, "warning",
            why=new.lost_why,
        )  # fmt: skip
    if is_silent_at_its_turn(old, new):
        yield _told(
            "silent_at_its_turn", "No answer at its turn: {why} Asking again.", new, "warning",
            why=new.lost_why,
        )  # fmt: skip


def _move(old: Target, new: Target) -> Iterator[Told]:
    if new.stage is Stage.WELL:
        yield _well(new)
    elif new.stage is Stage.SUSPECT and new.problem:
        yield Told(new.problem, "error", new.place)
    elif new.heading is Heading.BACK and old.heading is Heading.FORTH:
        yield from _turned(old, new)
    elif new.stage is Stage.OUT:
        yield from _out(old, new)
    elif new.attempt > old.attempt:
        yield _told("begins_again", "Interrupted there: beginning again.", new, "warning")


def is_silent_at_its_turn(old: Target, new: Target) -> bool:
    """It is told at once, and not only when patience is over."""
    return _is_silent(old, new) and new.stage is Stage.ASKED


def _is_silent(old: Target, new: Target) -> bool:
    if old.lost or not new.lost or new.lost_why is None:
        return False
    return new.lost_why.code not in TOLD_APART


def _turned(old: Target, new: Target) -> Iterator[Told]:
    if new.problem and old.stage is not Stage.SUSPECT:
        yield Told(new.problem, "error", new.place)
    version = new.goal.version or NOTHING
    yield _told("goes_back", "It goes back to {version}.", new, "warning", version=version)


def _out(old: Target, new: Target) -> Iterator[Told]:
    if new.problem and old.stage is not Stage.SUSPECT:
        yield Told(new.problem, "warning" if new.cause is Cause.PERSON else "error", new.place)


def _well(target: Target) -> Told:
    if not target.goal:
        return _told("removed", "Removed.", target)
    if not target.up:
        return _told("rests", "{version} is there, and stopped.", target,
                     version=target.goal.version)  # fmt: skip
    code = "runs" if target.heading is Heading.FORTH else "runs_again"
    template = (
        "Runs {version}, healthy."
        if target.heading is Heading.FORTH
        else "Runs {version} again, healthy."
    )
    return _told(code, template, target, version=target.goal.version)


def _told(code: str, template: str, target: Target, level: str = "info", **values: Any) -> Told:
    return Told(Sentence.of(code, template, **values), level, target.place)


# --- batches -------------------------------------------------------------------------------------


def _tell_batches(before: Rollout, after: Rollout) -> Iterator[Told]:
    for batch in sorted(batches_over(after) - batches_over(before)):
        states = Counter(status_of(t) for t in after.targets.values() if t.planned.batch == batch)
        counts = [_count(states[status], status) for status in TargetStatus if states[status]]
        yield Told(
            Sentence.of(
                "batch_over",
                "Batch {batch} of {total} is over: {counts}.",
                batch=batch,
                total=after.batches,
                counts=Sentence.listed(*counts),
            )
        )


def _count(number: int, status: TargetStatus) -> Sentence:
    state = status.value.replace("_", " ")
    return Sentence.of("counted", "{number} {state}", number=number, state=state)


def batches_over(rollout: Rollout) -> set[int]:
    """Return the batches of which nothing is to come."""
    targets = [t for t in rollout.targets.values() if t.is_target]
    return {t.planned.batch for t in targets} - {t.planned.batch for t in targets if t.is_open}


# --- the whole -----------------------------------------------------------------------------------


def _tell_whole(before: Rollout, after: Rollout) -> Iterator[Told]:
    if after.asks and after.asks != before.asks:
        yield Told(after.asks.sentence, "warning")
    elif before.asks and after.asks is None and after.end is None and not after.cancelled:
        code = before.asks.code.value
        yield Told(Sentence.of("asks_no_more", "The question has been settled.", question=code))
    for version in sorted(after.withdrawn - before.withdrawn):
        yield Told(
            Sentence.of("withdrawn", "{version} is withdrawn here.", version=version), "warning"
        )
    if after.halted and not before.halted:
        yield Told(halt_of(after), "error")
    if before.end is not None and after.end is None:
        yield Told(
            Sentence.of("watch_failed", "It was over, and did not stay well: it goes on."), "error"
        )
