"""An error of ours is never taken for an outage: only a database that is away is 503."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.interfaces.people import Person

MISTAKE = sqlite3.OperationalError("too many SQL variables")
MISTAKE.sqlite_errorcode = sqlite3.SQLITE_ERROR
AWAY = psycopg.OperationalError("the connection is lost")


@contextmanager
def every_query_raises(cause: Exception, only: str = "") -> Iterator[None]:
    """`only`: a word of the statements that are meant; all, if none is given."""

    def refuse(execute, sql, *rest):  # type: ignore[no-untyped-def]
        if only not in sql:
            return execute(sql, *rest)
        raise OperationalError(str(cause)) from cause

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize(
    ("cause", "status", "code"), [(MISTAKE, 500, "broken"), (AWAY, 503, "database_away")]
)
@pytest.mark.parametrize("only", ["", "catalog_"])
def test_the_api_tells_them_apart_at_the_door_and_behind_it(
    root: Person,
    cause: Exception,
    status: int,
    code: str,
    only: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with every_query_raises(cause, only):
        answer = root.get("/services")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    told = [each for each in caplog.records if each.levelno >= logging.ERROR and each.exc_info]
    assert bool(told) is (status == 500)


@pytest.mark.parametrize(
    ("cause", "status", "code"), [(MISTAKE, 500, "broken"), (AWAY, 503, "database_away")]
)
def test_a_webhook_tells_them_apart(db: None, cause: Exception, status: int, code: str) -> None:
    with every_query_raises(cause):
        answer = Client().post(
            "/hooks/gitlab", "{}", "application/json", headers={"X-Gitlab-Token": "x"}
        )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
