"""Moments as SQLite keeps them, which has no type for them: a page reads thousands."""

import sqlite3
from datetime import datetime

from django.db.backends.base.base import BaseDatabaseWrapper


def read_moments(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """Receive Django's `connection_created`. Django makes a moment without a zone of each, which it
    gives one afterwards, in several times the time."""
    if connection.vendor == "sqlite":
        sqlite3.register_converter("datetime", moment_of)


def moment_of(kept: bytes) -> datetime:
    """Return the moment that stands in a column: in UTC, as all of ours are kept."""
    return datetime.fromisoformat(f"{kept.decode()}+00:00")
