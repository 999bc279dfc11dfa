"""Whose fault a failure is: exactly one cause, from what was seen."""

from dataclasses import replace

from slipway.core.rollout import sentences as say
from slipway.core.rollout.controls import is_control
from slipway.core.rollout.draft import Draft
from slipway.core.rollout.questions import Asks, Question
from slipway.core.rollout.targets import found_well, has_waited, is_fresh, turn_back
from slipway.core.rollout.value import Target
from slipway.core.rollout.words import Cause, Heading, Stage


def judge(draft: Draft) -> None:
    """Before the version is blamed, a place that still runs the former one is asked. What it said
    stands until it says otherwise; silence takes nothing back."""
    for target in draft.at(Stage.SUSPECT):
        if target.reprieved and is_fresh(target) and target.is_done:
            found_well(draft, target)
        elif is_fresh(target) or target.lost:
            _judge(draft, target)
    _withdraw_question(draft)


def _judge(draft: Draft, target: Target) -> None:
    controls = [each for each in draft.all() if is_control(each)]
    heard = [each for each in controls if each.is_heard_since(target.since)]
    if any(each.look and each.look.healthy for each in heard):
        draft.change(is_proven_guilty=True)
        turn_back(draft, target, Cause.VERSION)
    elif heard and draft.rollout.cancelled:
        turn_back(draft, target, Cause.WEATHER)
    elif heard:
        _ask(draft, target, heard[0])
    elif _all_silent(draft, target, controls) and draft.rollout.asks is None:
        # Nobody can say: then only the way back can prove it guilty.
        turn_back(draft, target, Cause.VERSION)


def _all_silent(draft: Draft, target: Target, controls: list[Target]) -> bool:
    if not controls:
        return True
    return has_waited(draft, target) and all(each.lost for each in controls)


def _ask(draft: Draft, target: Target, control: Target) -> None:
    if not target.reprieved:
        draft.put(replace(target, reprieved=True))
    if draft.rollout.asks is None:
        places = (target.place, control.place)
        question = Question(
            Asks.CONTROL_IS_ILL, say.control_is_ill(control), places, since=draft.driven
        )
        draft.change(asks=question)


def _withdraw_question(draft: Draft) -> None:
    question = draft.rollout.asks
    if question and question.code is Asks.CONTROL_IS_ILL and not draft.has(Stage.SUSPECT):
        draft.change(asks=None)


def withdraw_version(draft: Draft) -> None:
    """A version is withdrawn when a place failed through it and the former one was well after that,
    on a control or on the way back. What was ill before proves nothing against it; what is well on
    others is told, not withdrawn, unless the rollout was halted through it."""
    rollout = draft.rollout
    guilty = (
        {
            target.planned.goal.version
            for target in draft.with_cause(Cause.VERSION)
            if target.touched
            and target.planned.changes_version
            and target.planned.was_well
            and target.problem is not None
        }
        - rollout.withdrawn
        - {""}
    )
    if not guilty or not (rollout.is_proven_guilty or _is_back(draft)):
        return
    if rollout.halted is Cause.VERSION or not draft.at(Stage.WELL, heading=Heading.FORTH):
        draft.change(withdrawn=rollout.withdrawn | guilty)


def _is_back(draft: Draft) -> bool:
    back = draft.at(Stage.WELL, heading=Heading.BACK)
    return any(t.up and t.planned.changes_version and t.cause is Cause.VERSION for t in back)
