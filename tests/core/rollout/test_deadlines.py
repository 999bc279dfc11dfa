"""Patience and what is owed."""

from dataclasses import replace

import pytest

from slipway.core.rollout.decide.deadlines import retry_owed, try_back_again
from slipway.core.rollout.decide.targets import was_followed_in_vain
from slipway.core.rollout.happen import happened
from slipway.core.rollout.told.status import status_of
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.events import Answered, Cleared, Drove, Lost, TookUp, Wished
from slipway.core.rollout.value.questions import Answer, Asks
from slipway.core.rollout.value.words import Cause, Word
from slipway.core.words.sentence import Sentence
from tests.core.rollout.pictures import NO_ANSWER, NOW, drawn, look, rollout, with_plan, with_target


@pytest.mark.parametrize(
    ("picture", "patience", "after"),
    [
        ("?", 30.0, "x"),  # not reached at its turn: left out after patience
        ("?", 90.0, "?"),
        ("a", 30.0, ">"),
        ("!", 30.0, "x"),  # touched, without a last word: not known
    ],
)
def test_is_given_up_after_patience(picture: str, patience: float, after: str) -> None:
    value = with_plan(rollout(picture, patience=patience), "p1", deadline=30.0)
    given = happened(value, [])
    assert drawn(given) == after.replace("?", "a")
    if after == "x":
        assert given.target("p1").cause is Cause.WEATHER


def test_one_question_in_vain_is_not_patience() -> None:
    value = happened(rollout("a", paused=True), [Lost("p1", NO_ANSWER)])
    assert drawn(value) == "a"


def test_a_deadline_is_at_least_what_its_steps_may_take() -> None:
    assert drawn(happened(with_plan(rollout("!"), "p1", deadline=600.0), [])) == ">"


def test_cancelled_nobody_waits_for_the_deadline() -> None:
    value = with_plan(rollout("!", cancelled=True), "p1", deadline=600.0)
    assert drawn(happened(value, [])) == "x"


def test_a_gap_begins_patience_anew() -> None:
    assert drawn(happened(rollout("?"), [TookUp(), Lost("p1", NO_ANSWER)])) == "a"


def test_a_host_that_says_that_it_cannot_is_left_out_as_the_host() -> None:
    said = Sentence.of("full", "{host}: the disk is full.", hint="Free {host}.", host="h1")
    after = happened(rollout("?"), [Lost("p1", said, Cause.HOST), Drove(3600.0)])
    left = after.target("p1")
    assert (left.cause, status_of(left).value) == (Cause.HOST, "left_out")
    assert left.problem is not None
    assert left.problem.english == "p1 cannot take its turn: h1: the disk is full."
    assert left.problem.english_hint == "Free h1."


def test_an_error_of_ours_is_asked_about() -> None:
    value = rollout("?", paused=True)
    ours = replace(value.target("p1"), lost_cause=Cause.OURS)
    after = happened(replace(value, targets={"p1": ours}), [])
    assert after.target("p1").cause is Cause.OURS
    assert after.asks is not None
    assert after.asks.code is Asks.OURS


def test_what_never_arrives_is_sent_again_until_patience_is_over() -> None:
    why = Sentence.of("broken_pipe", "The upload broke.")
    value = rollout("a", patience=600.0)
    while drawn(value) != "x" and value.driven < NOW + 3600.0:
        value = happened(value, [Cleared("p1", None)])
        value = happened(value, [Lost("p1", why), Drove(30.0)])
        value = happened(value, [Answered("p1", look(), value.driven)])
    given = value.target("p1")
    assert 600.0 <= value.driven - NOW <= 720.0
    assert given.cause is Cause.WEATHER
    assert not given.touched
    assert given.problem is not None
    assert given.problem.english == (
        "p1 answers, and what is sent to it does not arrive: The upload broke."
    )


def test_a_person_says_that_it_is_gone() -> None:
    after = happened(rollout("!+", bake=900.0), [Wished(Word.GONE, place="p1")])
    assert drawn(after) == "x+"
    assert after.target("p1").cause is Cause.PERSON


def test_a_way_back_that_failed_is_tried_again_when_the_former_version_is_seen_well() -> None:
    assert drawn(happened(rollout("oc", failures=9), [])) == "q"
    assert drawn(happened(rollout("od", failures=9), [])) == "o"


def test_a_person_who_has_mended_it_has_it_tried_again() -> None:
    asked = happened(rollout("o", failures=9), [])
    assert asked.asks is not None
    assert asked.asks.code is Asks.ALL_ILL
    assert drawn(happened(asked, [Wished(Word.ANSWER, answer=Answer.GO_ON)])) == "q"


def test_a_person_has_what_is_owed_tried_again_where_it_is_owed() -> None:
    value = rollout("oo=x")
    draft = Draft(with_target(value, "p2", owed=False))
    try_back_again(draft, {"p1", "p2", "p3", "p4"})
    assert drawn(draft.value()) == "bo=x"
    assert draft.target("p1").attempt == 1


@pytest.mark.parametrize(
    ("lost", "began", "in_vain"),
    [(True, NOW - 30, True), (True, NOW - 29, False), (True, NOW - 61, False), (False, 960, False)],
)
def test_a_chain_is_followed_in_vain_from_when_it_was_first_not_heard_of(
    lost: bool, began: float, in_vain: bool
) -> None:
    value = with_target(rollout("!"), "p1", lost=lost, unheard_since=began, since=NOW - 60)
    assert was_followed_in_vain(Draft(value), value.target("p1")) is in_vain
    of_now = with_target(value, "p1", unheard_since=NOW - 60, since=NOW - 60, lost=True)
    assert was_followed_in_vain(Draft(of_now), of_now.target("p1"))


def test_what_is_not_owed_keeps_nothing_that_is_from_being_tried_again() -> None:
    value = with_target(rollout("oo=", halted=Cause.VERSION), "p1", owed=False)
    draft = Draft(with_target(value, "p3", looked_at=NOW))
    retry_owed(draft)
    assert drawn(draft.value()) == "ob="
