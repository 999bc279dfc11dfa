"""What was heard, and not yet decided on."""

import asyncio
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from slipway.controller.rollouts.errands import Errands
from slipway.controller.rollouts.inbox import LINES_A_STEP, Inbox
from slipway.core.rollout.commands import Ask
from slipway.core.rollout.value.events import Answered
from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.words.sentence import Sentence

PLACE = "web-1:8080"
VALUE = Rollout(1, Policy(), MappingProxyType({PLACE: Target(Planned(PLACE))}))


class Nobody:
    """A door behind which nobody is expected."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"asked for {name}")


def make_errands(inbox: Inbox) -> Errands:
    nobody: Any = Nobody()
    return Errands(
        hosts=nobody, packages=nobody, loaded=nobody, accesses={}, chains=nobody, inbox=inbox,
        fences=nobody, now=lambda: datetime.now(UTC),
    )  # fmt: skip


def test_who_answered_while_a_beat_was_written_is_not_asked_again_before_that_is_heard() -> None:
    async def story() -> None:
        inbox = Inbox(lambda: datetime.now(UTC))
        errands = make_errands(inbox)
        inbox.add(Answered(PLACE, Look(), asked_at=0.0))
        assert errands.is_busy(PLACE)
        errands.carry_out(VALUE, [Ask(PLACE)])
        assert errands.is_idle
        assert inbox.take() == [Answered(PLACE, Look(), asked_at=0.0)]
        assert not errands.is_busy(PLACE)

    asyncio.run(story())


def test_what_came_before_a_gap_keeps_nobody_from_being_asked() -> None:
    inbox = Inbox(lambda: datetime.now(UTC))
    inbox.add(Answered(PLACE, Look(), asked_at=0.0))
    inbox.drop()
    assert not make_errands(inbox).is_busy(PLACE)


def test_what_our_program_says_in_an_output_is_kept_as_a_sentence_beside_words_of_others() -> None:
    inbox = Inbox(lambda: datetime.now(UTC))
    inbox.printed(PLACE, "t-1", "probe", "Healthy: process 7 runs 1.1.\nready to serve\n")
    ours, others = (line.text for line in inbox.take_minutes().printed)
    assert isinstance(ours, Sentence)
    assert (ours.code, ours.english, others) == (
        "healthy",
        "Healthy: process 7 runs 1.1.",
        "ready to serve",
    )


def test_of_what_a_step_prints_so_much_is_kept_and_it_says_so_once() -> None:
    inbox = Inbox(lambda: datetime.now(UTC))
    for _ in range(3):
        inbox.printed(PLACE, "t-1", "drain", "line\n" * LINES_A_STEP)
    kept = [line.text for line in inbox.take_minutes().printed]
    assert kept[:-1] == ["line"] * LINES_A_STEP
    assert isinstance(kept[-1], Sentence), "it is read in the reader's language"
    assert str(kept[-1]).startswith(f"It printed more than {LINES_A_STEP} lines: of the others")
