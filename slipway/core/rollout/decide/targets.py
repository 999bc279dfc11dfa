"""What becomes of one target: well, failed, on its way back, left out."""

from dataclasses import replace

from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.history import Release
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, Heading, Stage
from slipway.core.words.sentence import Sentence


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


def blame(draft: Draft, target: Target) -> Target:
    """The version failed there, by itself."""
    return turn_back(draft, replace(target, blamed_at=draft.driven), Cause.VERSION)


def turn_back(draft: Draft, target: Target, cause: Cause) -> Target:
    """Each place that was taken away and failed goes back at once, alone, whatever becomes of the
    rollout. Where there is no way back, or nothing is to go back by itself, it stays as it is."""
    target = replace(target, cause=cause, reprieved=False)
    if may_go_back(draft, target):
        further = _is_withdrawn(draft, target, target.planned.back)
        return draft.move(target, Stage.DUE, heading=Heading.BACK, attempt=0, goes_further=further)
    return draft.move(target, Stage.OUT)


def may_go_back(draft: Draft, target: Target) -> bool:
    """A way back that was withdrawn meanwhile is none; then it is the next one."""
    if not (target.touched and target.can_go_back and draft.rollout.policy.goes_back):
        return False
    planned = target.planned
    if not _is_withdrawn(draft, target, planned.back):
        return True
    return planned.next_back is not None and not _is_withdrawn(draft, target, planned.next_back)


def renew_way_back(draft: Draft, target: Target) -> None:
    """Its way back may have been withdrawn while it waited: then it is the next one, or owed."""
    if not _is_withdrawn(draft, target, target.goal):
        return
    if may_go_back(draft, target) and not target.goes_further:
        draft.put(replace(target, goes_further=True))
    else:
        leave_out(draft, target, Cause.VERSION, say.withdrawn_meanwhile(target))


def _is_withdrawn(draft: Draft, target: Target, back: Release | None) -> bool:
    """Back to other settings of the version that is there leads nowhere else."""
    if back is None or back.version == target.planned.goal.version:
        return False
    return back.version in draft.rollout.withdrawn_elsewhere


def leave_out(draft: Draft, target: Target, cause: Cause, why: Sentence | None) -> Target:
    """It ends as it is. On its way back it has not come there: that is owed."""
    if target.heading is Heading.BACK:
        problem = say.could_not_go_back(target, why)
        return draft.move(target, Stage.OUT, problem=problem, owed=True)
    return draft.move(target, Stage.OUT, cause=target.cause or cause, problem=why)


def has_waited(draft: Draft, target: Target) -> bool:
    return draft.driven - target.since >= draft.rollout.policy.patience


def was_asked_in_vain(draft: Draft, target: Target, share: float = 1.0) -> bool:
    """Whether patience, or a share of it, was spent asking without an answer."""
    silent_since = max(target.since, target.heard_at)
    return target.lost and draft.driven - silent_since >= draft.rollout.policy.patience * share


def was_followed_in_vain(draft: Draft, target: Target) -> bool:
    """Whether patience was spent following a chain of which only looks say that it runs."""
    began = target.unheard_since
    is_of_now = target.lost and began >= target.since
    return is_of_now and draft.driven - began >= draft.rollout.policy.patience


def is_fresh(target: Target) -> bool:
    """Whether the last look was asked for after its stage began."""
    return target.is_heard_since(target.since)
