"""Durations: what people write is what is meant."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.words.durations import LONGEST, format_duration, parse_duration
from slipway.core.words.refusal import Invalid


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2d", timedelta(days=2)),
        ("500ms", timedelta(milliseconds=500)),
        ("1m500ms", timedelta(minutes=1, milliseconds=500)),
        ("90m", timedelta(hours=1, minutes=30)),
        (" 10s ", timedelta(seconds=10)),
        ("0", timedelta(0)),
        ("0s", timedelta(0)),
    ],
)
def test_reads_what_people_write(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "30", "s", "-5s", "1.5s", "5 m", "5M", "30m1h", "1h1h", "1week", "٣s", "1e3s", "5s\n5s"],
)
def test_refuses_what_could_mean_two_things(text: str) -> None:
    with pytest.raises(Invalid, match="is not a duration"):
        parse_duration(text)


def test_refuses_a_duration_nobody_means() -> None:
    with pytest.raises(Invalid, match="longer than ten years"):
        parse_duration("999999999d")


@given(st.integers(0, int(LONGEST.total_seconds()) * 1000))
def test_what_is_written_is_read_back(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(duration)) == duration


def test_a_negative_duration_is_never_written() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_duration(timedelta(seconds=-1))
