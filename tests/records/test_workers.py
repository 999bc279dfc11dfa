"""Of those who see a worker's silence, one takes over; a worker that was declared dead leaves."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from slipway.records.rollouts.run.state import list_undriven
from slipway.records.workers import operations as workers
from slipway.records.workers.models import Worker
from slipway.records.workers.queries import list_heard, list_living
from tests.hand import Hand
from tests.records.people import NOW
from tests.records.world import World

pytestmark = pytest.mark.django_db
DEAD = timedelta(seconds=20)


def fall_silent(worker_id: str) -> None:
    Worker.objects.filter(pk=worker_id).update(beat_at=Now() - 2 * DEAD)


@pytest.fixture(autouse=True)
def _two_workers() -> None:
    for name in ("one", "two"):
        workers.register_worker(worker_id=name, now=NOW)


def test_who_beats_is_alive() -> None:
    assert workers.beat(worker_id="one")
    assert workers.declare_dead(by="two", after=DEAD) == []
    assert {worker.pk for worker in list_heard()} == list_living() == {"one", "two"}


def test_the_silent_are_not_heard_and_live_until_they_are_declared_dead() -> None:
    fall_silent("one")
    assert {worker.pk for worker in list_heard()} == {"two"}
    assert list_living() == {"one", "two"}
    workers.declare_dead(by="two", after=DEAD)
    assert list_living() == {"two"}


def test_who_is_heard_is_told_by_the_silence_after_which_one_is_dead(
    settings: Settings,
) -> None:
    Worker.objects.filter(pk="one").update(beat_at=Now() - DEAD / 2)
    assert {worker.pk for worker in list_heard()} == {"one", "two"}
    settings.SLIPWAY_WORKER_DEAD_AFTER = 3.0
    assert {worker.pk for worker in list_heard()} == {"two"}


def test_silence_is_declared_once_and_the_dead_must_leave() -> None:
    fall_silent("one")
    assert workers.declare_dead(by="two", after=DEAD) == ["one"]
    assert workers.declare_dead(by="two", after=DEAD) == []
    assert not workers.beat(worker_id="one")
    assert Worker.objects.get(pk="one").taken_over_by == "two"


def test_nobody_declares_itself_dead() -> None:
    fall_silent("one")
    assert workers.declare_dead(by="one", after=DEAD) == []


def test_who_leaves_is_taken_over_at_once() -> None:
    workers.leave(worker_id="one")
    assert workers.declare_dead(by="two", after=DEAD) == ["one"]


def test_a_rollout_is_driven_by_the_living() -> None:
    world = World(hosts=1)
    rollout = world.start("deploy", world.version("1.0"))
    assert list_undriven(worker_id="two", driving=[]) == [rollout.pk]
    Hand(rollout, "one")
    assert list_undriven(worker_id="two", driving=[]) == []
    fall_silent("one")
    workers.declare_dead(by="two", after=DEAD)
    assert list_undriven(worker_id="two", driving=[]) == [rollout.pk]
    world.finish(rollout)
    assert list_undriven(worker_id="two", driving=[]) == []
