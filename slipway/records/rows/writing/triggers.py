"""Rules about changes, which constraints cannot say: a change that breaks one is refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    only = f"WHEN {when[0]}" if when[0] else ""
    condition = f"WHEN ({when[1]})" if when[1] else ""
    make = _does(
        sqlite=[
            f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table} {only} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for event in on.split(" OR ")
        ],
        postgresql=_raises(name, message, {name: f"{on} ON {table} FOR EACH ROW {condition}"}),
    )
    return Rule(make, drops(name, table))


def refuse_replacing(name: str, *, table: str, message: str) -> Operation:
    """Refuse what changes rows past the triggers on UPDATE and DELETE: INSERT OR REPLACE of
    SQLite, whose removal fires none, and TRUNCATE of PostgreSQL."""
    make = _does(
        sqlite=[
            f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ],
        postgresql=_raises(name, message, {name: f"TRUNCATE ON {table} FOR EACH STATEMENT"}),
    )
    return Rule(make, drops(name, table))


def drops(name: str, table: str, *others: str) -> Doing:
    """Drop what one of these has made, and its `others` on PostgreSQL."""
    return _does(
        sqlite=[f"DROP TRIGGER IF EXISTS {name}_{on}" for on in ("insert", "update", "delete")],
        postgresql=[
            *(f"DROP TRIGGER IF EXISTS {each} ON {table}" for each in (*others, name)),
            f"DROP FUNCTION IF EXISTS {name}()",
        ],
    )


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

    taken = "IGNORE" if left_out else f"ABORT, '{message}, {TAKEN}'"
    only = f"WHEN ({_of('OLD', when)})" if when else ""
    every = f"{name}_all"
    triggers = {
        name: f"DELETE ON {table} FOR EACH ROW {only}",
        every: f"TRUNCATE ON {table} FOR EACH STATEMENT",
    }
    make = _does(
        sqlite=list(_sqlite(name, table, message, keys, when, taken)),
        postgresql=_raises(name, message, triggers),
    )
    return Rule(make, drops(name, table, every))


def _does(sqlite: Sequence[str], postgresql: Sequence[str]) -> Doing:
    def do(_apps: Any, editor: Any) -> None:
        for statement in postgresql if editor.connection.vendor == "postgresql" else sqlite:
            editor.execute(statement)

    return do


def _raises(name: str, message: str, triggers: Mapping[str, str]) -> list[str]:
    """Return the statements of PostgreSQL: one function, and what calls it before which event."""
    raises = f"BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {raises} $$",
        *(
            f"CREATE TRIGGER {trigger} BEFORE {event} EXECUTE FUNCTION {name}()"
            for trigger, event in triggers.items()
        ),
    ]


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
