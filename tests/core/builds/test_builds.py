"""What is done next with a build, from what is known of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.builds.decide import (
    FETCHES_ALLOWED,
    LATE_TIME,
    STARTS_ALLOWED,
    TROUBLE_PAUSES,
    Cancel,
    Decision,
    Fetch,
    Finish,
    LookAtBuild,
    Rest,
    Search,
    StartBuild,
    Wait,
    decide,
    duplicate_of,
    pause_after,
)
from slipway.core.builds.state import SEARCH_TIME, BuildStage, BuildState, SeenStatus
from slipway.core.words.versions import VersionStatus as V

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WANTED = BuildState(BuildStage.WANTED, NOW, NOW + timedelta(hours=1))
ORDERED = replace(WANTED, stage=BuildStage.ORDERED, ordered_at=NOW, starts=1)
WATCHED = replace(ORDERED, stage=BuildStage.WATCHED, external_id="7")
FETCHING = replace(WATCHED, stage=BuildStage.FETCHING, seen=SeenStatus.SUCCESS)
OVER = replace(WATCHED, stage=BuildStage.OVER, finished_at=NOW, status=V.TIMEOUT)
TOO_LATE = NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("build", "now", "decision"),
    [
        (WANTED, NOW, StartBuild()),
        (replace(WANTED, retry_at=NOW + SECOND), NOW, Wait(NOW + SECOND)),
        # It may have been started: looked for first, and ordered again only when it is not there.
        (ORDERED, NOW, Search()),
        (replace(ORDERED, looked_at=NOW), NOW + SECOND, Wait(NOW + 2 * SECOND)),
        (replace(ORDERED, looked_at=NOW), NOW + 2 * SECOND, Search()),
        (replace(ORDERED, looked_at=NOW + SEARCH_TIME), NOW + SEARCH_TIME, StartBuild()),
        (WATCHED, NOW, LookAtBuild()),
        (replace(WATCHED, looked_at=NOW), NOW + SECOND, Wait(NOW + 3 * SECOND)),
        (replace(WATCHED, seen=SeenStatus.SUCCESS), NOW, Fetch()),
        (replace(WATCHED, seen=SeenStatus.SUCCESS), TOO_LATE, Fetch()),
        (FETCHING, TOO_LATE, Fetch()),
        (replace(FETCHING, retry_at=NOW + SECOND), NOW, Wait(NOW + SECOND)),
    ],
)
def test_goes_on(build: BuildState, now: datetime, decision: Decision) -> None:
    assert decide(build, now) == decision


@pytest.mark.parametrize(
    ("build", "now", "status"),
    [
        (replace(WATCHED, seen=SeenStatus.FAILED), NOW, V.FAILED),
        (replace(WATCHED, seen=SeenStatus.CANCELLED), NOW, V.FAILED),
        (WANTED, TOO_LATE, V.TIMEOUT),
        (replace(WANTED, cancel_wished_at=NOW), NOW, V.FAILED),
        (replace(WATCHED, cancelled=True, looked_at=TOO_LATE), TOO_LATE, V.TIMEOUT),
        (replace(WATCHED, cancelled=True, cancel_wished_at=NOW, looked_at=NOW), NOW, V.FAILED),
        (replace(ORDERED, cancel_wished_at=NOW, looked_at=NOW + SEARCH_TIME), TOO_LATE, V.FAILED),
        (replace(WATCHED, trouble=len(TROUBLE_PAUSES), looked_at=NOW), TOO_LATE, V.TIMEOUT),
        (replace(ORDERED, looked_at=TOO_LATE), TOO_LATE, V.TIMEOUT),
        (replace(FETCHING, trouble=FETCHES_ALLOWED), NOW, V.FAILED),
        (replace(FETCHING, cancel_wished_at=NOW), NOW, V.FAILED),
    ],
)
def test_ends(build: BuildState, now: datetime, status: V) -> None:
    decision = decide(build, now)
    assert isinstance(decision, Finish)
    assert decision.status is status
    assert decision.reason.english.endswith(".")


def test_a_build_that_outlives_its_limit_is_looked_at_and_then_cancelled() -> None:
    """Whoever was away for long must not call a build late that ended in time."""
    assert decide(replace(WATCHED, looked_at=NOW), TOO_LATE) == LookAtBuild()
    assert decide(replace(WATCHED, looked_at=TOO_LATE), TOO_LATE) == Cancel()
    assert decide(replace(ORDERED, looked_at=NOW), TOO_LATE) == Search()


def test_what_we_have_cancelled_is_looked_at_once_more() -> None:
    cancelled = replace(WATCHED, cancelled=True)
    assert decide(cancelled, TOO_LATE) == LookAtBuild()
    seen = replace(cancelled, seen=SeenStatus.SUCCESS, looked_at=TOO_LATE)
    assert decide(seen, TOO_LATE) == Fetch()
    ended = decide(replace(seen, seen=SeenStatus.CANCELLED), TOO_LATE)
    assert isinstance(ended, Finish)
    assert ended.status is V.TIMEOUT


@pytest.mark.parametrize("seen", [SeenStatus.FAILED, SeenStatus.CANCELLED])
def test_how_it_ended_there_counts_also_after_the_limit(seen: SeenStatus) -> None:
    decision = decide(replace(WATCHED, seen=seen, looked_at=TOO_LATE), TOO_LATE)
    assert isinstance(decision, Finish)
    assert decision.status is V.FAILED


def test_what_others_started_is_ended_by_a_person_only() -> None:
    theirs = replace(WATCHED, ours=False, looked_at=TOO_LATE)
    assert isinstance(decide(theirs, TOO_LATE), Finish)
    assert decide(replace(theirs, cancel_wished_at=NOW), TOO_LATE) == Cancel()


def test_an_order_that_nobody_answered_is_looked_for_longer_than_a_server_may_work_at_it() -> None:
    unsure = replace(ORDERED, ordered_at=NOW + 30 * SECOND, looked_at=NOW + 33 * SECOND)
    assert isinstance(decide(unsure, NOW + 34 * SECOND), Wait)
    assert decide(unsure, NOW + 80 * SECOND) == Search()
    searched = replace(unsure, looked_at=NOW + 90 * SECOND)
    assert decide(searched, NOW + 90 * SECOND) == StartBuild()


def test_a_success_whose_package_gives_trouble_is_not_fetched_for_ever() -> None:
    seen = replace(WATCHED, seen=SeenStatus.SUCCESS, trouble=3, retry_at=NOW + SECOND)
    assert decide(seen, NOW) == Wait(NOW + SECOND)
    assert isinstance(decide(replace(seen, trouble=FETCHES_ALLOWED), NOW), Finish)


def test_a_server_that_takes_no_order_is_not_asked_for_ever() -> None:
    searched = replace(ORDERED, looked_at=NOW + SEARCH_TIME, starts=STARTS_ALLOWED)
    assert isinstance(decide(searched, NOW + SEARCH_TIME), Finish)


def test_a_late_success_is_looked_for_for_a_day_and_less_and_less_often() -> None:
    assert decide(OVER, NOW) == Wait(NOW + timedelta(minutes=1))
    assert decide(OVER, NOW + timedelta(minutes=1)) == LookAtBuild()
    asked = replace(OVER, looked_at=NOW + timedelta(hours=8))
    assert decide(asked, NOW + timedelta(hours=9)) == Wait(NOW + timedelta(hours=10))
    assert decide(OVER, NOW + LATE_TIME) == Rest()


@pytest.mark.parametrize(
    "build",
    [
        replace(OVER, status=V.SUCCESS),
        replace(OVER, status=V.DUPLICATE),
        replace(OVER, late=True),
        replace(OVER, external_id=""),
        replace(OVER, status=V.FAILED, seen=SeenStatus.SUCCESS),
    ],
)
def test_nothing_is_done_with_what_is_over_for_good(build: BuildState) -> None:
    assert decide(build, NOW + timedelta(minutes=5)) == Rest()


moments = st.none() | st.integers(-7200, 7200).map(lambda s: NOW + s * SECOND)
builds = st.builds(
    BuildState,
    stage=st.sampled_from(BuildStage),
    created_at=st.just(NOW),
    deadline_at=st.just(NOW + timedelta(hours=1)),
    ordered_at=moments,
    starts=st.integers(0, 4),
    seen=st.none() | st.sampled_from(SeenStatus),
    looked_at=moments,
    trouble=st.integers(0, 10),
    retry_at=moments,
    cancel_wished_at=moments,
    cancelled=st.booleans(),
    finished_at=moments,
    status=st.sampled_from(V),
    external_id=st.sampled_from(["", "7"]),
    late=st.booleans(),
    ours=st.booleans(),
)


@given(builds, st.integers(-3600, 7200).map(lambda s: NOW + s * SECOND))
def test_no_order_is_sent_before_an_answered_search_says_that_there_is_none(
    build: BuildState, now: datetime
) -> None:
    if build.stage is not BuildStage.WANTED and decide(build, now) == StartBuild():
        assert build.stage is BuildStage.ORDERED
        assert build.trouble == 0
        assert build.looked_at is not None
        assert build.looked_at >= (build.ordered_at or build.created_at) + SEARCH_TIME


@given(builds, st.integers(-3600, 7200).map(lambda s: NOW + s * SECOND))
def test_what_is_over_is_only_ever_looked_at(build: BuildState, now: datetime) -> None:
    over = replace(build, stage=BuildStage.OVER)
    assert isinstance(decide(over, now), LookAtBuild | Wait | Rest)


@given(builds, st.integers(-3600, 7200).map(lambda s: NOW + s * SECOND))
def test_waiting_always_has_an_end_ahead(build: BuildState, now: datetime) -> None:
    decision = decide(build, now)
    if isinstance(decision, Wait):
        assert decision.until > now


def test_pauses_grow_and_stay_bounded() -> None:
    pauses = [pause_after(n) for n in range(1, 20)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=1)


def test_a_commit_that_is_made_or_on_its_way_is_not_made_again() -> None:
    others = [("1", "abc", V.FAILED), ("2", "abc", V.BUILDING), ("3", "abc", V.SUCCESS)]
    assert duplicate_of("abc", others) == "3"
    assert duplicate_of("abc", others[:2]) == "2"
    assert duplicate_of("abc", others[:1]) is None
    assert duplicate_of("ab", others) == "3"
    assert duplicate_of("abcd", others) is None
    assert duplicate_of("", [("1", "", V.SUCCESS)]) is None
