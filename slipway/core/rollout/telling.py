"""What a rollout tells of itself: read from the difference of two values."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from slipway.core.kinds import RolloutKind
from slipway.core.rollout.status import TargetStatus, state_of, status_of
from slipway.core.rollout.value import Rollout, Target
from slipway.core.rollout.words import Cause, End, Heading, Stage
from slipway.core.sentence import Sentence

NAMED_AT_MOST = 3  # places in one sentence


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
    if new.lost and not old.lost and new.stage is Stage.IN_HAND and new.lost_why:
        yield _told(
            "outcome_unknown", "Outcome unknown: {why} Asking again.", new, "warning",
            why=new.lost_why,
        )  # fmt: skip
    if (new.stage, new.heading, new.attempt) == (old.stage, old.heading, old.attempt):
        return
    if new.stage is Stage.WELL:
        yield _well(new)
    elif new.stage is Stage.SUSPECT and new.problem:
        yield Told(new.problem, "error", new.place)
    elif new.heading is Heading.BACK and old.heading is Heading.FORTH:
        if new.problem and old.stage is not Stage.SUSPECT:
            yield Told(new.problem, "error", new.place)
        yield _told("goes_back", "It goes back to {version}.", new, "warning",
                    version=new.goal.version or "nothing")  # fmt: skip
    elif new.stage is Stage.OUT and new.problem and old.stage is not Stage.SUSPECT:
        level = "warning" if new.cause is Cause.PERSON else "error"
        yield Told(new.problem, level, new.place)
    elif new.attempt > old.attempt:
        yield _told("begins_again", "Interrupted there: beginning again.", new, "warning")


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


def _told(code: str, template: str, target: Target, level: str = "info", **values: object) -> Told:
    return Told(Sentence.of(code, template, **values), level, target.place)


# --- batches -------------------------------------------------------------------------------------


def _tell_batches(before: Rollout, after: Rollout) -> Iterator[Told]:
    for batch in sorted(batches_over(after) - batches_over(before)):
        states = Counter(status_of(t) for t in after.targets.values() if t.planned.batch == batch)
        counts = [(states[status], status) for status in TargetStatus if states[status]]
        yield Told(
            Sentence.of(
                "batch_over",
                "Batch {batch} of {total} is over: {counts}.",
                batch=batch,
                total=after.batches,
                counts=", ".join(f"{number} {status.value}" for number, status in counts),
            )
        )


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


_FAILED = (TargetStatus.FAILED, TargetStatus.TAKEN_BACK)


def halt_of(rollout: Rollout) -> Sentence:
    """Return why a rollout goes no further."""
    ill = [t for t in rollout.targets.values() if t.is_target and t.cause is rollout.halted]
    told = [t for t in ill if t.problem and not t.problem.code.startswith("not_begun")]
    if rollout.halted is Cause.VERSION:
        code, template = "halted_by_version", "Halted: {count} failed, {allowed} allowed. {why}"
        allowed = rollout.policy.failures
    else:
        code, template = "halted_left_out", "Halted: {count} left out, {allowed} may be. {why}"
        allowed = rollout.policy.left_out
    why: object = told[0].problem if told else ""
    return Sentence.of(code, template, count=len(told), allowed=allowed, why=why)


_DONE = {
    RolloutKind.DELETE: ("removed_all", "{well} of {all} instances removed."),
    RolloutKind.RESTART: ("restarted_all", "{well} of {all} instances restarted."),
    RolloutKind.STOP: ("stopped_all", "{well} of {all} instances stopped."),
    RolloutKind.START: ("started_all", "{well} of {all} instances started."),
    RolloutKind.REVERT: ("reverted_all", "{well} of {all} instances went back."),
}
_RUN = ("run_all", "{well} of {all} instances run {version}.")


def outcome_of(rollout: Rollout, kind: RolloutKind, version: str) -> Sentence:
    """Return the one sentence with which a rollout ended. Its counts add up to its targets."""
    targets = [t for t in rollout.targets.values() if t.is_target]
    states = Counter(status_of(target) for target in targets)
    match rollout.end:
        case End.CANCELLED:
            return _cancelled(states, len(targets))
        case End.SUCCEEDED | End.PARTIAL:
            code, template = _DONE.get(kind, _RUN)
            return _completed(code, template, targets, version)
        case End.TAKEN_BACK:
            return _and("taken_back", "{why} All that was touched is back.", rollout)
        case End.NOT_ALL_BACK:
            owed = [t.place for t in targets if t.touched and _is_not_back(t)]
            return _and("not_all_back", "{why} Not back: {places}.", rollout, places=_named(owed))
        case _:
            return halt_of(rollout)


def _is_not_back(target: Target) -> bool:
    return not (target.heading is Heading.BACK and target.stage is Stage.WELL)


def _completed(code: str, template: str, targets: list[Target], version: str) -> Sentence:
    behind = [t for t in targets if status_of(t) is not TargetStatus.SUCCEEDED]
    values = {"well": len(targets) - len(behind), "all": len(targets), "version": version}
    if not behind:
        return Sentence.of(code, template, **values)
    first = next((t.problem for t in behind if t.problem), None)
    return Sentence.of(
        f"{code}_but",
        template + " Not among them: {places}." + (" {why}" if first else ""),
        hint="Retry when they are well.",
        places=_named([t.place for t in behind]),
        why=first or "",
        **values,
    )


def _cancelled(states: Counter[TargetStatus], total: int) -> Sentence:
    new = states[TargetStatus.SUCCEEDED]
    lost = states[TargetStatus.FAILED] + states[TargetStatus.NOT_KNOWN]
    return Sentence.of(
        "cancelled",
        "Cancelled by a person: {new} new, {old} as before, {lost} failed or not known.",
        new=new,
        old=total - new - lost,
        lost=lost,
    )


def _and(code: str, template: str, rollout: Rollout, **values: object) -> Sentence:
    return Sentence.of(code, template, why=halt_of(rollout), **values)


def _named(places: list[str]) -> str:
    shown = ", ".join(places[:NAMED_AT_MOST])
    more = len(places) - NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown


__all__ = ["Told", "batches_over", "halt_of", "outcome_of", "state_of", "tell"]
