"""What Slipway asks by itself, and when its question is withdrawn."""

import pytest

from slipway.core.rollout.decide.asking import (
    ask_about_ourselves,
    ask_about_weather,
    ask_for_room,
    ask_whether_all_is_ill,
    ask_whether_none_serves,
)
from slipway.core.rollout.decide.room import somebody_serves
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.events import Answered, Wished
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.questions import Answer, Asks, Question
from slipway.core.rollout.value.rollout import Rollout
from slipway.core.rollout.value.words import Cause, Word
from tests.core.rollout.pictures import (
    ILL,
    NO_ANSWER,
    NOW,
    drawn,
    look,
    rollout,
    with_look,
    with_plan,
    with_target,
)

GO_ON = Wished(Word.ANSWER, answer=Answer.GO_ON)


def asks(value: Rollout) -> Asks | None:
    return value.asks.code if value.asks else None


def test_no_room_is_asked_about_by_name_after_patience() -> None:
    value = happened(rollout("ad", allowed_away=1), [])
    assert asks(value) is Asks.NO_ROOM
    assert value.asks is not None
    assert value.asks.places == ("p2",)
    assert asks(happened(rollout("ad", allowed_away=1, patience=90.0), [])) is None


def test_no_room_is_withdrawn_when_there_is_room() -> None:
    value = happened(rollout("ad", allowed_away=1), [])
    after = happened(value, [Answered("p2", look(), NOW)])
    assert asks(after) is None
    assert drawn(after) == ">"


def test_it_goes_on_without_who_is_away() -> None:
    value = happened(rollout("ad", allowed_away=1), [])
    after = happened(value, [Wished(Word.ANSWER, answer=Answer.WITHOUT)])
    after = happened(after, [Answered("p1", look(), NOW)])
    assert after.without == {"p2"}
    assert asks(after) is None


def test_something_in_hand_may_give_room() -> None:
    assert asks(happened(rollout(">a", allowed_away=1), [])) is None


def test_an_ill_place_needs_no_room_and_takes_the_place_of_the_canary() -> None:
    value = rollout("-|ai", allowed_away=1)
    assert drawn(happened(value, [])) == "xa>"


def test_an_ill_place_of_a_later_batch_takes_the_place_of_the_canary() -> None:
    value = rollout("a|..", allowed_away=1)
    ill = with_look(with_look(value, "p3", ILL), "p2", look())
    assert drawn(happened(ill, [])) == "a.a"


def test_where_none_serves_it_asks_before_it_begins() -> None:
    value = happened(rollout("id"), [])
    assert asks(value) is Asks.NONE_SERVES
    assert drawn(value) == "a"
    again = happened(value, [GO_ON, Answered("p1", ILL, NOW)])
    assert asks(again) is None


def test_what_a_plan_said_is_not_asked_again() -> None:
    value = happened(rollout("id", none_serves_is_known=True), [])
    assert drawn(value) == ">"


def test_nothing_is_begun_before_all_were_asked_whether_any_serves() -> None:
    value = happened(with_look(rollout("ic"), "p2", None), [])
    assert asks(value) is None
    assert drawn(value) == "a"


def test_several_lost_at_once_is_no_fault_of_each() -> None:
    value = happened(rollout("??", patience=100.0), [])
    assert asks(value) is Asks.SEVERAL_LOST
    after = happened(value, [Answered("p1", look(), NOW)])
    assert asks(after) is None


def test_one_lost_of_many_is_its_own() -> None:
    assert asks(happened(rollout("?>", patience=100.0), [])) is None


def test_a_person_who_goes_on_is_not_asked_again_while_they_are_lost() -> None:
    value = happened(rollout("??", patience=100.0), [])
    assert asks(happened(value, [GO_ON])) is None


@pytest.mark.parametrize("picture", ["ad>", "ads", "adb", "adq", "ad<"])
def test_no_room_is_not_asked_about_while_somebody_will_give_it(picture: str) -> None:
    draft = Draft(rollout(picture, allowed_away=1))
    ask_for_room(draft)
    assert asks(draft.value()) is None


def test_who_was_never_meant_to_be_up_serves_nobody() -> None:
    assert not somebody_serves(Draft(with_plan(rollout("."), "p1", was_up=False)))
    assert not somebody_serves(Draft(with_plan(rollout("."), "p1", origin=NOTHING)))
    assert somebody_serves(Draft(rollout(".")))


@pytest.mark.parametrize(
    ("picture", "asked"),
    [
        ("??aa", Asks.SEVERAL_LOST),
        ("!!>>", Asks.SEVERAL_LOST),
        ("?!a>", Asks.SEVERAL_LOST),
        ("??aaa", None),
        ("!!>>>", None),
        ("?a", None),
    ],
)
def test_half_of_those_in_hand_lost_is_no_fault_of_each(picture: str, asked: Asks | None) -> None:
    draft = Draft(rollout(picture))
    ask_about_weather(draft)
    assert asks(draft.value()) is asked


@pytest.mark.parametrize("over", [{"cancelled": True}, {"halted": Cause.HOST}])
def test_what_is_lost_in_what_is_over_is_not_asked_about(over: dict[str, object]) -> None:
    draft = Draft(rollout("??", **over))
    ask_about_weather(draft)
    assert asks(draft.value()) is None


@pytest.mark.parametrize(("picture", "heard"), [("??", "p2"), ("???aa", "p3")])
def test_who_was_heard_a_moment_ago_is_not_lost_yet(picture: str, heard: str) -> None:
    draft = Draft(with_target(rollout(picture), heard, heard_at=NOW))
    ask_about_weather(draft)
    assert asks(draft.value()) is None


def test_one_question_is_asked_at_a_time() -> None:
    asked = Question(Asks.NO_ROOM, NO_ANSWER)
    none_serves = Draft(rollout("i", asks=asked))
    ask_whether_none_serves(none_serves)
    ours = Draft(with_target(rollout("-", asks=asked), "p1", cause=Cause.OURS))
    ask_about_ourselves(ours)
    all_ill = Draft(rollout("o", asks=asked))
    ask_whether_all_is_ill(all_ill)
    assert {asks(each.value()) for each in (none_serves, ours, all_ill)} == {Asks.NO_ROOM}


@pytest.mark.parametrize(
    ("picture", "values", "asked"),
    [
        ("o", {}, Asks.ALL_ILL),
        ("o=", {}, None),  # one is well: it lies with the others
        ("o", {"is_proven_guilty": True}, None),
        ("o", {"withdrawn": frozenset({"v2"})}, None),
        ("o", {"cancelled": True}, None),
        ("o", {"answered": frozenset({"all_ill"})}, None),
    ],
)
def test_whether_all_is_ill_is_asked_where_nothing_says_whose_fault_it_is(
    picture: str, values: dict[str, object], asked: Asks | None
) -> None:
    draft = Draft(rollout(picture, **values))
    ask_whether_all_is_ill(draft)
    assert asks(draft.value()) is asked


@pytest.mark.parametrize(("picture", "asked"), [("q", None), ("i", Asks.NONE_SERVES)])
def test_whether_to_begin_is_not_asked_of_a_way_back(picture: str, asked: Asks | None) -> None:
    question = Question(Asks.NONE_SERVES, NO_ANSWER)
    draft = Draft(with_look(rollout(picture, asks=question), "p1", ILL))
    ask_whether_none_serves(draft)
    assert asks(draft.value()) is asked
