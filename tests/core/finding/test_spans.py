"""Times that are asked for: so long ago, days, minutes of a day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.finding.spans import Span, is_span
from slipway.core.words.durations import LONGEST
from slipway.core.words.refusal import Invalid

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2h..", datetime(2026, 11, 25, 10, 0, tzinfo=UTC), None),
        ("..3d", None, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)),
        ("3d..0", datetime(2026, 11, 22, 12, 0, tzinfo=UTC), NOW),
        (
            "2026-11-24..2026-11-25",
            datetime(2026, 11, 24, tzinfo=UTC),
            datetime(2026, 11, 26, tzinfo=UTC),
        ),
        (
            "2026-11-24T13:30..2026-11-24T14:00",
            datetime(2026, 11, 24, 13, 30, tzinfo=UTC),
            datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
        ),
    ],
)
def test_a_span_is_between_two_moments(
    text: str, since: datetime | None, until: datetime | None
) -> None:
    assert is_span(text)
    assert Span.read(text).between(NOW) == (since, until)


def test_days_are_those_of_the_reader() -> None:
    there = NOW.astimezone(ZoneInfo("Asia/Shanghai"))
    since, until = Span.read("2026-11-24..2026-11-24").between(there)
    assert since == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert until == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["..", "x..", "..2026-13-01", "2026-02-30..", "1969-01-01..", "9999-12-31..", "2h"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is not a time"):
        Span.read(text)


@pytest.mark.parametrize(
    "text", ["2h..3h", "2026-11-25..2026-11-24", "2026-11-25T10:00..2026-11-24"]
)
def test_a_span_that_ends_before_it_begins_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="ends before it begins"):
        Span.read(text)


def test_more_than_ten_years_ago_is_refused() -> None:
    with pytest.raises(Invalid, match="longer than ten years"):
        Span.read("999999999d..")


_ago = st.timedeltas(timedelta(milliseconds=1), LONGEST).map(
    lambda ago: ago - timedelta(microseconds=ago.microseconds % 1000)
)
_days = st.dates(date(1970, 1, 1), date(2999, 12, 31))
_minutes = st.builds(
    datetime.combine, _days, st.builds(time, st.integers(0, 23), st.integers(0, 59))
)
_end = st.one_of(_ago, _days, _minutes)


@given(_end, st.booleans())
def test_a_span_is_written_as_it_is_read(end: timedelta | date, is_first: bool) -> None:
    span = Span(since=end) if is_first else Span(until=end)
    assert Span.read(span.text) == span
    assert any(moment is not None for moment in span.between(NOW))
