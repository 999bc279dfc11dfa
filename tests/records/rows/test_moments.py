"""A moment is read from SQLite as Django reads it."""

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import make_aware
from hypothesis import given
from hypothesis import strategies as st

from slipway.records.rows.database.moments import moment_of


@given(st.datetimes())
def test_a_moment_is_read_as_it_was_written(at: datetime) -> None:
    kept = str(at)
    read = parse_datetime(kept)
    assert read is not None
    assert moment_of(kept.encode()) == make_aware(read, UTC) == at.replace(tzinfo=UTC)
