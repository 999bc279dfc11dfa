"""Says that somebody has written to the database, where that can be known for nearly nothing."""

import asyncio
import sqlite3

from django.db import connections

ASK_EVERY = 0.015  # seconds; SQLite answers in a hundredth of a millisecond


class Bell:
    """SQLite counts the changes that others make; elsewhere nothing rings, and time passes."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._seen = -1

    async def wait(self, longest: float) -> None:
        """Return when something was written since the last time, at the latest after `longest`
        seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + longest
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(ASK_EVERY, left))
            if self._has_rung():
                return

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _has_rung(self) -> bool:
        database = connections["default"]
        if database.vendor != "sqlite":
            return False
        try:
            if self._connection is None:
                name = str(database.settings_dict["NAME"])
                self._connection = sqlite3.connect(name, uri=name.startswith("file:"))
            version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return False  # then it is looked when the time has come
        before, self._seen = self._seen, version
        return version != before
