"""How a rollout ends: with one word, and nothing in hand."""

from slipway.core.rollout.decide.turns import is_baked, is_seen_since
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, End, Heading, Stage

OPEN = (Stage.DUE, Stage.ASKED, Stage.IN_HAND, Stage.SUSPECT)


def end(draft: Draft) -> None:
    """Every rollout ends, or says for whom it waits."""
    rollout = draft.rollout
    if draft.has(*OPEN) or (rollout.asks is not None and not rollout.cancelled):
        return
    well = draft.at(Stage.WELL)
    if not rollout.cancelled and not all(is_baked(draft, target) for target in well):
        return
    word = _word(draft, [target for target in draft.all() if target.is_target])
    is_watched = word is End.SUCCEEDED and rollout.policy.watch > 0 and any(t.up for t in well)
    draft.change(end=word, ended_at=draft.driven, asks=None, watching=is_watched)


def _word(draft: Draft, targets: list[Target]) -> End:
    rollout = draft.rollout
    seen = (is_seen_since(draft, target) for target in targets)
    if all(_is_forth(target) for target in targets) and all(seen):
        return End.SUCCEEDED
    if rollout.cancelled:
        return End.CANCELLED
    if rollout.halted is None:
        return End.PARTIAL
    return _word_of_halt(rollout.halted, [target for target in targets if target.touched])


def _word_of_halt(halted: Cause, touched: list[Target]) -> End:
    """What succeeded stays where hosts and weather halted it: then nothing is missing on the way
    back but what was to go back."""
    going_back = [target for target in touched if target.heading is Heading.BACK]
    is_back = all(target.stage is Stage.WELL for target in going_back)
    if not going_back or (is_back and halted is not Cause.VERSION and any(map(_is_forth, touched))):
        return End.HALTED
    return End.TAKEN_BACK if is_back and len(going_back) == len(touched) else End.NOT_ALL_BACK


def _is_forth(target: Target) -> bool:
    return target.stage is Stage.WELL and target.heading is Heading.FORTH


def end_watch(draft: Draft) -> None:
    """Over for good is what has ended its watch; a death in it is as in a bake."""
    rollout = draft.rollout
    if draft.has(*OPEN):
        draft.change(end=None, ended_at=0.0, watching=False)
    elif rollout.driven - rollout.ended_at >= rollout.policy.watch:
        draft.change(watching=False)
