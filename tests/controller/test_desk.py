"""A database that is away is waited for; an error of ours is not taken for that."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from operator import or_
from pathlib import Path

import psycopg
import pytest
from django.db import Error, OperationalError, connection
from django.db.models import Q

from slipway.records.fleet.models import Host
from slipway.records.rows.database.outages import is_away
from tests.controller.company import desk

pytestmark = pytest.mark.django_db(transaction=True)


def at_the_desk(work: Callable[[], object], patience: float = 30) -> object:
    async def run() -> object:
        with desk() as own:
            return await own.run(work, patience=timedelta(seconds=patience))

    return asyncio.run(run())


def an_or_of_a_thousand() -> object:
    return list(Host.objects.filter(reduce(or_, (Q(pk=n, port=n) for n in range(2000)))))


def more_parameters_than_there_may_be() -> object:
    return list(Host.objects.filter(pk__in=list(range(300_000))))


def a_table_that_is_not_there() -> object:
    with connection.cursor() as cursor:
        return cursor.execute("SELECT 1 FROM nothing_of_that_name")


@pytest.mark.parametrize(
    "work", [an_or_of_a_thousand, more_parameters_than_there_may_be, a_table_that_is_not_there]
)
def test_a_statement_that_cannot_be_is_told_at_once(work: Callable[[], object]) -> None:
    began = time.monotonic()
    if connection.vendor == "postgresql" and work is not a_table_that_is_not_there:
        at_the_desk(work, patience=120)  # it takes nearly everything
    else:
        with pytest.raises(Error) as caught:
            at_the_desk(work, patience=120)
        assert not is_away(caught.value)
    assert time.monotonic() - began < 60


def test_a_database_that_is_away_for_a_moment_is_waited_for() -> None:
    asked: list[int] = []

    def work() -> str:
        asked.append(1)
        if len(asked) < 3:
            raise OperationalError("lost") from psycopg.OperationalError("the connection is lost")
        return "done"

    assert at_the_desk(work) == "done"


def raised_by(act: Callable[[], object]) -> OperationalError:
    try:
        act()
    except (sqlite3.Error, psycopg.Error) as cause:
        error = OperationalError(str(cause))
        error.__cause__ = cause
        return error
    raise AssertionError("nothing was raised")


def test_a_locked_or_missing_file_is_an_outage(tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite3"
    one, other = (sqlite3.connect(path, timeout=0, isolation_level=None) for _ in range(2))
    one.execute("CREATE TABLE things (id)")
    one.execute("BEGIN EXCLUSIVE")
    assert is_away(raised_by(lambda: other.execute("BEGIN IMMEDIATE")))
    assert is_away(raised_by(lambda: sqlite3.connect(tmp_path / "no" / "data").execute("SELECT 1")))
    one.execute("ROLLBACK")
    assert not is_away(raised_by(lambda: one.execute("SELECT nonsense")))
    one.close()
    other.close()


def test_a_server_that_is_not_there_is_an_outage() -> None:
    assert is_away(raised_by(lambda: psycopg.connect("host=127.0.0.1 port=1 connect_timeout=2")))


@pytest.mark.parametrize(
    ("state", "away"),
    [
        ("57P01", True), ("57P03", True), ("08006", True), ("53300", True), ("40P01", True),
        ("25006", True), ("54001", False), ("53100", False), ("57014", False), ("22003", False),
    ],
)  # fmt: skip
def test_what_the_server_says_tells_outages_from_our_errors(state: str, away: bool) -> None:
    class Said(psycopg.OperationalError):
        sqlstate = state

    def say() -> None:
        raise Said

    assert is_away(raised_by(say)) is away
