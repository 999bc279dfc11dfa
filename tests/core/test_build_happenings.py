"""What is known of a build after each thing that can happen to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slipway.core.builds.decide import Fetch, LookAtBuild, Rest, Search, StartBuild, Wait, decide
from slipway.core.builds.happen import (
    LONGEST_RETRY,
    BuildEvent,
    BuildHappening,
    BuildSeen,
    BuildStarted,
    BuildUnanswered,
    happened,
)
from slipway.core.builds.state import BuildStage, BuildState, SeenStatus
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WANTED = BuildState(BuildStage.WANTED, NOW, NOW + timedelta(hours=1))
ORDERED = happened(WANTED, BuildHappening.ORDERED, NOW)
WATCHED = happened(ORDERED, BuildStarted("7"), NOW)
AWAY = BuildUnanswered(Sentence.of("away", "It is away."))


def test_a_build_from_the_wish_to_its_package() -> None:
    assert decide(WANTED, NOW) == StartBuild()
    assert decide(ORDERED, NOW) == Search()
    assert decide(WATCHED, NOW) == LookAtBuild()
    done = happened(WATCHED, BuildSeen("8", SeenStatus.SUCCESS, None), NOW)
    assert (done.external_id, decide(done, NOW)) == ("8", Fetch())
    assert decide(happened(done, BuildHappening.FETCHING, NOW), NOW) == Fetch()


def test_an_order_that_was_not_sent_is_sent_again_at_once() -> None:
    assert happened(ORDERED, BuildHappening.NOT_SENT, NOW) == replace(WANTED, ordered_at=NOW)


def test_an_order_that_nobody_answered_is_looked_for_from_then_on() -> None:
    later = NOW + timedelta(seconds=30)
    assert happened(ORDERED, BuildHappening.UNSURE, later).ordered_at == later


def test_each_question_in_vain_is_followed_by_a_longer_pause() -> None:
    build, pauses = WATCHED, []
    for _ in range(3):
        build = happened(build, AWAY, NOW)
        pauses.append((build.retry_at or NOW) - NOW)
    assert pauses == sorted(set(pauses))
    assert build.problem == AWAY.problem
    assert decide(build, NOW) == Wait(NOW + pauses[-1])


def test_a_server_may_ask_for_time_but_not_for_all_of_it() -> None:
    asked = replace(AWAY, retry_after=timedelta(days=1))
    assert happened(WATCHED, asked, NOW).retry_at == NOW + LONGEST_RETRY


@pytest.mark.parametrize(
    "answer",
    [
        BuildStarted("7"),
        BuildSeen("7", SeenStatus.RUNNING, None),
        BuildHappening.NOTHING_FOUND,
        BuildHappening.CANCELLED,
    ],
)
def test_any_answer_ends_the_trouble(answer: BuildEvent) -> None:
    build = happened(happened(WATCHED, AWAY, NOW), answer, NOW)
    assert (build.trouble, build.retry_at) == (0, None)


def test_one_that_was_cancelled_is_looked_at_again() -> None:
    build = happened(replace(WATCHED, looked_at=NOW), BuildHappening.CANCELLED, NOW)
    assert (build.cancelled, build.looked_at) == (True, None)


def test_a_success_after_the_end_is_late_and_one_that_is_forgotten_never_comes() -> None:
    over = replace(WATCHED, stage=BuildStage.OVER, status=VersionStatus.TIMEOUT, finished_at=NOW)
    assert happened(over, BuildSeen("7", SeenStatus.SUCCESS, None), NOW).late
    assert not happened(over, BuildSeen("7", SeenStatus.FAILED, None), NOW).late
    assert decide(happened(over, BuildHappening.FORGOTTEN, NOW), NOW) == Rest()
