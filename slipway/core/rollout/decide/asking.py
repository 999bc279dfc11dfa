"""When Slipway itself asks a person, and when its question is withdrawn because its reason is
gone."""

from slipway.core.rollout.decide.room import (
    has_room,
    is_unknown_whether_any_serves,
    somebody_serves,
)
from slipway.core.rollout.decide.targets import has_waited, is_fresh, was_asked_in_vain
from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.questions import Asks, Question
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, Heading, Stage
from slipway.core.words.sentence import Sentence

HALF = 0.5  # of the patience


def ask_whether_none_serves(draft: Draft) -> None:
    """Where places are meant to be up and none serves, it asks before it begins; a plan that said
    so has been asked already."""
    question = draft.rollout.asks
    waiting = draft.at(Stage.ASKED, heading=Heading.FORTH)
    if question is not None and question.code is Asks.NONE_SERVES:
        if somebody_serves(draft) or not waiting:
            draft.change(asks=None)
        return
    if question or not waiting or not is_unknown_whether_any_serves(draft):
        return
    unheard = any(t.look is None and not t.lost for t in draft.all())
    if not unheard and any(is_fresh(t) for t in waiting):
        _ask(draft, Asks.NONE_SERVES, say.none_serves(), ())


def ask_for_room(draft: Draft) -> None:
    """No room, and nothing in hand that will give any back: after patience it says so."""
    waiting = draft.at(Stage.ASKED, heading=Heading.FORTH)
    question = draft.rollout.asks
    if not waiting and question is None:
        return
    may_go = any(is_fresh(t) and has_room(draft, t) for t in waiting)
    if question is not None and question.code is Asks.NO_ROOM:
        if may_go or not waiting:
            draft.change(asks=None)
        return
    if may_go or question or draft.rollout.paused or _will_give_room(draft):
        return
    if any(is_fresh(t) and has_waited(draft, t) for t in waiting):
        places = tuple(sorted(draft.away - draft.rollout.without))
        words = say.no_room(places, draft.rollout.policy.allowed_away)
        _ask(draft, Asks.NO_ROOM, words, places)


def _will_give_room(draft: Draft) -> bool:
    if draft.has(Stage.IN_HAND, Stage.SUSPECT):
        return True
    return bool(draft.at(Stage.DUE, Stage.ASKED, heading=Heading.BACK))


def ask_about_weather(draft: Draft) -> None:
    """More than one, and at least half of those in hand, lost for half the patience: that is no
    fault of each of them."""
    rollout = draft.rollout
    code, question = Asks.SEVERAL_LOST, rollout.asks
    in_hand = draft.at(Stage.ASKED, Stage.IN_HAND)
    silent = [t for t in in_hand if t.look is None and t.lost_cause is Cause.WEATHER]
    is_over = len(silent) < 2 or 2 * len(silent) < len(in_hand)
    if is_over and question is not None and question.code is code:
        draft.change(asks=None)
    elif is_over and code.value in rollout.answered:
        draft.change(answered=rollout.answered - {code.value})
    if is_over or question or rollout.cancelled or rollout.halted or code.value in rollout.answered:
        return
    lost = [t for t in silent if was_asked_in_vain(draft, t, HALF)]
    if len(lost) > 1 and 2 * len(lost) >= len(in_hand):
        places = tuple(target.place for target in lost)
        _ask(draft, code, say.several_lost(places), places)


def ask_about_ourselves(draft: Draft) -> None:
    """An error of ours that outlasts patience pauses the rollout with its reason."""
    question = draft.rollout.asks
    ill = [t for t in draft.at(Stage.OUT) if t.cause is Cause.OURS]
    if question or not ill or Asks.OURS.value in draft.rollout.answered or draft.rollout.cancelled:
        return
    draft.change(answered=draft.rollout.answered | {Asks.OURS.value})
    _ask(draft, Asks.OURS, say.ours(ill[0]), tuple(t.place for t in ill))


def ask_whether_all_is_ill(draft: Draft) -> None:
    """Where there was no control and the way back is not well either, it was weather. A place that
    is well, on either version, says that it lies with the others."""
    rollout = draft.rollout
    if rollout.asks or rollout.is_proven_guilty or rollout.withdrawn or rollout.cancelled:
        return
    if draft.has(Stage.WELL):
        return
    owed = [t for t in draft.at(Stage.OUT, heading=Heading.BACK) if _failed_back(t)]
    if owed and Asks.ALL_ILL.value not in rollout.answered:
        draft.change(answered=rollout.answered | {Asks.ALL_ILL.value})
        _ask(draft, Asks.ALL_ILL, say.all_ill(owed[0]), tuple(t.place for t in owed))


def _failed_back(target: Target) -> bool:
    return target.owed and target.cause is Cause.VERSION and not target.lost


def _ask(draft: Draft, code: Asks, sentence: Sentence, places: tuple[str, ...]) -> None:
    draft.change(asks=Question(code, sentence, places, since=draft.driven))
