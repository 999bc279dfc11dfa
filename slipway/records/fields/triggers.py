"""Rules about changes, which constraints cannot say: a change that breaks one is refused."""

from collections.abc import Callable
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.special import RunPython

# SQLite forgets the triggers of a table that a migration rebuilds (most AlterField do): such a
# migration has to end with `refuse` again. The tests of each rule notice when it does not.


def refuse(
    name: str, *, table: str, on: str, message: str, when: tuple[str, str] = ("", "")
) -> Operation:
    """Refuse `on` (UPDATE, DELETE, UPDATE OR DELETE) of a row of `table`.

    `when`: a condition over OLD and NEW, for SQLite and for PostgreSQL; none: always.
    """
    return RunPython(
        _creates(name, table, on, message, when), drops(name, table), hints={"trigger": name}
    )


def _creates(
    name: str, table: str, on: str, message: str, when: tuple[str, str]
) -> Callable[[Any, Any], None]:
    def create(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END $$"
            )
            condition = f"WHEN ({when[1]})" if when[1] else ""
            editor.execute(
                f"CREATE TRIGGER {name} BEFORE {on} ON {table} FOR EACH ROW {condition} "
                f"EXECUTE FUNCTION {name}()"
            )
            return
        condition = f"WHEN {when[0]}" if when[0] else ""
        for event in on.split(" OR "):
            editor.execute(
                f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table} {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )

    return create


def drops(name: str, table: str) -> Callable[[Any, Any], None]:
    def drop(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            editor.execute(f"DROP FUNCTION IF EXISTS {name}()")
            return
        for event in ("insert", "update", "delete"):
            editor.execute(f"DROP TRIGGER IF EXISTS {name}_{event}")

    return drop


def refuse_replacing(name: str, *, table: str, message: str) -> Operation:
    """Refuse what changes rows past the triggers on UPDATE and DELETE: INSERT OR REPLACE of
    SQLite, whose removal fires none, and TRUNCATE of PostgreSQL."""

    def create(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END $$"
            )
            editor.execute(
                f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
                f"EXECUTE FUNCTION {name}()"
            )
            return
        editor.execute(
            f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    return RunPython(create, drops(name, table), hints={"trigger": name})
