"""How a rollout ends, and what is watched after that."""

from dataclasses import replace

import pytest

from slipway.core.rollout.decide.ends import end as end_it
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.events import Answered, Drove
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.questions import Asks, Question
from slipway.core.rollout.value.words import Cause, End
from tests.core.rollout.pictures import NEW, NOW, WHY, drawn, look, rollout, with_look


@pytest.mark.parametrize(
    ("picture", "halted", "end"),
    [
        ("++", None, End.SUCCEEDED),
        ("+-", None, End.PARTIAL),
        ("+>", None, None),
        ("==", Cause.VERSION, End.TAKEN_BACK),
        ("=-", Cause.VERSION, End.TAKEN_BACK),
        ("=x", Cause.VERSION, End.NOT_ALL_BACK),
        ("hh", Cause.HOST, End.HALTED),
        ("+h", Cause.HOST, End.HALTED),
        ("+=", Cause.HOST, End.HALTED),
        ("+o", Cause.HOST, End.NOT_ALL_BACK),
    ],
)
def test_ends_with_one_word(picture: str, halted: Cause | None, end: End | None) -> None:
    value = rollout(picture, halted=halted, failures=9, is_proven_guilty=True, bake=30.0)
    assert happened(value, []).end is end


def test_cancelled_before_its_bake_is_over_it_is_cancelled() -> None:
    assert happened(rollout("+", cancelled=True, bake=90.0), []).end is End.CANCELLED
    assert happened(rollout("+", cancelled=True, bake=30.0), []).end is End.SUCCEEDED


@pytest.mark.parametrize(
    ("cancelled", "end", "asks"), [(True, End.CANCELLED, None), (False, None, Asks.NO_ROOM)]
)
def test_what_is_over_asks_nothing_any_more(
    cancelled: bool, end: End | None, asks: Asks | None
) -> None:
    draft = Draft(rollout("-", cancelled=cancelled, asks=Question(Asks.NO_ROOM, WHY)))
    end_it(draft)
    assert draft.rollout.end is end
    assert (draft.rollout.asks and draft.rollout.asks.code) is asks


def test_a_bake_is_ended_by_a_look_that_is_well() -> None:
    ill = with_look(rollout("+", bake=30.0), "p1", look(NEW, healthy=False))
    assert happened(ill, []).end is None


@pytest.mark.parametrize(("bake", "end"), [(0.0, End.SUCCEEDED), (1.0, None)])
def test_where_nothing_is_to_bake_what_its_chain_saw_last_is_enough(
    bake: float, end: End | None
) -> None:
    value = rollout("+", bake=bake)
    sent = replace(value.target("p1"), since=NOW, looked_at=NOW - 10)
    assert happened(replace(value, targets={"p1": sent}), []).end is end
    unseen = replace(sent, look=None)
    assert happened(replace(value, targets={"p1": unseen}), []).end is None


def test_a_success_is_watched_and_then_over_for_good() -> None:
    value = happened(rollout("+", watch=60.0), [])
    assert value.watching
    assert not value.is_over
    over = happened(value, [Drove(60.0)])
    assert over.is_over
    assert happened(over, [Drove(60.0)]) is over


@pytest.mark.parametrize(("watch", "watching"), [(1.0, True), (0.0, False)])
def test_a_watch_of_one_second_is_one(watch: float, watching: bool) -> None:
    assert happened(rollout("+", watch=watch), []).watching is watching


def test_a_death_in_the_watch_takes_the_rollout_up_again() -> None:
    value = happened(rollout("+c", watch=60.0), [])
    dead = look(NEW, running=NOTHING, process="", healthy=False)
    after = happened(value, [Drove(5.0), Answered("p1", dead, NOW + 5)])
    assert after.end is None
    assert drawn(after) == "s"
    judged = happened(after, [Drove(5.0), Answered("p2", look(), NOW + 10)])
    assert judged.target("p1").cause is Cause.VERSION


def test_what_cannot_be_looked_at_holds_its_bake_for_patience() -> None:
    value = with_look(rollout("+", bake=10.0), "p1", None)
    lost = replace(value, targets={"p1": replace(value.target("p1"), lost=True)})
    assert happened(lost, []).end is End.PARTIAL
    patient = replace(lost, policy=replace(lost.policy, patience=90.0))
    assert happened(patient, []).end is None
