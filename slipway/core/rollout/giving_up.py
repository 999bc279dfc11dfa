"""Patience, and what is owed: nobody is asked for ever, and no way back is forgotten."""

from dataclasses import replace

from slipway.core.rollout import sentences as say
from slipway.core.rollout.draft import Draft
from slipway.core.rollout.targets import has_waited, leave_out
from slipway.core.rollout.value import Target
from slipway.core.rollout.words import Cause, Heading, Stage


def give_up(draft: Draft) -> None:
    """Who does not answer at its turn is left out after patience; what was sent and is not heard of
    becomes *not known* after its deadline: never failed, never done."""
    for target in draft.at(Stage.ASKED):
        if target.place in draft.rollout.gone:
            leave_out(draft, target, Cause.PERSON, say.said_gone(target))
        elif target.lost and has_waited(draft, target) and draft.rollout.asks is None:
            leave_out(draft, target, _cause(target), say.unreachable(target))
    for target in draft.at(Stage.IN_HAND):
        if target.place in draft.rollout.gone:
            leave_out(draft, target, Cause.PERSON, say.said_gone(target))
        elif target.lost and draft.driven - target.since >= _limit(draft, target):
            leave_out(draft, target, _cause(target), say.not_known(target))


def _limit(draft: Draft, target: Target) -> float:
    policy = draft.rollout.policy
    if draft.rollout.cancelled or target.is_ours:
        return policy.patience
    return max(policy.patience, target.planned.deadline)


def _cause(target: Target) -> Cause:
    return Cause.OURS if target.is_ours else Cause.WEATHER


def retry_owed(draft: Draft) -> None:
    """A way back that failed is tried again when anything of the former version is seen well."""
    for target in draft.at(Stage.OUT, heading=Heading.BACK):
        if not target.owed or target.attempt >= draft.rollout.policy.attempts:
            continue
        if target.place not in draft.rollout.gone and _is_well_elsewhere(draft, target):
            attempt = max(target.attempt + 1, 1)
            draft.move(replace(target, attempt=attempt), Stage.DUE)


def _is_well_elsewhere(draft: Draft, target: Target) -> bool:
    return any(
        other.place != target.place
        and other.is_heard_since(target.since)
        and other.look is not None
        and other.look.serves
        and target.goal.is_like(other.look.running)
        for other in draft.all()
    )
