"""Patience, and what is owed: nobody is asked for ever, and no way back is forgotten."""

from collections.abc import Collection

from slipway.core.rollout.decide.targets import leave_out, was_asked_in_vain, was_followed_in_vain
from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, Heading, Stage


def give_up(draft: Draft) -> None:
    """Who does not answer at its turn is left out after patience; what was sent and is not heard of
    becomes *not known* after its deadline: never failed, never done; also where questions are
    answered all the time, and it is only its chain that cannot be heard."""
    for target in draft.at(Stage.ASKED):
        if target.place in draft.rollout.gone:
            leave_out(draft, target, Cause.PERSON, say.said_gone(target))
        elif draft.rollout.asks is None and was_asked_in_vain(draft, target):
            leave_out(draft, target, target.lost_cause, say.asked_in_vain(target))
    for target in draft.at(Stage.IN_HAND):
        if target.place in draft.rollout.gone:
            leave_out(draft, target, Cause.PERSON, say.said_gone(target))
        elif _was_spent_in_vain(draft, target) and _is_overdue(draft, target):
            leave_out(draft, target, target.lost_cause, say.not_known(target))


def _was_spent_in_vain(draft: Draft, target: Target) -> bool:
    return was_asked_in_vain(draft, target) or was_followed_in_vain(draft, target)


def _is_overdue(draft: Draft, target: Target) -> bool:
    """Whether its steps could have ended by now; a person who cancels does not wait for that."""
    if draft.rollout.cancelled or target.lost_cause is Cause.OURS:
        return True
    return draft.driven - target.since >= target.planned.deadline


def retry_owed(draft: Draft) -> None:
    """A way back that failed is tried again when anything of the former version is seen well."""
    for target in draft.at(Stage.OUT, heading=Heading.BACK):
        if not target.owed or target.attempt >= draft.rollout.policy.attempts:
            continue
        if target.place not in draft.rollout.gone and _is_well_elsewhere(draft, target):
            draft.move(target, Stage.DUE, attempt=target.attempt + 1)


def try_back_again(draft: Draft, places: Collection[str]) -> None:
    """A person has mended what kept them from going back."""
    for target in draft.at(Stage.OUT, heading=Heading.BACK):
        if target.owed and target.place in places:
            draft.move(target, Stage.DUE, attempt=target.attempt + 1)


def _is_well_elsewhere(draft: Draft, target: Target) -> bool:
    return any(
        other.place != target.place
        and other.is_heard_since(target.since)
        and other.look is not None
        and other.look.serves
        and target.goal.is_like(other.look.running)
        for other in draft.all()
    )
