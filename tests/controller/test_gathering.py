"""Good news on which nothing waits may wait for more of their kind; nothing else may."""

from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from slipway.controller.rollouts.gathering import is_anything_waiting
from slipway.controller.rollouts.inbox import Inbox
from slipway.controller.rollouts.pace import Pace
from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.value.events import Answered, Lost
from slipway.core.rollout.value.looks import ChainReport, Look
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Heading, Stage
from slipway.core.words.sentence import Sentence

PLACE = "web-1:8080"
WELL = Look(healthy=True, report=ChainReport("t", Outcome.DONE))


def rollout(stage: Stage, heading: Heading = Heading.FORTH, *, owed: bool = False) -> Rollout:
    other = Target(Planned("web-2:8080"), stage=Stage.IN_HAND)
    target = Target(Planned(PLACE), stage=stage, heading=heading, owed=owed)
    return Rollout(1, Policy(), MappingProxyType({PLACE: target, "web-2:8080": other}))


@pytest.mark.parametrize(
    ("value", "waits"),
    [
        (rollout(Stage.DUE), False),  # the next batch waits for the last of this one
        (rollout(Stage.DUE, Heading.BACK), True),
        (rollout(Stage.ASKED), True),
        (rollout(Stage.IN_HAND), False),
        (rollout(Stage.SUSPECT), True),
        (rollout(Stage.WELL), False),
        (rollout(Stage.OUT), False),
        (rollout(Stage.OUT, Heading.BACK, owed=True), True),
    ],
)
def test_who_waits_for_what_is_heard_of_others(value: Rollout, waits: bool) -> None:
    assert is_anything_waiting(value) == waits


@pytest.mark.parametrize(
    ("event", "presses"),
    [
        (Answered(PLACE, WELL, 0.0), False),
        (Answered(PLACE, Look(healthy=True), 0.0), False),
        (Answered(PLACE, Look(), 0.0), True),  # ill
        (Answered(PLACE, Look(healthy=True, busy=True), 0.0), True),
        (
            Answered(PLACE, Look(healthy=True, report=ChainReport("t", Outcome.FAILED)), 0.0),
            True,
        ),
        (Lost(PLACE, Sentence.of("lost", "Lost.")), True),
    ],
)
def test_what_is_not_as_hoped_for_presses(event: Answered | Lost, presses: bool) -> None:
    inbox = Inbox(lambda: datetime.now(UTC))
    inbox.add(event)
    assert inbox.pressing.is_set() == presses
    inbox.take()
    assert not inbox.pressing.is_set()


def test_the_end_of_the_last_chain_presses() -> None:
    inbox = Inbox(lambda: datetime.now(UTC))
    inbox.nothing_in_hand()
    assert inbox.pressing.is_set()
    assert inbox.last.is_set()
    inbox.take()
    assert not inbox.last.is_set()


def test_good_news_are_written_down_together_the_later_the_longer_was_waited() -> None:
    pace = Pace(beat=0.1, slowest_beat=1.0, patient=0.1)
    assert [pace.between_good(waited) for waited in (0.0, 2.0, 60.0)] == [0.1, 0.5, 3.0]
