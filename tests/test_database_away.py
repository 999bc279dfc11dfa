"""A server command whose database is away says so, and what to do about it."""

import pytest
from django.db import DataError, OperationalError

from slipway.project import commands


def test_it_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise OperationalError("connection refused\nIs the server running?")

    assert commands._or_refused(fail) == 2
    told = capsys.readouterr().err
    assert told.startswith("The database does not answer: connection refused\n")
    assert "SLIPWAY_DATABASE_URL" in told


def test_what_nobody_foresaw_is_told_whole() -> None:
    def fail() -> int:
        raise DataError("out of range")

    with pytest.raises(DataError):
        commands._or_refused(fail)
