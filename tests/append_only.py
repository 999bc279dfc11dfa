"""Empties the test database although its own rules forbid to remove anything.

Between tests that commit, Django removes all rows: on PostgreSQL by TRUNCATE, which no row trigger
hears; on SQLite by DELETE, which the triggers refuse. So there they are away for that moment.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper


@contextmanager
def triggers_away(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take all triggers away and put them back, in one transaction."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in triggers:
            cursor.execute(sql.replace("%", "%%"), ())


@pytest.fixture(scope="session", autouse=True)
def _empties_in_spite_of_the_rules() -> Iterator[None]:
    operations = DatabaseWrapper.ops_class
    flush = operations.execute_sql_flush

    def execute_sql_flush(self: Any, sql_list: Sequence[str]) -> None:
        with triggers_away(self.connection):
            flush(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", execute_sql_flush)
        yield
