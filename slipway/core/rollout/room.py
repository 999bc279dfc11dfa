"""How many places may be away, and whether one may be taken now."""

from slipway.core.rollout.draft import Draft
from slipway.core.rollout.value import Target
from slipway.core.rollout.words import Heading, Stage


def has_room(draft: Draft, target: Target) -> bool:
    """Room is counted over all places of the service that are meant to be up. A way back goes on
    one at a time at least, whoever else is away."""
    if target.look is not None and not target.look.serves:
        return True  # seen at its turn: it is away already
    away = len(draft.away - draft.rollout.without - {target.place})
    if away < draft.rollout.policy.allowed_away:
        return True
    going = any(each.place != target.place for each in draft.at(Stage.IN_HAND))
    goes_back = target.heading is Heading.BACK or draft.rollout.policy.is_way_back
    return goes_back and not going


def somebody_serves(draft: Draft) -> bool:
    return any(
        target.look is not None and target.look.serves
        for target in draft.all()
        if target.planned.was_up and target.planned.origin
    )


def somebody_is_meant_to_serve(draft: Draft) -> bool:
    return any(target.planned.was_up and target.planned.origin for target in draft.all())
