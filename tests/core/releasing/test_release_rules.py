"""Which new version is released by a rule: the newest of the right ref, and never a step back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.builds.settings import matches
from slipway.core.releasing.rules import (
    LONGEST_PAUSE,
    MadeVersion,
    RuleState,
    check_refs,
    choose,
    literal_start,
    pause_after,
)
from slipway.core.words.refusal import Invalid

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def made(minute: int, ref: str = "main", number: int | None = None) -> MadeVersion:
    return MadeVersion(NOON + timedelta(minutes=minute), number or minute, ref)


def rule(*refs: str, last: int | None = None, running: tuple[int, ...] = ()) -> RuleState:
    return RuleState(
        refs=refs or ("main",),
        since=NOON,
        last=None if last is None else made(last),
        running=tuple(made(minute) for minute in running),
    )


@pytest.mark.parametrize(
    ("state", "versions", "chosen"),
    [
        (rule(), [], None),
        (rule(), [made(1), made(2)], made(2)),
        (rule(), [made(2), made(1)], made(2)),  # whatever their order
        (rule(), [made(1), made(2, "feature/x")], made(1)),
        (rule("release/*"), [made(1), made(2, "release/2.0")], made(2, "release/2.0")),
        (rule("v1.?", "main"), [made(1, "v1.2")], made(1, "v1.2")),
        (rule("Main"), [made(1)], None),  # upper and lower case differ
        (rule(), [made(0), made(-5)], None),  # made before the rule held
        (rule(last=2), [made(1), made(2)], None),
        (rule(last=2), [made(2), made(3)], made(3)),
        (rule(running=(1,)), [made(2)], made(2)),
        (rule(running=(3,)), [made(2)], None),  # a late success of an older commit
        (rule(running=(1, 3)), [made(2)], None),
        (rule(running=(2,)), [made(2)], None),  # it runs already
        (rule(), [made(1, number=7), made(1, number=8)], made(1, number=8)),
        # Version 1 was made of another ref, and its commit came to main at minute 3.
        (rule(), [made(1, "x"), made(2), made(3, number=1)], made(3, number=1)),
        (rule(running=(2,)), [made(1, "x"), made(3, number=1)], made(3, number=1)),
        (rule(running=(1,)), [made(1, "x"), made(3, number=1)], None),  # it runs
        (rule(last=1), [made(1, "x"), made(2), made(3, number=1)], None),  # 2 would be a step back
    ],
)
def test_chooses_from_the_picture(
    state: RuleState, versions: list[MadeVersion], chosen: MadeVersion | None
) -> None:
    assert choose(state, versions) == chosen


minutes = st.integers(-3, 12)
refs = st.sampled_from(["main", "release/1", "feature/x"])
some_versions = st.lists(st.builds(made, minutes, refs, st.integers(1, 50)), max_size=8)
states = st.builds(
    RuleState,
    refs=st.lists(st.sampled_from(["main", "release/*", "*"]), min_size=1).map(tuple),
    since=st.just(NOON),
    last=st.none() | st.builds(made, minutes),
    running=st.lists(st.builds(made, minutes), max_size=3).map(tuple),
)


@given(states, some_versions)
def test_never_goes_back_and_never_takes_what_it_is_not_about(
    state: RuleState, versions: list[MadeVersion]
) -> None:
    chosen = choose(state, versions)
    if chosen is None:
        return
    assert chosen in versions
    assert matches(chosen.ref, state.refs)
    assert chosen.created_at > state.since
    assert all(chosen.is_newer_than(each) for each in state.running)
    assert state.last is None or chosen.is_newer_than(state.last)


@given(states, some_versions)
def test_what_was_chosen_is_not_chosen_again(state: RuleState, versions: list[MadeVersion]) -> None:
    chosen = choose(state, versions)
    if chosen is not None:
        after = RuleState(state.refs, state.since, chosen, state.running)
        assert choose(after, versions) is None


def test_tries_again_less_and_less_often_up_to_once_a_minute() -> None:
    pauses = [pause_after(attempts).total_seconds() for attempts in range(1, 7)]
    assert pauses == [10, 20, 40, 60, 60, 60]
    assert pause_after(10_000) == LONGEST_PAUSE


@pytest.mark.parametrize("refs", [[], [""], ["x" * 256], ["main"] * 65])
def test_refuses_refs_that_cannot_be_meant(refs: list[str]) -> None:
    with pytest.raises(Invalid):
        check_refs(refs)


def test_keeps_each_pattern_once() -> None:
    assert check_refs(["main", "release/*", "main"]) == ("main", "release/*")


@given(
    st.text("ab/*?[]!-", min_size=1, max_size=8),
    st.text("ab/-", min_size=1, max_size=8),
)
def test_what_fits_a_pattern_begins_as_it_does(pattern: str, ref: str) -> None:
    start = literal_start(pattern)
    if start == pattern:
        assert matches(ref, [pattern]) == (ref == pattern)
    elif matches(ref, [pattern]):
        assert ref.startswith(start)
