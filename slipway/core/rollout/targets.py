"""What becomes of one target: well, failed, on its way back, left out."""

from dataclasses import replace

from slipway.core.rollout import sentences as say
from slipway.core.rollout.draft import Draft
from slipway.core.rollout.value import Target
from slipway.core.rollout.words import Cause, Heading, Stage
from slipway.core.sentence import Sentence


def found_well(draft: Draft, target: Target) -> Target:
    """It is what it is to be; which process that is said of is remembered: another is a death."""
    look = target.look
    assert look is not None, "only what was seen is well"
    keeps = target.heading is Heading.BACK
    return draft.move(
        replace(target, owed=False, reprieved=False, problem=target.problem if keeps else None),
        Stage.WELL,
        process=look.process,
        boot=look.boot,
        ill_looks=0,
    )


def failed(draft: Draft, target: Target, why: Sentence | None, fault: Cause) -> Target:
    """It is judged before anything is said of the version; a way back that fails is owed."""
    if target.heading is Heading.BACK:
        problem = say.could_not_go_back(target, why)
        return draft.move(target, Stage.OUT, problem=problem, owed=True)
    target = replace(target, problem=why)
    if fault is Cause.VERSION:
        return draft.move(target, Stage.SUSPECT)
    return turn_back(draft, target, fault)


def turn_back(draft: Draft, target: Target, cause: Cause) -> Target:
    """Each place that was taken away and failed goes back at once, alone, whatever becomes of the
    rollout. Where there is no way back, or nothing is to go back by itself, it stays as it is."""
    target = replace(target, cause=cause, reprieved=False)
    if target.touched and target.can_go_back and draft.rollout.policy.goes_back:
        further = _goes_further(draft, target)
        return draft.move(target, Stage.DUE, heading=Heading.BACK, attempt=0, goes_further=further)
    return draft.move(target, Stage.OUT)


def _goes_further(draft: Draft, target: Target) -> bool:
    back = target.planned.back
    is_withdrawn = back is not None and back.version in draft.rollout.withdrawn_elsewhere
    return is_withdrawn and target.planned.next_back is not None


def leave_out(draft: Draft, target: Target, cause: Cause, why: Sentence | None) -> Target:
    """It ends as it is. On its way back it has not come there: that is owed."""
    if target.heading is Heading.BACK:
        problem = say.could_not_go_back(target, why)
        return draft.move(target, Stage.OUT, problem=problem, owed=True)
    return draft.move(target, Stage.OUT, cause=target.cause or cause, problem=why)


def may_go_back(draft: Draft, target: Target) -> bool:
    return target.touched and target.can_go_back and draft.rollout.policy.goes_back


def has_waited(draft: Draft, target: Target, share: float = 1.0) -> bool:
    return draft.driven - target.since >= draft.rollout.policy.patience * share


def is_fresh(target: Target) -> bool:
    """Whether the last look was asked for after its stage began."""
    return target.is_heard_since(target.since)
