"""Whose turn it is, who is taken in hand, and who has to wait."""

from dataclasses import replace

import pytest

from slipway.core.hosts.drift_words import Drift, What
from slipway.core.rollout.decide.targets import renew_way_back
from slipway.core.rollout.decide.turns import (
    call_back,
    leave_out_hindered,
    leave_without,
    take,
)
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.events import Cleared, Hindrance
from slipway.core.rollout.value.history import Release
from slipway.core.rollout.value.questions import Asks, Question
from slipway.core.rollout.value.rollout import Rollout
from slipway.core.rollout.value.words import Cause, Way
from tests.core.rollout.pictures import (
    NEW,
    WHY,
    drawn,
    look,
    rollout,
    with_look,
    with_plan,
    with_target,
)


@pytest.mark.parametrize(
    ("picture", "after"),
    [
        (".|..", "a.."),  # the canary comes to its turn first
        ("a|..", ">.."),  # what was asked and may go is taken in hand
        (">|..", ">.."),  # and the others wait for it
        ("+|..", "+aa"),  # until it is well
        ("+|aa", "+>>"),
        ("s|a.c", "ba."),  # a failure is judged before anything else begins
        ("-|aa", "x>a"),  # a batch of which nothing succeeded has proven nothing: one alone
        ("-|>a", "x>a"),
    ],
)
def test_goes_batch_by_batch(picture: str, after: str) -> None:
    assert drawn(happened(rollout(picture, failures=9, canary_failures=9), []))[: len(after)] in (
        after,
        after.replace("b", "q"),
    )


@pytest.mark.parametrize(
    ("picture", "after"),
    [
        ("aaa", ">aa"),
        (">aa", ">aa"),
        ("iaa", ">aa"),
        ("iia", ">>a"),
        ("aadd", "aa"),
        ("iadd", ">a"),
    ],
)
def test_one_may_be_away(picture: str, after: str) -> None:
    assert drawn(happened(rollout(picture, allowed_away=1), [])) == after


def test_a_pause_holds_what_goes_forth_and_nothing_else() -> None:
    assert drawn(happened(rollout("ab", paused=True, failures=1), [])) == "aq"


def test_rows_are_asked_in_the_moment_of_taking() -> None:
    earlier = rollout("a", beat=8)
    assert drawn(happened(earlier, [])) == "a"
    assert drawn(happened(earlier, [Cleared("p1")])) == ">"


def test_a_lock_of_the_place_leaves_it_out_and_a_window_holds_it() -> None:
    value = rollout("aa", beat=8)
    events = [Cleared("p1", Hindrance(WHY)), Cleared("p2", Hindrance(WHY, holds=True))]
    after = happened(value, events)
    assert drawn(after) == "xa"
    assert after.target("p1").cause is Cause.PERSON


def test_what_is_there_already_is_not_touched() -> None:
    after = happened(with_look(rollout("aa"), "p1", look(NEW)), [])
    assert drawn(after) == "+>"
    assert not after.target("p1").touched


@pytest.mark.parametrize("what", sorted(set(What) - {What.UNREAD, What.DROP_IN}))
def test_what_somebody_else_changed_is_brought_anew_once(what: What) -> None:
    drifted = look(NEW, drift=(Drift(what, 1, "bin/app"),))
    after = happened(with_look(rollout("a"), "p1", drifted), [])
    assert drawn(after) == ">"
    assert after.target("p1").way is Way.BRING
    # What its chain leaves behind is not judged by it any more: a program may write where it likes.
    assert drifted.is_done(NEW, "", up=True)


def test_what_could_not_be_looked_through_is_not_taken_for_changed() -> None:
    unread = look(NEW, drift=(Drift(What.UNREAD),))
    assert drawn(happened(with_look(rollout("a"), "p1", unread), [])) == "+"


def test_what_people_add_beside_a_unit_is_no_reason_to_start_it_anew() -> None:
    added = look(NEW, drift=(Drift(What.DROP_IN, 1, "/etc/systemd/system/x.service.d/own.conf"),))
    assert drawn(happened(with_look(rollout("a"), "p1", added), [])) == "+"


def test_a_restart_is_done_although_all_is_there() -> None:
    value = with_plan(rollout("a"), "p1", goal=Release("v1", "1"), anew=True)
    assert drawn(happened(value, [])) == ">"


def test_what_was_changed_since_the_plan_is_left_out_by_name() -> None:
    after = happened(with_look(rollout("a"), "p1", look(Release("v9"))), [])
    assert drawn(after) == "x"
    assert after.target("p1").cause is Cause.PERSON


def test_what_would_make_a_start_fail_is_looked_at_before() -> None:
    after = happened(with_look(rollout("aa"), "p1", look(obstacle=WHY)), [])
    assert drawn(after) == "x>"
    assert after.target("p1").cause is Cause.HOST


@pytest.mark.parametrize(
    ("picture", "after"),
    [
        ("b|b", "qq"),  # what is ill goes back at once
        ("B|B", "qb"),  # what serves goes batch by batch
        ("q|B", "<b"),
    ],
)
def test_goes_back(picture: str, after: str) -> None:
    value = rollout(picture, halted=Cause.VERSION)
    assert drawn(happened(value, [])) == after


def test_a_way_back_goes_on_one_at_a_time_whoever_else_is_away() -> None:
    value = rollout("qqdd", allowed_away=1, halted=Cause.VERSION)
    assert drawn(happened(value, [])) == "<q"


