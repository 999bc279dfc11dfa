"""Says when to look again at running rollouts."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from slipway.records.rows.hearing.listening import postgres_parameters, sqlite_name
from slipway.records.rows.hearing.writes import UNHEARD, counted, notified

LOG = logging.getLogger("slipway.live")
CHANNEL = "slipway_rollouts"
EVERY_ROLLOUT = 0  # look at all of them: the bell does not know which one it was
AGAIN_AFTER = 1.0  # seconds


class Doorbell(Protocol):
    def rings(self) -> AsyncIterator[int]:
        """Yield the id of each rollout that changed, or EVERY_ROLLOUT; never ends by itself."""


class DatabaseDoorbell:
    """`database`: the name of SQLite's file, or what it takes to connect to PostgreSQL."""

    def __init__(self, database: str | Mapping[str, Any]) -> None:
        self._database = database

    async def rings(self) -> AsyncIterator[int]:
        while True:
            try:
                if isinstance(self._database, str):
                    async for changed in counted(self._database):
                        if changed:
                            yield EVERY_ROLLOUT
                else:
                    async for told in notified(self._database, CHANNEL):
                        yield int(told) if told.isdigit() else EVERY_ROLLOUT
            except UNHEARD as error:
                LOG.warning("live state does not hear its database, and tries again: %s", error)
            await asyncio.sleep(AGAIN_AFTER)


def doorbell() -> Doorbell:
    """Return the bell of the database that Django uses."""
    name = sqlite_name()
    return DatabaseDoorbell(postgres_parameters() if name is None else name)
