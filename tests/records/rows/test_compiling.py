"""PostgreSQL compiles no statement of ours, and is asked so once a connection."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture(autouse=True)
def compiler(is_postgresql: bool) -> None:
    if not is_postgresql:
        pytest.skip("SQLite compiles no statement")


def test_no_statement_is_compiled(transactional_db: None) -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_a_connection_that_is_lent_again_is_not_told_again(transactional_db: None) -> None:
    connection.close()
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            connection.ensure_connection()
            connection.close()
    told = [each["sql"] for each in asked.captured_queries if "jit" in each["sql"]]
    assert len(told) <= 1
