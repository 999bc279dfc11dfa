"""Whose fault a failure is, and what is withdrawn."""

from dataclasses import replace

import pytest

from slipway.core.rollout.decide.blame import withdraw_version
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.events import Answered, Drove, Lost, Wished
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.questions import Answer, Asks
from slipway.core.rollout.value.words import Cause, Heading, Stage, Word
from tests.core.rollout.pictures import (
    ILL,
    NEW,
    NO_ANSWER,
    NOW,
    drawn,
    look,
    rollout,
    with_look,
    with_plan,
    with_target,
)


def test_a_control_that_is_well_proves_the_version_guilty() -> None:
    after = happened(rollout("sc"), [])
    assert after.target("p1").cause is Cause.VERSION
    assert after.target("p1").heading is Heading.BACK
    assert after.is_proven_guilty


def test_a_place_that_runs_the_suspected_version_proves_nothing() -> None:
    """It has been there before this rollout."""
    value = with_plan(with_look(rollout("sc"), "p2", look(NEW)), "p2", origin=NEW, goal=NEW)
    after = happened(value, [])
    assert after.target("p1").cause is Cause.VERSION
    assert not after.is_proven_guilty


def test_a_control_that_is_ill_makes_it_ask() -> None:
    after = happened(with_look(rollout("sc"), "p2", ILL), [])
    assert drawn(after) == "s"
    assert after.asks is not None
    assert after.asks.code is Asks.CONTROL_IS_ILL


def test_one_ill_control_is_not_enough_where_others_have_not_spoken() -> None:
    value = with_look(with_look(rollout("scc"), "p2", ILL), "p3", None)
    assert happened(value, []).asks is None


def test_cancelled_while_the_control_is_ill_it_was_weather() -> None:
    value = happened(with_look(rollout("sc"), "p2", ILL), [])
    after = happened(value, [Wished(Word.CANCEL)])
    assert after.target("p1").cause is Cause.WEATHER
    assert after.target("p1").heading is Heading.BACK


def test_the_question_is_withdrawn_when_what_made_all_ill_is_over() -> None:
    value = happened(with_look(rollout("sc"), "p2", ILL), [])
    after = happened(value, [Answered("p1", look(NEW), NOW)])
    assert drawn(after) == "+"
    assert after.asks is None
    assert after.target("p1").cause is None


def test_silence_takes_nothing_back() -> None:
    value = happened(with_look(rollout("sc"), "p2", ILL), [])
    silent = with_look(value, "p2", None)
    assert drawn(happened(silent, [])) == "s"


def test_where_nobody_can_say_only_the_way_back_can_prove_it() -> None:
    after = happened(rollout("s"), [])
    assert after.target("p1").cause is Cause.VERSION
    assert not after.is_proven_guilty
    assert not after.withdrawn


def test_a_person_who_goes_on_has_it_looked_at_anew() -> None:
    value = happened(with_look(rollout("sc"), "p2", ILL), [])
    after = happened(value, [Drove(5.0), Wished(Word.ANSWER, answer=Answer.GO_ON)])
    assert drawn(after) == "s"
    assert after.asks is None


def test_an_ill_control_is_heard_before_the_place_itself_is() -> None:
    """It said so after a person went on: that stands when it falls silent, and is asked about."""
    value = happened(with_look(rollout("sc"), "p2", ILL), [])
    value = happened(value, [Drove(5.0), Wished(Word.ANSWER, answer=Answer.GO_ON)])
    said = happened(value, [Drove(5.0), Answered("p2", ILL, value.driven)])
    silent = happened(said, [Lost("p2", NO_ANSWER, Cause.WEATHER)])
    after = happened(
        silent, [Drove(99.0), Answered("p1", look(NEW, healthy=False), silent.driven + 90)]
    )
    assert drawn(after) == "s"
    assert after.asks is not None
    assert after.asks.code is Asks.CONTROL_IS_ILL


@pytest.mark.parametrize(
    ("picture", "withdrawn"),
    [
        ("=", {"v2"}),  # the former version is well after that, on the way back
        ("o", set()),  # neither is well: it was weather
        ("b", set()),  # not known yet
        ("=|+", set()),  # what fails at one place and is well on others is told
        ("==|+", {"v2"}),
        ("=|>", set()),  # nothing is said while others are under way
    ],
)
def test_withdrawn_is_what_failed_where_the_former_one_is_well(
    picture: str, withdrawn: set[str]
) -> None:
    value = rollout(picture, failures=9, canary_failures=9)
    assert happened(value, []).withdrawn == withdrawn


def test_what_was_ill_before_proves_nothing_against_a_version() -> None:
    value = with_plan(rollout("=", failures=9), "p1", was_well=False)
    assert not happened(value, []).withdrawn


def test_a_rollout_that_changes_no_version_withdraws_none() -> None:
    value = with_plan(rollout("=", failures=9), "p1", goal=replace(NEW, version="v1"))
    assert not happened(value, []).withdrawn


def test_stopped_is_no_proof() -> None:
    value = with_plan(rollout("=", failures=9), "p1", was_up=False)
    assert value.target("p1").stage is Stage.WELL
    assert not happened(value, []).withdrawn


def test_a_version_is_withdrawn_by_what_was_well_in_the_very_moment() -> None:
    blamed = rollout("=", failures=9).target("p1").blamed_at
    value = with_target(rollout("=", failures=9), "p1", since=blamed)
    assert happened(value, []).withdrawn == {"v2"}


def test_a_removal_that_fails_withdraws_nothing() -> None:
    value = with_plan(rollout("=", failures=9), "p1", goal=NOTHING)
    assert not happened(value, []).withdrawn


def test_a_place_that_was_stopped_is_no_control() -> None:
    after = happened(with_plan(rollout("sc"), "p2", was_up=False), [])
    assert after.target("p1").cause is Cause.VERSION
    assert not after.is_proven_guilty


def test_three_ill_controls_are_enough_whatever_a_fourth_would_say() -> None:
    value = rollout("scccc")
    for place in ("p2", "p3", "p4"):
        value = with_look(value, place, ILL)
    after = happened(with_look(value, "p5", None), [])
    assert after.asks is not None
    assert after.asks.places == ("p1", "p2")
    assert after.asks.since == NOW


def test_what_a_control_excused_goes_back_when_a_person_cancels() -> None:
    """Also when nobody can say any more whose fault it was."""
    excused = with_target(rollout("s", cancelled=True), "p1", reprieved=True)
    after = happened(excused, [])
    assert after.target("p1").heading is Heading.BACK
    assert after.target("p1").cause is Cause.WEATHER


def test_nothing_is_withdrawn_while_another_failure_is_judged() -> None:
    draft = Draft(rollout("=s", failures=9, is_proven_guilty=True))
    withdraw_version(draft)
    assert not draft.value().withdrawn


@pytest.mark.parametrize("picture", ["x", "="])
@pytest.mark.parametrize("moment", [0.0, 0.5])
def test_a_version_that_failed_in_the_first_second_is_withdrawn_like_any_other(
    picture: str, moment: float
) -> None:
    value = with_target(rollout(picture, is_proven_guilty=True), "p1", blamed_at=moment)
    draft = Draft(value)
    withdraw_version(draft)
    assert draft.rollout.withdrawn == {"v2"}
