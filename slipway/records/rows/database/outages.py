"""Whether an error of the database means that it is away, or that we asked for what cannot be."""

import sqlite3

from django.db import InterfaceError, OperationalError

# SQLite: busy, locked, input or output, its file cannot be opened, a race over its lock.
_AWAY_IN_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
_PRIMARY = 0xFF  # the rest of an extended code says why
# PostgreSQL, by class and by code: connection, shutting down, too many clients, no longer the
# primary; and what a transaction that waited for another may meet.
_AWAY_BY_CLASS = ("08", "57P")
_AWAY_BY_CODE = ("53300", "25006", "40001", "40P01", "55P03")


def is_away(error: BaseException) -> bool:
    """Return whether to wait and ask again may help. A statement that is too large, say, is an
    error of ours: it is the same however often it is asked."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & _PRIMARY in _AWAY_IN_SQLITE
    state = getattr(cause, "sqlstate", None)
    # Without a code it does not come from the server: there is none, or it was lost.
    return state is None or state.startswith(_AWAY_BY_CLASS) or state in _AWAY_BY_CODE
