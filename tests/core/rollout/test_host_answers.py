"""What a host's answer means for the target that it is about."""

from dataclasses import replace

import pytest

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.decide.host_answers import hear_answer
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.events import Answered, Drove
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.words import Cause, Heading, Stage
from tests.core.rollout.pictures import (
    NEW,
    NOW,
    drawn,
    look,
    report,
    rollout,
    with_look,
    with_target,
)

DONE = look(NEW, report=report(Outcome.DONE))
FAILED = look(NEW, healthy=False, report=report(Outcome.FAILED))
INTERRUPTED = look(report=report(Outcome.INTERRUPTED))


@pytest.mark.parametrize(
    ("seen", "stage"),
    [
        (DONE, Stage.WELL),
        (look(NEW, busy=True, report=report(Outcome.RUNNING)), Stage.IN_HAND),
        (FAILED, Stage.SUSPECT),
        (look(), Stage.ASKED),  # what was sent did not arrive, and never will
        (look(report=report(Outcome.DONE, ticket="forth-9")), Stage.ASKED),
        (INTERRUPTED, Stage.ASKED),  # a reboot is weather: another attempt
        (look(NEW, healthy=False, report=report(Outcome.DONE)), Stage.SUSPECT),  # and it is not
    ],
)
def test_a_chain_ends_by_the_hosts_own_word(seen: Look, stage: Stage) -> None:
    value = with_look(rollout(">c"), "p2", None)
    after = happened(value, [Drove(5.0), Answered("p1", seen, NOW)])
    assert after.target("p1").stage is stage


def test_what_does_not_arrive_is_sent_again_until_patience_is_over() -> None:
    nothing_came = Answered("p1", look(), NOW)
    taken_over = with_look(rollout(">c", patience=30.0), "p2", None)  # in hand for 60 s
    again = happened(taken_over, [nothing_came]).target("p1")
    assert (again.stage, again.sent_in_vain) == (Stage.ASKED, 0.0)
    again = happened(with_target(taken_over, "p1", sent=True), [nothing_came]).target("p1")
    assert (again.stage, again.sent_in_vain) == (Stage.ASKED, 60.0)
    sent_twice = with_target(taken_over, "p1", sent=True, sent_in_vain=1.0)
    assert happened(sent_twice, [nothing_came]).target("p1").stage is Stage.OUT


def test_all_is_done_and_something_else_is_there_is_the_hosts_own_doing() -> None:
    value = with_look(rollout(">c"), "p2", None)
    after = happened(value, [Drove(5.0), Answered("p1", look(report=report(Outcome.DONE)), NOW)])
    assert after.target("p1").cause is Cause.HOST
    assert after.target("p1").heading is Heading.BACK
    assert not after.withdrawn


def test_success_needs_no_hook_owed_and_nobody_drained() -> None:
    for owes in ({"hook_owed": True}, {"drained_by": "v1"}):
        seen = look(NEW, report=report(Outcome.DONE), **owes)
        value = with_look(rollout(">c"), "p2", None)
        assert drawn(happened(value, [Answered("p1", seen, NOW)])) == "s"


def test_an_answer_to_a_question_of_before_says_nothing_of_the_chain() -> None:
    assert drawn(happened(rollout(">"), [Answered("p1", look(), NOW - 90)])) == ">"


def test_a_host_that_failed_is_not_the_version() -> None:
    seen = look(NEW, healthy=False, report=report(Outcome.FAILED, Cause.HOST))
    target = happened(rollout(">"), [Answered("p1", seen, NOW)]).target("p1")
    assert target.cause is Cause.HOST
    assert target.heading is Heading.BACK


def test_the_second_loss_of_a_place_is_the_versions() -> None:
    once = happened(rollout(">c", allowed_away=1), [Answered("p1", INTERRUPTED, NOW)])
    assert once.target("p1").attempt == 1
    again = look(report=report(Outcome.INTERRUPTED, ticket="forth-1"))
    taken = happened(once, [Answered("p1", look(), NOW)])
    assert drawn(taken) == ">"
    after = happened(taken, [Answered("p1", again, NOW), Answered("p2", look(), NOW)])
    assert after.target("p1").cause is Cause.VERSION


