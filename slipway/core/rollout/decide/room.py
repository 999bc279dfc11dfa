"""How many places may be away, and whether one may be taken now."""

from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.questions import Asks
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Heading, Stage


def has_room(draft: Draft, target: Target) -> bool:
    """Room is counted over all places of the service that are meant to be up. A way back goes on
    one at a time at least, whoever else is away."""
    if target.look is not None and not target.look.serves:
        return True  # seen at its turn: it is away already
    away = len(draft.away - _spared(draft) - {target.place})
    if away < draft.rollout.policy.allowed_away:
        return True
    going = any(each.place != target.place for each in draft.at(Stage.IN_HAND))
    goes_back = target.heading is Heading.BACK or draft.rollout.policy.is_way_back
    return goes_back and not going


def _spared(draft: Draft) -> frozenset[str]:
    """Who a person said may be away counts no more, but where it came back and we take it away."""
    without = draft.rollout.without
    return without and without - {each.place for each in draft.at(Stage.IN_HAND)}


def somebody_serves(draft: Draft) -> bool:
    return any(
        target.look is not None and target.look.serves
        for target in draft.all()
        if target.planned.was_up and target.planned.origin
    )


def is_unknown_whether_any_serves(draft: Draft) -> bool:
    """Whether nothing may be begun, since places are meant to be up and none was seen serving; a
    plan that said so has been asked about already, and so has a person who said go on."""
    rollout = draft.rollout
    if rollout.policy.none_serves_is_known or Asks.NONE_SERVES.value in rollout.answered:
        return False
    if any(target.touched for target in draft.all()) or somebody_serves(draft):
        return False
    return any(target.planned.was_up and target.planned.origin for target in draft.all())
