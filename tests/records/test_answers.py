"""What people say to a rollout is data, in the order in which they said it; cancel always works."""

import pytest

from slipway.core.words.refusal import Forbidden, Invalid, NotFound
from slipway.records.audit.models import Event
from slipway.records.rollouts.models import PersonsWord, Rollout
from slipway.records.rollouts.operations import answers, steering
from slipway.records.rollouts.wish.refusals import NothingAsked, RolloutOver
from tests.records.people import charlie
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db
NO_ROOM = {
    "code": "no_room",
    "sentence": {"code": "no_room", "template": "No room to go on."},
    "places": ["web-2:8080"],
    "since": 0.0,
}


@made_once
def standing() -> World:
    return World(hosts=2)


@pytest.fixture
def rollout(world: World) -> Rollout:
    return world.start("deploy", world.version("1.0"))


def asking(rollout: Rollout, question: object = NO_ROOM) -> Rollout:
    Rollout.objects.filter(pk=rollout.pk).update(asks=question, state="paused")
    return Rollout.objects.get(pk=rollout.pk)


def words(rollout: Rollout) -> list[tuple[str, str, str]]:
    rows = PersonsWord.objects.filter(rollout=rollout).order_by("id")
    return list(rows.values_list("word", "place", "answer"))


def answer(world: World, rollout: Rollout, given: str) -> Rollout:
    return answers.answer_question(rollout=rollout, answer=given, by=world.alice, now=world.clock())


def gone(world: World, rollout: Rollout, place: str) -> Rollout:
    return answers.say_gone(rollout=rollout, place=place, by=world.alice, now=world.clock())


def test_every_word_is_written_down_in_its_order(world: World, rollout: Rollout) -> None:
    for operation in (
        steering.pause_rollout,
        steering.resume_rollout,
        steering.cancel_rollout,
    ):
        operation(rollout=rollout, by=world.alice, now=world.clock())
    assert words(rollout) == [("pause", "", ""), ("resume", "", ""), ("cancel", "", "")]


def test_a_word_that_changes_nothing_is_not_said_twice(world: World, rollout: Rollout) -> None:
    for _ in range(2):
        steering.pause_rollout(rollout=rollout, by=world.alice, now=world.clock())
        steering.cancel_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert words(rollout) == [("pause", "", ""), ("cancel", "", "")]


def test_an_answer_is_heard_by_the_driver_and_audited(world: World, rollout: Rollout) -> None:
    before = asking(rollout)
    after = answer(world, before, "without")
    assert words(rollout) == [("answer", "", "without")]
    assert after.rev == before.rev + 1
    assert Event.objects.filter(verb="rollout.answered", thing_id=str(rollout.pk)).count() == 1


@pytest.mark.parametrize("given", ["without", "", "yes", "\0"])
def test_only_what_a_question_knows_is_an_answer(
    world: World, rollout: Rollout, given: str
) -> None:
    asking(rollout, NO_ROOM | {"code": "none_serves"})
    with pytest.raises(Invalid):
        answer(world, rollout, given)
    assert words(rollout) == []


def test_where_nothing_is_asked_there_is_nothing_to_answer(world: World, rollout: Rollout) -> None:
    with pytest.raises(NothingAsked):
        answer(world, rollout, "go-on")


def test_resuming_answers_no_question(world: World, rollout: Rollout) -> None:
    steering.pause_rollout(rollout=rollout, by=world.alice, now=world.clock())
    asking(rollout)
    resumed = steering.resume_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert (resumed.is_paused, resumed.state) == (False, "paused")


@pytest.mark.parametrize("place", ["web-1", "web-1:8080"])
def test_a_place_is_gone_when_a_person_says_so(world: World, rollout: Rollout, place: str) -> None:
    gone(world, rollout, place)
    assert words(rollout) == [("gone", "web-1:8080", "")]
    assert Event.objects.filter(verb="rollout.said_gone").count() == 1


@pytest.mark.parametrize("place", ["web-9", "web-1:1", ""])
def test_only_a_place_of_the_rollout_can_be_gone(
    world: World, rollout: Rollout, place: str
) -> None:
    with pytest.raises(NotFound):
        gone(world, rollout, place)


def test_what_a_stranger_says_is_not_written_down(world: World, rollout: Rollout) -> None:
    asking(rollout)
    with pytest.raises(Forbidden):
        answers.answer_question(rollout=rollout, answer="go-on", by=charlie(), now=world.clock())
    with pytest.raises(Forbidden):
        answers.say_gone(rollout=rollout, place="web-1", by=charlie(), now=world.clock())
    assert words(rollout) == []


def test_a_rollout_whose_plan_nobody_can_read_is_still_cancelled(
    world: World, rollout: Rollout
) -> None:
    Rollout.objects.filter(pk=rollout.pk).update(plan={"format": 99})
    world.service.spec = {"health": {"min_healthy_time": "1h"}}  # contradicts any version's
    world.service.save()
    cancelled = steering.cancel_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert cancelled.cancel_requested
    assert words(rollout) == [("cancel", "", "")]


def test_what_is_over_hears_nothing(world: World, rollout: Rollout) -> None:
    over = {"state": "succeeded", "finished_at": world.clock()}
    Rollout.objects.filter(pk=rollout.pk).update(**over)
    with pytest.raises(RolloutOver):
        gone(world, rollout, "web-1")
