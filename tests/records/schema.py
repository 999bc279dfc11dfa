"""The schema of another time, the models of that time, and what a schema is."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests.postgresql import make_database

SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
POSTGRESQL = (
    "SELECT table_name, column_name, udt_name, character_maximum_length, is_nullable,"
    " column_default, is_identity FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)


class _StepByStep(MigrationLoader):
    """As an installation has gone that was there before: nothing stands for several steps."""

    def load_disk(self) -> None:
        super().load_disk()
        found = self.disk_migrations.items()
        self.disk_migrations = {key: step for key, step in found if not step.replaces}


def migrate(targets: list[tuple[str, str]]) -> Any:
    """Bring the database there, step by step; returns the models of that time."""
    executor = MigrationExecutor(connection)
    executor.loader = _StepByStep(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def newest() -> list[tuple[str, str]]:
    return list(_StepByStep(connection).graph.leaf_nodes())


@contextmanager
def empty_database(folder: Path) -> Iterator[None]:
    """Be on a database of the same kind that has no table."""
    settings = connection.settings_dict
    before = settings["NAME"]
    if connection.vendor == "postgresql":
        other = f"empty_{secrets.token_hex(6)}"
        make_database(os.environ["SLIPWAY_DATABASE_URL"], other)
    else:
        other = str(folder / "empty.sqlite3")
    try:
        _use(other)
        yield
    finally:
        _use(before)


def drawn() -> set[object]:
    """All that the database says of its tables, but for the order of their columns."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return {row for rows in POSTGRESQL for row in _asked(cursor, rows)}
        found = _asked(cursor, SQLITE)
    return {
        (kind, name, *(sorted(_parts(sql)) if kind == "table" else [sql]))
        for kind, name, sql in found
    }


def _asked(cursor: Any, question: str) -> list[Any]:
    cursor.execute(question)
    return list(cursor.fetchall())


def _parts(sql: str) -> list[str]:
    """The columns and constraints of a table."""
    inside = sql[sql.index("(") + 1 : sql.rindex(")")]
    return re.split(r', (?="\w+" [a-z]|CONSTRAINT )', inside)


def _use(database: str | Path) -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = database
