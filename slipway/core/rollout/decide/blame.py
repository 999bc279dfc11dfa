"""Whose fault a failure is: exactly one cause, from what was seen."""

from dataclasses import replace

from slipway.core.rollout.decide.controls import CONTROLS_AT_ONCE, can_tell, is_control
from slipway.core.rollout.decide.targets import blame, found_well, has_waited, is_fresh, turn_back
from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.questions import Asks, Question
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, Heading, Stage


def judge(draft: Draft) -> None:
    """Before the version is blamed, a place that still runs the former one is asked. What it said
    stands until it says otherwise; silence takes nothing back."""
    suspects = draft.at(Stage.SUSPECT)
    controls = [each for each in draft.all() if is_control(each)] if suspects else []
    for target in suspects:
        telling = [each for each in controls if can_tell(each, target)]
        if target.reprieved and is_fresh(target) and target.is_done:
            found_well(draft, target)
        elif is_fresh(target) or target.lost:
            _judge(draft, target, telling)
        else:
            _note_ill(draft, target, telling)
    _withdraw_question(draft)


def _judge(draft: Draft, target: Target, controls: list[Target]) -> None:
    heard = _heard(controls, target)
    if _some_are_well(heard):
        if target.planned.was_well and target.planned.changes_version and target.touched:
            draft.change(is_proven_guilty=True)
        blame(draft, target)
    elif (heard or target.reprieved) and draft.rollout.cancelled:
        turn_back(draft, target, Cause.WEATHER)
    elif heard:
        target = _reprieve(draft, target)
        if _is_enough(heard, target, controls):
            _ask(draft, target, heard[0])
    elif _all_silent(draft, target, controls) and draft.rollout.asks is None:
        if controls and target.reprieved and not _may_go_on(draft):
            _ask(draft, target, controls[0])
        else:
            # Nobody can say: then only the way back can prove it guilty.
            blame(draft, target)


def _note_ill(draft: Draft, target: Target, controls: list[Target]) -> None:
    """What a control says stands, also where the place itself is still to be heard."""
    heard = _heard(controls, target)
    if heard and not _some_are_well(heard):
        _reprieve(draft, target)


def _heard(controls: list[Target], target: Target) -> list[Target]:
    return [each for each in controls if each.is_heard_since(target.since)]


def _some_are_well(heard: list[Target]) -> bool:
    return any(each.look and each.look.healthy for each in heard)


def _may_go_on(draft: Draft) -> bool:
    """Whether a person has said so although a control was ill."""
    return Asks.CONTROL_IS_ILL.value in draft.rollout.answered


def _is_enough(heard: list[Target], target: Target, controls: list[Target]) -> bool:
    """One that is ill may be so by itself: as many are heard as were asked, or as can be."""
    if len(heard) >= CONTROLS_AT_ONCE:
        return True
    return all(each.lost or each.is_heard_since(target.since) for each in controls)


def _all_silent(draft: Draft, target: Target, controls: list[Target]) -> bool:
    if not controls:
        return True
    return has_waited(draft, target) and all(each.lost for each in controls)


def _reprieve(draft: Draft, target: Target) -> Target:
    """That a control is ill stands, whoever falls silent after it. What a person said before was
    said of another time."""
    if _may_go_on(draft):
        draft.change(answered=draft.rollout.answered - {Asks.CONTROL_IS_ILL.value})
    return target if target.reprieved else draft.put(replace(target, reprieved=True))


def _ask(draft: Draft, target: Target, control: Target) -> None:
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
    on a control or on the way back. What was ill before proves nothing against it. What fails at
    one place and is well on others is told, not withdrawn; so nothing is said while others are
    under way."""
    if not draft.has_causes:
        return
    failed = [t for t in draft.with_cause(Cause.VERSION) if t.blamed_at >= 0]
    if not failed or draft.has(Stage.IN_HAND, Stage.SUSPECT):
        return
    witnesses = [t for t in failed if _is_witness(t)]
    guilty = {t.planned.goal.version for t in witnesses} - draft.rollout.withdrawn
    if not guilty or (len(failed) == 1 and _is_well_on_others(draft)):
        return
    if draft.rollout.is_proven_guilty or _is_back(draft, min(t.blamed_at for t in witnesses)):
        draft.change(withdrawn=draft.rollout.withdrawn | guilty)


def _is_witness(target: Target) -> bool:
    planned = target.planned
    is_change = planned.changes_version and bool(planned.goal)
    return target.touched and is_change and planned.was_well


def _is_well_on_others(draft: Draft) -> bool:
    """Or was, until it went back with the others."""
    return any(
        t.up and t.touched and (t.heading is Heading.FORTH or t.blamed_at < 0)
        for t in draft.at(Stage.WELL)
    )


def _is_back(draft: Draft, since: float) -> bool:
    back = draft.at(Stage.WELL, heading=Heading.BACK)
    return any(
        t.up and t.planned.changes_version and t.cause is Cause.VERSION and t.since >= since
        for t in back
    )
