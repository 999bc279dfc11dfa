"""The decision of a rollout: draw the state, state the rule."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.refusal import Invalid
from slipway.core.rollout.decision import (
    Cancelled,
    Complete,
    Decision,
    Halt,
    RolloutState,
    Start,
    Wait,
    decide,
)
from slipway.core.rollout.shares import budget, max_unavailable
from slipway.core.rollout.status import TargetStatus
from tests.core.pictures import FINISHED, MARKS, NOW, rollout

DEADLINE = NOW + timedelta(minutes=10)


def in_words(decision: Decision) -> Decision | str:
    return f"halt: {decision.reason}" if isinstance(decision, Halt) else decision


@pytest.mark.parametrize(
    ("picture", "decision"),
    [
        (".|..|...", Start((1,))),  # the canary goes first
        (">|..|...", Wait(DEADLINE, "batch 1: 1 running")),  # and alone
        ("+|..|...", Start((2, 3))),
        ("+|+.|...", Start((3,))),
        ("+|+>|...", Wait(DEADLINE, "batch 2: 1 running")),  # a slow target holds back the next
        ("+|+?|...", Wait(DEADLINE, "batch 2: 0 running, 1 unknown")),  # unknown is no success
        ("+|++|...", Start((4, 5, 6))),
        ("+|++|+++", Complete()),
        ("+|+/|+++", Complete(left_behind=(3,))),
        ("", Complete()),
    ],
)
def test_goes_batch_by_batch(picture: str, decision: Decision | str) -> None:
    assert in_words(decide(rollout(picture), NOW)) == decision


@pytest.mark.parametrize(
    ("picture", "canary", "later", "decision"),
    [
        ("x|..", 0, 0, "halt: 1 failed in the canary batch, 0 allowed"),
        ("x|..", 0, 2, "halt: 1 failed in the canary batch, 0 allowed"),  # nothing in a canary
        ("x|..", 1, 1, Start((2, 3))),
        ("-|..", 0, 2, "halt: 1 failed in the canary batch, 0 allowed"),  # unreachable counts
        ("+|x...", 0, 0, "halt: 1 failed, 0 allowed"),
        ("+|x...", 0, 1, Start((3, 4, 5))),
        ("+|xx..", 0, 1, "halt: 2 failed, 1 allowed"),
        ("+|x-..", 0, 1, "halt: 2 failed, 1 allowed"),
        ("x|x..", 1, 1, "halt: 2 failed, 1 allowed"),  # over all batches
        ("x...", 0, 1, Start((2, 3, 4))),  # one batch alone has no canary
        ("+|x>..", 0, 0, Wait(DEADLINE, "halting: 1 failed, 0 allowed; 1 running")),
        ("+|x?..", 0, 0, Wait(DEADLINE, "halting: 1 failed, 0 allowed; 0 running, 1 unknown")),
        ("+|x+++", 0, 0, "halt: 1 failed, 0 allowed"),  # also when nothing is left to do
        ("+|x+++", 0, 1, Complete(left_behind=(2,))),
        ("+|-+++", 0, 1, Complete(left_behind=(2,))),
    ],
)
def test_halts_when_more_fail_than_the_budget_allows(
    picture: str, canary: int, later: int, decision: Decision | str
) -> None:
    state = rollout(picture, failures_allowed_canary=canary, failures_allowed=later)
    assert in_words(decide(state, NOW)) == decision


@pytest.mark.parametrize(
    ("picture", "most", "decision"),
    [
        ("....", 1, Start((1,))),
        ("....", 3, Start((1, 2, 3))),
        (">...", 2, Start((2,))),
        ("?...", 1, Wait(DEADLINE, "batch 1: 0 running, 1 unknown")),
        ("x...", 2, Start((2,))),  # a failed one is away, too
        ("x>..", 2, Wait(DEADLINE, "batch 1: 1 running")),
        ("x...", 1, "halt: no room to go on: 1 not healthy, 1 may be unavailable"),
        ("u...", 1, Start((2,))),  # it failed before its instance was disturbed
        ("w...", 2, Start((2,))),  # as ill as it was before
        ("..i.", 1, Start((3,))),  # the ill one goes first, and takes no more room
        ("..i.", 2, Start((3, 1))),
        ("iii.", 1, Start((1, 2, 3))),
        ("....|..i", 2, Start((1,))),  # ill in a later batch is ill all the same
        ("-...", 3, Start((2, 3))),  # careful with unreachable ones
        ("--..", 1, Start((3,))),  # but they do not block
        ("-->.", 1, Wait(DEADLINE, "batch 1: 1 running")),
    ],
)
def test_never_takes_away_more_than_may_be_unavailable(
    picture: str, most: int, decision: Decision | str
) -> None:
    state = rollout(picture, max_unavailable=most, failures_allowed=9, failures_allowed_canary=9)
    assert in_words(decide(state, NOW)) == decision


def test_instances_that_are_ill_elsewhere_count_too() -> None:
    assert decide(rollout("....", max_unavailable=3, ill_elsewhere=2), NOW) == Start((1,))
    stopped = decide(rollout("....", max_unavailable=2, ill_elsewhere=2), NOW)
    assert in_words(stopped) == "halt: no room to go on: 2 not healthy, 2 may be unavailable"


def test_a_batch_bakes_before_the_next_begins() -> None:
    baking = rollout("+|..", bake_time=timedelta(minutes=5))
    ready_at = FINISHED + timedelta(minutes=5)
    assert decide(baking, NOW) == Wait(ready_at, "batch 1 is baking")
    assert decide(baking, ready_at - timedelta(microseconds=1)) == Wait(
        ready_at, "batch 1 is baking"
    )
    assert decide(baking, ready_at) == Start((2, 3))


def test_a_batch_bakes_from_its_last_end() -> None:
    state = rollout("++|..", bake_time=timedelta(minutes=5))
    first, last, *rest = state.targets
    earlier = replace(first, finished_at=FINISHED - timedelta(hours=1))
    for pair in ((earlier, last), (replace(earlier, id=2), replace(last, id=1))):
        waiting = decide(replace(state, targets=(*pair, *rest)), NOW)
        assert waiting == Wait(FINISHED + timedelta(minutes=5), "batch 1 is baking")


def test_a_first_batch_neither_bakes_nor_needs_promotion() -> None:
    state = rollout(".|..", bake_time=timedelta(hours=1), needs_promotion=True)
    assert decide(state, NOW) == Start((1,))


def test_a_batch_waits_for_a_person_where_it_must() -> None:
    asked = rollout("+|..|..", needs_promotion=True)
    assert decide(asked, NOW) == Wait(None, "batch 1 waits to be promoted")
    promoted = rollout("+|..|..", needs_promotion=True, promoted_batches=1)
    assert decide(promoted, NOW) == Start((2, 3))
    again = rollout("+|++|..", needs_promotion=True, promoted_batches=1)
    assert decide(again, NOW) == Wait(None, "batch 2 waits to be promoted")


def test_promotion_does_not_shorten_the_bake_time() -> None:
    hurried = rollout(
        "+|..", needs_promotion=True, promoted_batches=1, bake_time=timedelta(minutes=5)
    )
    assert isinstance(decide(hurried, NOW), Wait)


@pytest.mark.parametrize(
    ("picture", "decision"),
    [
        ("+|..", Cancelled()),
        ("+|>.", Wait(DEADLINE, "cancelling; 1 running")),  # in flight ends first
        ("+|?.", Wait(DEADLINE, "cancelling; 0 running, 1 unknown")),
        ("+|x.", Cancelled()),  # a person was faster than the budget
        ("+|//", Cancelled()),
        ("+|++", Complete()),  # too late: all of it is done
    ],
)
def test_cancel_ends_once_nothing_is_in_flight(picture: str, decision: Decision | str) -> None:
    assert in_words(decide(rollout(picture, cancelled=True), NOW)) == decision


def test_no_progress_for_too_long_ends_it_even_in_flight() -> None:
    state = rollout("+|>?.")
    assert isinstance(decide(state, DEADLINE - timedelta(microseconds=1)), Wait | Start)
    assert in_words(decide(state, DEADLINE)) == "halt: no progress for 10m, 1 running, 1 unknown"


def test_waiting_for_a_person_or_for_time_is_not_a_lack_of_progress() -> None:
    much_later = NOW + timedelta(days=1)
    assert decide(rollout("+|..", needs_promotion=True), much_later) == Wait(
        None, "batch 1 waits to be promoted"
    )
    assert decide(rollout("+|..", paused=True), much_later) == Wait(None, "paused")


def test_a_pause_ends_neither_a_halt_nor_an_end() -> None:
    assert (
        in_words(decide(rollout("x|..", paused=True), NOW))
        == "halt: 1 failed in the canary batch, 0 allowed"
    )
    assert decide(rollout("+|++", paused=True), NOW) == Complete()


pictures = st.lists(
    st.text(alphabet="".join(MARKS), min_size=1, max_size=6), min_size=1, max_size=4
).map("|".join)
states = st.builds(
    rollout,
    pictures,
    failures_allowed=st.integers(0, 8),
    failures_allowed_canary=st.integers(0, 8),
    max_unavailable=st.integers(1, 8),
    ill_elsewhere=st.integers(0, 2),
    paused=st.booleans(),
    cancelled=st.booleans(),
    needs_promotion=st.booleans(),
    promoted_batches=st.integers(0, 3),
    bake_time=st.sampled_from([timedelta(0), timedelta(minutes=5)]),
)


@given(pictures)
def test_a_paused_rollout_starts_nothing(picture: str) -> None:
    assert not isinstance(decide(rollout(picture, paused=True), NOW), Start)


@given(states)
def test_only_pending_targets_of_the_first_open_batch_are_started(state: RolloutState) -> None:
    decision = decide(state, NOW)
    if isinstance(decision, Start):
        assert decision.ids
        by_id = {target.id: target for target in state.targets}
        started = [by_id[number] for number in decision.ids]
        assert all(target.status is TargetStatus.PENDING for target in started)
        assert len({target.batch for target in started}) == 1
        before = [t for t in state.targets if t.batch < started[0].batch]
        assert all(target.status.is_over for target in before)


@given(states)
def test_it_is_over_only_when_nothing_is_in_flight(state: RolloutState) -> None:
    decision = decide(state, NOW)
    if isinstance(decision, Halt | Complete | Cancelled):
        assert not any(target.status.in_flight for target in state.targets)
    if isinstance(decision, Complete):
        assert all(target.status.is_over for target in state.targets)


@given(states)
def test_a_wait_that_nothing_in_flight_ends_says_what_it_waits_for(state: RolloutState) -> None:
    decision = decide(state, NOW)
    if isinstance(decision, Wait):
        in_flight = any(target.status.in_flight for target in state.targets)
        waits_for_a_person = state.paused or state.needs_promotion
        assert decision.until or waits_for_a_person
        assert in_flight or waits_for_a_person or decision.until == FINISHED + state.bake_time
        assert decision.why


@pytest.mark.parametrize(
    ("text", "total", "allowed", "away"),
    [
        ("10%", 9, 0, 1),
        ("10%", 10, 1, 1),
        ("25%", 7, 1, 1),
        ("25%", 50, 12, 12),
        ("2", 50, 2, 2),
        ("0", 5, 0, 1),  # nothing could be done with none
        ("0%", 5, 0, 1),
        ("100%", 5, 5, 5),
    ],
)
def test_shares_are_rounded_down(text: str, total: int, allowed: int, away: int) -> None:
    assert budget(text, total) == allowed
    assert max_unavailable(text, total) == away


@pytest.mark.parametrize("text", ["", "-1", "101%", "1.5", "%", "ten", "1 %", "٣"])
def test_nonsense_is_no_budget(text: str) -> None:
    with pytest.raises(Invalid, match="is not a number of targets"):
        budget(text, 10)