# --- what was well is watched --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "after"),
    [
        (look(NEW), "+"),
        (look(NEW, process="102"), "s"),  # another process in its place is a death
        (look(NEW, process="", running=NOTHING, healthy=False), "s"),
        (look(NEW, healthy=False), "+"),  # one that answers late once has not died
        (look(NEW, process="102", boot="2"), "+"),  # another boot is weather
    ],
)
def test_a_death_is_noticed(seen: Look, after: str) -> None:
    value = with_look(rollout("+c", bake=90.0), "p2", None)
    assert drawn(happened(value, [Answered("p1", seen, NOW)])) == after


def test_what_is_ill_twice_has_failed() -> None:
    value = with_look(rollout("+c", bake=90.0), "p2", None)
    ill = Answered("p1", look(NEW, healthy=False), NOW)
    assert drawn(happened(happened(value, [ill]), [ill])) == "s"


def test_after_a_reboot_it_bakes_anew_once() -> None:
    value = with_look(rollout("+c", bake=50.0), "p2", None)
    after = happened(value, [Answered("p1", look(NEW, process="102", boot="2"), NOW)])
    assert after.target("p1").since == NOW
    again = happened(after, [Answered("p1", look(NEW, process="103", boot="3"), NOW)])
    assert drawn(again) == "s"


@pytest.mark.parametrize(("attempt", "touched"), [(0, False), (1, True), (2, True)])
def test_what_did_not_arrive_leaves_what_was_touched_before(attempt: int, touched: bool) -> None:
    value = with_target(rollout(">"), "p1", attempt=attempt)
    after = happened(value, [Answered("p1", look(), NOW)])
    assert after.target("p1").touched is touched


@pytest.mark.parametrize(("attempt", "touched"), [(0, False), (1, True), (2, True)])
def test_a_step_that_failed_before_it_began_leaves_what_was_touched_before(
    attempt: int, touched: bool
) -> None:
    failed = report(Outcome.FAILED, Cause.HOST, ticket=f"forth-{attempt}")
    seen = look(report=replace(failed, disturbed=False))
    value = with_target(rollout("><", failures=9), "p1", attempt=attempt, touched=True)
    after = happened(value, [Answered("p1", seen, NOW)])
    assert after.target("p1").touched is touched


def test_a_step_that_failed_without_a_word_is_told_by_its_place() -> None:
    silent = replace(report(Outcome.FAILED, Cause.HOST), problem=None)
    after = happened(rollout(">"), [Answered("p1", look(report=silent), NOW)])
    assert str(after.target("p1").problem).startswith("p1: a step failed")


@pytest.mark.parametrize(("spent", "drawn_then"), [(29.0, "a"), (30.0, "x"), (31.0, "x")])
def test_sending_in_vain_ends_with_patience(spent: float, drawn_then: str) -> None:
    value = with_target(rollout(">"), "p1", since=NOW, sent=True, sent_in_vain=spent)
    assert drawn(happened(value, [Answered("p1", look(), NOW)])) == drawn_then


def test_what_arrived_and_ended_was_not_sent_in_vain() -> None:
    value = with_target(rollout(">"), "p1", sent_in_vain=20.0)
    assert happened(value, [Answered("p1", DONE, NOW)]).target("p1").sent_in_vain == 0


def test_what_is_found_well_has_not_been_ill() -> None:
    value = with_target(rollout(">"), "p1", ill_looks=1)
    assert happened(value, [Answered("p1", DONE, NOW)]).target("p1").ill_looks == 0


@pytest.mark.parametrize(
    ("picture", "attempt", "touched"), [(">", 0, False), (">", 1, True), ("<", 0, True)]
)
def test_what_never_arrived_touched_nothing_anew(picture: str, attempt: int, touched: bool) -> None:
    draft = Draft(with_target(rollout(picture), "p1", attempt=attempt, look=look()))
    hear_answer(draft, draft.target("p1"))
    assert draft.target("p1").stage is Stage.ASKED
    assert draft.target("p1").touched is touched
