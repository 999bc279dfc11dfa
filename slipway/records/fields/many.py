"""Changing many rows, each in its own way."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connections, router
from django.db.models import Field, Model

Values = Mapping[str, object]


def update_each(model: type[Model], changes: Iterable[tuple[Values, Values]]) -> None:
    """Set fields of the rows that are as said: pairs of (what they are, what they become), all of
    the same fields; a condition of None is that nothing is there yet.

    One statement, run for each of them. Django's bulk_update makes a CASE for each value instead
    and its update one query for each row: for 250 rows those take 0.2 s, this 5 ms.
    """
    pairs = list(changes)
    if not pairs:
        return
    connection = connections[router.db_for_write(model)]
    quoted = connection.ops.quote_name

    def field(name: str) -> "Field[Any, Any]":
        found = model._meta.get_field(name)
        assert isinstance(found, Field)
        return found

    def column(name: str) -> str:
        return quoted(str(field(name).column))

    def stored(name: str, value: object) -> Any:
        return field(name).get_db_prep_save(value, connection)

    are, become = pairs[0]
    assignments = ", ".join(f"{column(name)} = %s" for name in become)
    conditions = " AND ".join(
        f"{column(name)} IS NULL" if value is None else f"{column(name)} = %s"
        for name, value in are.items()
    )
    rows = [
        [stored(name, value) for name, value in become.items()]
        + [stored(name, value) for name, value in are.items() if value is not None]
        for are, become in pairs
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quoted(model._meta.db_table)} SET {assignments} WHERE {conditions}", rows
        )
