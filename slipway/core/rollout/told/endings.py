"""How a rollout ended, in one sentence whose counts add up to its targets."""

from collections import Counter
from typing import Any

from slipway.core.rollout.told.status import TargetStatus, status_of
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, End, Heading, Stage
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.sentence import Sentence

NAMED_AT_MOST = 3  # places in one sentence


_NO_FAILURE = ("not_begun", "taken_back")  # codes of what only shared the end of others


def halt_of(rollout: Rollout) -> Sentence:
    """Return why a rollout goes no further."""
    ill = [t for t in rollout.targets.values() if t.is_target and t.cause is rollout.halted]
    told = [t for t in ill if t.problem and not t.problem.code.startswith(_NO_FAILURE)]
    if rollout.halted is Cause.VERSION:
        code, template = "halted_by_version", "Halted: {count} failed, {allowed} allowed. {why}"
        allowed = rollout.policy.failures
    else:
        code, template = "halted_left_out", "Halted: {count} left out, {allowed} may be. {why}"
        allowed = rollout.policy.left_out
    problem = told[0].problem if told else None
    return Sentence.of(
        code, template, count=len(told), allowed=allowed, why=problem.closed if problem else ""
    )


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
    values: dict[str, Any] = {
        "well": len(targets) - len(behind),
        "all": len(targets),
        "version": version,
    }
    done = Sentence.of(code, template, **values)
    if not behind:
        return done
    return Sentence.of(
        "done_in_part",
        "{done} Not among them: {places}. {why}",
        hint="Retry when they are well.",
        done=done,
        places=_named([t.place for t in behind]),
        why=next((t.problem for t in behind if t.problem), ""),
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


def _and(code: str, template: str, rollout: Rollout, **values: Any) -> Sentence:
    return Sentence.of(code, template, why=halt_of(rollout), **values)


def _named(places: list[str]) -> str | Sentence:
    shown = ", ".join(places[:NAMED_AT_MOST])
    more = len(places) - NAMED_AT_MOST
    if more <= 0:
        return shown
    return Sentence.of("and_more", "{shown} and {more} more", shown=shown, more=more)