def test_the_way_is_fixed_when_it_is_taken() -> None:
    value = with_plan(rollout("a"), "p1", up=False)
    assert happened(value, []).target("p1").way is Way.REST


def test_who_was_left_out_and_came_back_takes_room_again_when_it_is_taken() -> None:
    """A person said that it may be away by itself; on the way back it is we who take it away."""
    going = rollout("<q", allowed_away=1, without=frozenset({"p1"}), cancelled=True)
    assert drawn(happened(going, [Cleared("p2")])) == "<q"
    alone = rollout("-q", allowed_away=1, without=frozenset({"p1"}), cancelled=True)
    assert drawn(happened(alone, [Cleared("p2")])) == "x<"


def test_who_stood_in_and_serves_again_holds_up_nobody_of_an_earlier_batch() -> None:
    value = with_plan(rollout("-|aa"), "p2", batch=3)
    value = with_target(value, "p2", stands_in=True)
    assert drawn(happened(value, [])) == "xa>"


def test_what_still_goes_forth_holds_up_no_way_back() -> None:
    assert drawn(happened(rollout(">|B", halted=Cause.VERSION), [])) == ">q"


@pytest.mark.parametrize(
    ("picture", "after"),
    [
        ("=|aa", "=>a"),  # what went back proves nothing
        ("x|<aa", "x<>a"),  # who goes back is not the canary of its batch
        ("sa", "sa"),  # nobody has said yet whose fault that is
    ],
)
def test_who_is_taken_beside_ways_back(picture: str, after: str) -> None:
    draft = Draft(rollout(picture))
    take(draft)
    assert drawn(draft.value()) == after


def test_a_way_back_that_is_not_cleared_yet_is_not_the_canary_of_its_batch() -> None:
    draft = Draft(with_target(rollout("x|qaa"), "p2", cleared_in=-1))
    take(draft)
    assert drawn(draft.value()) == "xq>a"


def test_nothing_is_taken_while_slipway_asks() -> None:
    draft = Draft(rollout("a", asks=Question(Asks.OURS, WHY)))
    take(draft)
    assert drawn(draft.value()) == "a"


def test_what_was_changed_since_the_plan_is_left_out_also_where_it_has_drifted() -> None:
    seen = look(Release("v9"), drift=(Drift(What.FILES, 1, "bin/app"),))
    after = happened(with_look(rollout("a"), "p1", seen), [])
    assert drawn(after) == "x"


def standing_in(picture: str, *places: str, **values: object) -> Rollout:
    value = rollout(picture, **values)
    for place in places:
        value = with_target(value, place, stands_in=True)
    return value


def test_who_stands_in_overtakes_nobody_of_its_own_batch() -> None:
    draft = Draft(standing_in("+|>i", "p3"))
    take(draft)
    assert drawn(draft.value()) == "+>>"


def test_nobody_stands_in_for_a_way_back() -> None:
    draft = Draft(with_target(standing_in(".|i|q", "p2"), "p3", cleared_in=-1))
    take(draft)
    assert drawn(draft.value()) == ".aq"


def test_who_is_ill_and_stands_in_for_nobody_waits_for_its_batch() -> None:
    draft = Draft(rollout("+|i", needs_promotion=True))
    take(draft)
    assert drawn(draft.value()) == "+a"


def test_a_way_back_of_which_nothing_is_heard_is_asked_for() -> None:
    silent = with_target(rollout("b", halted=Cause.VERSION), "p1", look=None, lost=True)
    assert drawn(happened(silent, [])) == "q"


@pytest.mark.parametrize(("withdrawn", "further"), [({"v1"}, True), ({"v1", "v0"}, False)])
def test_a_way_back_that_was_withdrawn_goes_on_to_the_next_that_was_not(
    withdrawn: set[str], further: bool
) -> None:
    value = with_plan(rollout("b", halted=Cause.VERSION), "p1", next_back=Release("v0"))
    draft = Draft(replace(value, withdrawn_elsewhere=frozenset(withdrawn)))
    renew_way_back(draft, draft.target("p1"))
    assert draft.target("p1").goes_further is further
    assert draft.target("p1").owed is not further


def test_who_once_stood_in_is_waited_for_like_any_other_when_its_batch_has_come() -> None:
    """It finds no room since the second one is ill: that one goes first."""
    draft = Draft(standing_in("+|a|i", "p2", "p3", allowed_away=1))
    take(draft)
    assert drawn(draft.value()) == "+a>"


@pytest.mark.parametrize(("picture", "after"), [(".a", "xx"), ("bq", "bq"), (">+", ">+")])
def test_who_is_to_be_left_out_and_was_begun_is_not(picture: str, after: str) -> None:
    draft = Draft(rollout(picture, without=frozenset({"p1", "p2"})))
    leave_without(draft)
    assert drawn(draft.value()) == after


def test_who_is_not_cleared_yet_hinders_nobody_from_being_judged() -> None:
    value = with_look(with_look(rollout("aaa"), "p2", look(NEW)), "p3", look(Release("v9")))
    draft = Draft(with_target(value, "p1", cleared_in=-1))
    leave_out_hindered(draft)
    assert drawn(draft.value()) == "a+x"


@pytest.mark.parametrize(
    ("code", "after"),
    [(Asks.CONTROL_IS_ILL, "bq"), (Asks.NO_ROOM, "qq")],
)
def test_a_question_about_a_control_holds_the_places_it_is_about(code: Asks, after: str) -> None:
    draft = Draft(rollout("bb", asks=Question(code, WHY, ("p1",))))
    call_back(draft)
    assert drawn(draft.value()) == after
