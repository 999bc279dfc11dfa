"""When Slipway itself asks a person, and when its question is withdrawn because its reason is
gone."""

from slipway.core.rollout import sentences as say
from slipway.core.rollout.draft import Draft
from slipway.core.rollout.questions import Asks, Question
from slipway.core.rollout.room import has_room, somebody_is_meant_to_serve, somebody_serves
from slipway.core.rollout.targets import has_waited, is_fresh
from slipway.core.rollout.value import Target
from slipway.core.rollout.words import Cause, Heading, Stage
from slipway.core.sentence import Sentence

HALF = 0.5  # of the patience


def ask_whether_none_serves(draft: Draft) -> None:
    """Where places are meant to be up and none serves, it asks before it begins; a plan that said
    so has been asked already."""
    question = draft.rollout.asks
    if question is not None and question.code is Asks.NONE_SERVES:
        if somebody_serves(draft):
            draft.change(asks=None)
        return
    policy, answered = draft.rollout.policy, draft.rollout.answered
    if policy.none_serves_is_known or Asks.NONE_SERVES.value in answered or question:
        return
    asked = [t for t in draft.at(Stage.ASKED, heading=Heading.FORTH) if is_fresh(t)]
    unheard = any(t.look is None and not t.lost for t in draft.all())
    if not asked or unheard or any(t.touched for t in draft.all()):
        return
    if somebody_is_meant_to_serve(draft) and not somebody_serves(draft):
        _ask(draft, Asks.NONE_SERVES, say.none_serves(), ())


def ask_for_room(draft: Draft) -> None:
    """No room, and nothing in hand that will give any back: after patience it says so."""
    waiting = draft.at(Stage.ASKED, heading=Heading.FORTH)
    question = draft.rollout.asks
    if question is not None and question.code is Asks.NO_ROOM:
        if any(is_fresh(t) and has_room(draft, t) for t in waiting) or not waiting:
            draft.change(asks=None)
        return
    if question or draft.rollout.paused or draft.has(Stage.IN_HAND, Stage.SUSPECT):
        return
    stuck = [t for t in waiting if is_fresh(t) and has_waited(draft, t)]
    if any(not has_room(draft, target) for target in stuck):
        places = tuple(sorted(draft.away - draft.rollout.without))
        words = say.no_room(places, draft.rollout.policy.allowed_away)
        _ask(draft, Asks.NO_ROOM, words, places)


def ask_about_weather(draft: Draft) -> None:
    """More than one, and at least half of those in hand, lost for half the patience: that is no
    fault of each of them."""
    rollout = draft.rollout
    in_hand = draft.at(Stage.ASKED, Stage.IN_HAND)
    lost = [t for t in in_hand if t.lost and not t.is_ours and has_waited(draft, t, HALF)]
    question = rollout.asks
    if question is not None and question.code is Asks.SEVERAL_LOST:
        if not any(t.lost for t in in_hand):
            draft.change(asks=None)
        return
    if question or rollout.cancelled or rollout.halted:
        return
    if len(lost) > 1 and 2 * len(lost) >= len(in_hand):
        places = tuple(target.place for target in lost)
        _ask(draft, Asks.SEVERAL_LOST, say.several_lost(places), places)


def ask_about_ourselves(draft: Draft) -> None:
    """An error of ours that outlasts patience pauses the rollout with its reason."""
    question = draft.rollout.asks
    ill = [t for t in draft.at(Stage.OUT) if t.cause is Cause.OURS]
    if question or not ill or Asks.OURS.value in draft.rollout.answered or draft.rollout.cancelled:
        return
    draft.change(answered=draft.rollout.answered | {Asks.OURS.value})
    _ask(draft, Asks.OURS, say.ours(ill[0]), tuple(t.place for t in ill))


def ask_whether_all_is_ill(draft: Draft) -> None:
    """Where there was no control and the way back is not well either, it was weather."""
    rollout = draft.rollout
    if rollout.asks or rollout.is_proven_guilty or rollout.withdrawn or rollout.cancelled:
        return
    owed = [t for t in draft.at(Stage.OUT, heading=Heading.BACK) if _failed_back(t)]
    if owed and Asks.ALL_ILL.value not in rollout.answered:
        draft.change(answered=rollout.answered | {Asks.ALL_ILL.value})
        _ask(draft, Asks.ALL_ILL, say.all_ill(owed[0]), tuple(t.place for t in owed))


def _failed_back(target: Target) -> bool:
    return target.owed and target.cause is Cause.VERSION and not target.lost


def _ask(draft: Draft, code: Asks, sentence: Sentence, places: tuple[str, ...]) -> None:
    draft.change(asks=Question(code, sentence, places, since=draft.driven))
