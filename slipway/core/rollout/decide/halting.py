"""When a rollout goes no further: budgets, and what becomes of the rest."""

from dataclasses import replace

from slipway.core.rollout.decide.targets import leave_out, may_go_back, turn_back
from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.words import Cause, Heading, Stage


def cancel(draft: Draft) -> None:
    """What is in hand ends its turn, old or new; nothing else is begun."""
    if draft.rollout.cancelled:
        _begin_no_more(draft)


def halt(draft: Draft) -> None:
    """The version's failures count against its budgets; hosts and weather against another, and
    that takes nothing back."""
    if draft.rollout.halted is None:
        cause = _too_many(draft)
        if cause is None:
            return
        draft.change(halted=cause)
    _begin_no_more(draft)
    _take_all_back(draft)


def _too_many(draft: Draft) -> Cause | None:
    policy = draft.rollout.policy
    if not draft.has_causes:
        return None
    blamed = [t for t in draft.with_cause(Cause.VERSION) if t.is_target]
    canaries = [t for t in blamed if t.planned.batch == 1]
    has_canary = draft.rollout.batches > 1
    if has_canary and len(canaries) > policy.canary_failures:
        return Cause.VERSION
    if len(blamed) > policy.failures:
        return Cause.VERSION
    behind = draft.with_cause(Cause.HOST, Cause.WEATHER)
    return behind[0].cause if len(behind) > policy.left_out else None


def _begin_no_more(draft: Draft) -> None:
    """What was not begun stays as it is; what lies half-way goes back."""
    cancelled = draft.rollout.cancelled
    cause = Cause.PERSON if cancelled else draft.rollout.halted or Cause.VERSION
    for target in draft.at(Stage.DUE, Stage.ASKED, heading=Heading.FORTH):
        if target.attempt > 0 and target.touched:
            turn_back(draft, replace(target, problem=say.half_way(target)), Cause.WEATHER)
        else:
            why = target.problem or say.not_begun(cancelled=cancelled)
            draft.put(replace(target, touched=False))
            leave_out(draft, draft.target(target.place), cause, why)


def _take_all_back(draft: Draft) -> None:
    """What is well on the version goes back, too, also what was in hand at the halt; not where a
    person has taken charge."""
    if draft.rollout.halted is not Cause.VERSION or draft.rollout.cancelled:
        return
    for target in draft.at(Stage.WELL, heading=Heading.FORTH):
        if may_go_back(draft, target):
            turn_back(draft, replace(target, problem=say.taken_back(target)), Cause.VERSION)
