"""How far ours may be raised, and what is told of a host that is ahead."""

from dataclasses import replace

import pytest

from slipway.core.hosts.claims import FARTHEST, in_the_log, is_within_reach, known_ahead
from slipway.core.rollout.happen import happened
from slipway.core.rollout.told.telling import is_silent_at_its_turn, tell
from slipway.core.rollout.value.events import Lost
from slipway.core.rollout.value.words import Cause
from slipway.core.words.sentence import Sentence
from tests.core.rollout.pictures import NO_ANSWER, rollout

OURS = 1_795_000_000


@pytest.mark.parametrize(
    ("epoch", "reached"),
    [(OURS + 1, True), (4_102_444_800, True), (OURS + FARTHEST + 1, False), (2**62 - 1, False)],
)
def test_a_clock_is_ahead_by_a_hundred_years_at_most(epoch: int, reached: bool) -> None:
    assert is_within_reach(epoch, OURS) is reached
    told = known_ahead(host="web-1", service="billing", epoch=epoch, ours=OURS)
    assert all(each in told.english for each in ("web-1", "billing", str(epoch), str(OURS)))
    assert ("`slipway claim raise`" in told.english_hint) is reached


def test_however_often_a_liar_is_raised_over_ours_stays_a_number() -> None:
    """Hosts reckon with 18 digits, rows with 63 bits."""
    ours = OURS
    for _ in range(1_000_000):
        ours += FARTHEST + 1
    assert ours < 10**18


def test_the_log_says_what_to_do_as_well() -> None:
    told = known_ahead(host="web-1", service="billing", epoch=OURS + 1, ours=OURS)
    assert in_the_log(told).english == f"{told.english} {told.english_hint}"
    assert in_the_log(NO_ANSWER) == NO_ANSWER


@pytest.mark.parametrize("picture", ["a", ">"])
@pytest.mark.parametrize("code", ["later_claim", "impossible_claim", "foreign_claim", "lost"])
def test_a_host_that_is_ahead_is_not_told_as_a_silence_too(picture: str, code: str) -> None:
    before = rollout(picture)
    why = Sentence.of(code, "It did not do as it was told.")
    after = happened(before, [Lost("p1", why, Cause.HOST)])
    silences = [each for each in tell(before, after) if "Asking again" in each.sentence.english]
    assert len(silences) == (code == "lost")
    old, new = before.target("p1"), after.target("p1")
    assert is_silent_at_its_turn(old, new) is (code == "lost" and picture == "a")
    assert not is_silent_at_its_turn(replace(old, lost=True), new)
