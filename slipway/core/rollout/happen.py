"""The heart of a rollout: what happened goes in, the value that follows comes out.

First all is heard, then it is decided once. Nothing here knows a clock, a host or a row.
"""

from collections.abc import Iterable
from dataclasses import replace

from slipway.core.rollout.decide import targets
from slipway.core.rollout.decide.deadlines import try_back_again
from slipway.core.rollout.decide.host_answers import hear_answer
from slipway.core.rollout.decide.order import decide
from slipway.core.rollout.value.changes import changed
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.events import (
    Answered,
    Cleared,
    Drove,
    Event,
    Hindrance,
    Lost,
    TookUp,
    Wished,
)
from slipway.core.rollout.value.questions import Answer, Asks
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Heading, Stage, Word


def happened(rollout: Rollout, events: Iterable[Event]) -> Rollout:
    """Return the value that follows. What is over stays as it is."""
    if rollout.is_over:
        return rollout
    draft = Draft(rollout)
    for event in events:
        _hear(draft, event)
    decide(draft)
    return draft.value()


def _hear(draft: Draft, event: Event) -> None:
    match event:
        case Drove(seconds):
            draft.change(driven=draft.driven + seconds, beat=draft.rollout.beat + 1)
        case TookUp():
            draft.change(beat=draft.rollout.beat + 1)
            _forget_looks(draft)
        case Wished():
            _hear_wish(draft, event)
        case Cleared(place, hindrance):
            _hear_rows(draft, place, hindrance)
        case Answered(place, look, asked_at):
            target = draft.target(place)
            hear_answer(
                draft,
                changed(
                    target,
                    look=look,
                    looked_at=asked_at,
                    heard_at=draft.driven,
                    lost=False,
                    # Why nothing came of what was sent says only who sent it.
                    lost_why=target.lost_why if target.unheard_since >= target.since else None,
                ),
            )
        case Lost():
            _hear_nothing(draft, event)


def _hear_nothing(draft: Draft, event: Lost) -> None:
    target = draft.target(event.place)
    if target.stage is Stage.IN_HAND and _is_first_in_vain(target):
        # What has just answered was not asked: it is its chain that cannot be heard.
        target = replace(target, unheard_since=draft.driven)
    draft.put(changed(target, look=None, lost=True, lost_why=event.why, lost_cause=event.cause))


def _is_first_in_vain(target: Target) -> bool:
    return target.look is not None and target.unheard_since < target.since


def _forget_looks(draft: Draft) -> None:
    """Patience begins anew, too: no time counts in which nobody could be asked."""
    for target in list(draft.all()):
        forgotten = changed(
            target, look=None, lost=False, cleared_in=-1, ill_looks=0, heard_at=draft.driven
        )
        draft.put(changed(forgotten, unheard_since=-1.0, sent=False, sent_in_vain=0.0))


def _hear_rows(draft: Draft, place: str, hindrance: Hindrance | None) -> None:
    """A no of the place itself leaves it out by name; one of a window or a lock holds the batch."""
    target = draft.target(place)
    if target.stage is not Stage.ASKED:
        return
    if hindrance is None:
        target = draft.put(changed(target, cleared_in=draft.rollout.beat))
        if target.heading is Heading.BACK:
            targets.renew_way_back(draft, target)
    elif not hindrance.holds:
        targets.leave_out(draft, target, Cause.PERSON, hindrance.problem)


# --- people --------------------------------------------------------------------------------------


def _hear_wish(draft: Draft, wish: Wished) -> None:
    rollout = draft.rollout
    match wish.word:
        case Word.PAUSE:
            draft.change(paused=True)
        case Word.RESUME:
            draft.change(paused=False)
            _answer(draft, Answer.GO_ON)
        case Word.PROMOTE:
            draft.change(promoted=max(rollout.promoted, wish.upto or rollout.promoted + 1))
        case Word.CANCEL:
            draft.change(cancelled=True, paused=False, asks=None)
        case Word.GONE:
            draft.change(gone=rollout.gone | {wish.place})
        case Word.ANSWER:
            _answer(draft, wish.answer or Answer.GO_ON)


def _answer(draft: Draft, answer: Answer) -> None:
    question = draft.rollout.asks
    if question is None:
        return
    match answer:
        case Answer.CANCEL:
            draft.change(cancelled=True, paused=False, asks=None)
            return
        case Answer.WITHOUT:
            draft.change(without=draft.rollout.without | set(question.places))
        case Answer.GO_ON:
            # Said once, it holds for as long as its reason does.
            draft.change(answered=draft.rollout.answered | {question.code.value})
    draft.change(asks=None)
    # Patience begins anew, and all is looked at anew: the person has seen how things are.
    for target in draft.at(Stage.DUE, Stage.ASKED, Stage.IN_HAND, Stage.SUSPECT):
        draft.put(replace(target, since=draft.driven, lost=False))
    if question.code is Asks.ALL_ILL:
        try_back_again(draft, question.places)
