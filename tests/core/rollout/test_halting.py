"""Budgets, and what becomes of the rest when they are overrun or a person cancels."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.words import Cause, Heading, Stage
from tests.core.rollout.pictures import drawn, rollout, with_target


@pytest.mark.parametrize(
    ("picture", "halted"),
    [
        ("x|.", Cause.VERSION),  # a canary that failed halts it
        ("+|x.", None),
        ("+|xx.", Cause.VERSION),
        ("+|hh.", None),
        ("+|hhh.", Cause.HOST),
        ("+|h--.", Cause.HOST),
    ],
)
def test_is_halted_by_a_budget(picture: str, halted: Cause | None) -> None:
    assert happened(rollout(picture, failures=1, left_out=2), []).halted is halted


def test_errors_of_ours_count_in_no_budget() -> None:
    value = rollout("+|-.", left_out=0)
    ours = replace(value.target("p2"), cause=Cause.OURS)
    value = replace(value, targets=MappingProxyType({**value.targets, "p2": ours}))
    assert happened(value, []).halted is None


def test_halted_by_the_version_all_that_was_touched_goes_back() -> None:
    after = happened(rollout("+|x.", allowed_away=1), [])
    assert drawn(after) == "qxx"
    assert after.target("p1").problem is not None


def test_halted_by_hosts_what_succeeded_stays() -> None:
    assert drawn(happened(rollout("+|h.", left_out=0), [])) == "+xx"


def test_cancelled_what_is_in_hand_ends_its_turn_and_what_is_well_stays() -> None:
    after = happened(rollout("+|>a.", cancelled=True), [])
    assert drawn(after) == "+>xx"
    assert after.target("p3").cause is Cause.PERSON


def test_what_lies_half_way_goes_back() -> None:
    value = rollout("a", cancelled=True)
    half_way = replace(value.target("p1"), attempt=1, touched=True)
    value = replace(value, targets=MappingProxyType({"p1": half_way}))
    target = happened(value, []).target("p1")
    assert target.heading is Heading.BACK
    assert target.cause is Cause.WEATHER


def test_without_a_way_back_it_stays() -> None:
    value = rollout("s", goes_back=False)
    assert happened(value, []).target("p1").stage is Stage.OUT


@pytest.mark.parametrize(
    ("attempt", "touched", "after"),
    [(0, False, "x"), (0, True, "x"), (1, False, "x"), (1, True, "=")],
)
def test_only_what_was_touched_and_lost_lies_half_way(
    attempt: int, touched: bool, after: str
) -> None:
    value = with_target(rollout("a", cancelled=True), "p1", attempt=attempt, touched=touched)
    given = happened(value, [])
    assert drawn(given) == after
    if after == "x":
        assert not given.target("p1").touched
