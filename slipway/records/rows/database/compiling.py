"""PostgreSQL is kept from compiling our statements."""

from typing import Any
from weakref import WeakSet

from django.db.backends.base.base import BaseDatabaseWrapper

_told: WeakSet[Any] = WeakSet()  # connections as the driver has them: a pool lends them again


def never_compile(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """Receive Django's `connection_created`. A statement that takes 20 ms is not made faster by
    compiling it for 200. It is said by a statement: a pooler in between, as PgBouncer is, takes no
    option of a start that it does not know."""
    if connection.vendor != "postgresql" or connection.connection in _told:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET jit TO off")
    _told.add(connection.connection)
