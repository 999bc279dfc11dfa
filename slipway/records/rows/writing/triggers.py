"""Rules about changes, which constraints cannot say: a change that breaks one is refused."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from django.db.migrations.operations.base import Operation

# SQLite forgets the triggers of a table that a migration rebuilds (most AlterField do): such a
# migration has to end with `refuse` again. The tests of each rule notice when it does not.


Doing = Callable[[Any, Any], None]


class Rule(Operation):
    """Made by statements alone: none of the models of its time is made for it, which takes long."""

    reduces_to_sql = False

    def __init__(self, make: Doing, remove: Doing) -> None:
        self._make, self._remove = make, remove

    def state_forwards(self, app_label: str, state: Any) -> None: ...

    def database_forwards(self, _app: str, editor: Any, _before: Any, _after: Any) -> None:
        self._make(None, editor)

    def database_backwards(self, _app: str, editor: Any, _before: Any, _after: Any) -> None:
        self._remove(None, editor)


def rules_of(package: str, *migrations: str) -> list[Rule]:
    """The rules that these migrations make, for one that stands in their place."""
    modules = [import_module(f"{package}.{name}") for name in migrations]
    made = [operation for module in modules for operation in module.Migration.operations]
    return [operation for operation in made if isinstance(operation, Rule)]


def refuse(
    name: str, *, table: str, on: str, message: str, when: tuple[str, str] = ("", "")
) -> Operation:
    """Refuse `on` (UPDATE, DELETE, UPDATE OR DELETE) of a row of `table`.

    `when`: a condition over OLD and NEW, for SQLite and for PostgreSQL; none: always.
    """
    return Rule(_creates(name, table, on, message, when), drops(name, table))


def _creates(name: str, table: str, on: str, message: str, when: tuple[str, str]) -> Doing:
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


def drops(name: str, table: str) -> Doing:
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

    return Rule(create, drops(name, table))


TAKEN = "and one of that name is there"  # read by `uniqueness.is_taken`


def refuse_removing(
    name: str,
    *,
    table: str,
    message: str,
    keys: tuple[str, ...] = (),
    when: str = "",
    left_out: bool = False,
) -> Operation:
    """Refuse whatever takes a row away: DELETE, TRUNCATE of PostgreSQL, and on SQLite the other row
    that INSERT OR REPLACE and UPDATE OR REPLACE put in its place, whose removal fires no trigger.

    `keys`: the unique columns beside the id, those of one constraint joined by commas; `when`:
    which rows stay, by their columns (ROW.column); none: all. `left_out`: who writes such a row
    says ON CONFLICT DO NOTHING, and it is left out without a word.
    """

    def create(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            statements = _postgresql(name, table, message, when)
        else:
            taken = "IGNORE" if left_out else f"ABORT, '{message}, {TAKEN}'"
            statements = _sqlite(name, table, message, keys, when, taken)
        for statement in statements:
            editor.execute(statement)

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER IF EXISTS {name}_all ON {table}")
        drops(name, table)(apps, editor)

    return Rule(create, drop)


def _postgresql(name: str, table: str, message: str, when: str) -> Iterator[str]:
    raises = f"BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END"
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {raises} $$"
    only = f"WHEN ({_of('OLD', when)})" if when else ""
    yield (
        f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW {only} "
        f"EXECUTE FUNCTION {name}()"
    )
    yield (
        f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION {name}()"
    )


def _sqlite(
    name: str, table: str, message: str, keys: tuple[str, ...], when: str, taken: str
) -> Iterator[str]:
    def one_stays(same: str) -> str:
        stays = f" AND {_of('old_row', when)}" if when else ""
        return f"EXISTS (SELECT 1 FROM {table} old_row WHERE {same}{stays})"

    alike = ["old_row.id = NEW.id"]
    for key in keys:
        alike.append(" AND ".join(f"old_row.{each} = NEW.{each}" for each in key.split(",")))
    there = " OR ".join(one_stays(each) for each in alike)
    yield (
        f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} "
        f"WHEN {there} BEGIN SELECT RAISE({taken}); END"
    )
    others = " OR ".join(one_stays(f"old_row.id <> OLD.id AND {each}") for each in alike)
    named = ", ".join(("id", *keys))
    yield (
        f"CREATE TRIGGER {name}_update BEFORE UPDATE OF {named} ON {table} "
        f"WHEN {others} BEGIN SELECT RAISE({taken}); END"
    )
    only = f"WHEN {_of('OLD', when)}" if when else ""
    yield (
        f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} {only} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _of(row: str, condition: str) -> str:
    return condition.replace("ROW.", f"{row}.")
