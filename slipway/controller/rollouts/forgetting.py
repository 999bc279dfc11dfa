"""At the end of a rollout its hosts forget the tickets whose results are written down."""

import asyncio
from collections.abc import Mapping
from functools import partial

from slipway.controller.worker.desk import Desk
from slipway.core.hosts.access import HostAccess
from slipway.ports import Hosts
from slipway.records.rollouts.run.finished import list_finished_tickets
from slipway.records.rollouts.run.loading import Loaded

FORGET_WITHIN = 20  # seconds that a host has to forget tickets


async def forget_tickets(
    desk: Desk, hosts: Hosts, loaded: Loaded, accesses: Mapping[str, HostAccess]
) -> None:
    """Ask all hosts at once, and wait for none longer than for the others."""
    tickets = await desk.run(partial(list_finished_tickets, loaded.value.number))
    places = {row.id: place for place, row in loaded.rows.items()}

    async def forget(target_id: int, told: tuple[str, ...]) -> None:
        access = accesses[loaded.places[places[target_id]].host]
        async with asyncio.timeout(FORGET_WITHIN):
            await hosts.forget(access, told)

    asked = (forget(target_id, told) for target_id, told in tickets.items())
    await asyncio.gather(*asked, return_exceptions=True)
