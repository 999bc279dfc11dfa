"""Follows up on hosts: reachable or not, and what runs there against what should."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog

from slipway.controller import clock
from slipway.controller.desk import Desk
from slipway.core.refusal import Refused
from slipway.core.seen import Observation
from slipway.ports import (
    HostAccess,
    Hosts,
)
from slipway.records.fleet import operations, queries

LOOK_EVERY = timedelta(seconds=60)  # at each host
AT_ONCE = 16
PAUSE = 5.0  # seconds between rounds

log = structlog.get_logger()


class _HostToSee(NamedTuple):
    id: int
    access: HostAccess
    services: tuple[tuple[int, str], ...]  # (id, name) of those that have instances there


class Observer:
    """Looks at every host about once a minute, the longest unseen first, and writes down what it
    sees. It changes nothing: drift is shown, and a person decides."""

    def __init__(self, *, desk: Desk, hosts: Hosts) -> None:
        self._desk = desk
        self._hosts = hosts
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Observe until cancelled."""
        while True:
            try:
                await self._round()
            except Exception:
                log.exception("observation_failed")
            await asyncio.sleep(PAUSE)

    async def _round(self) -> None:
        stale = await self._desk.run(_stale)
        await asyncio.gather(*(self._look(host) for host in stale))

    async def _look(self, host: _HostToSee) -> None:
        problem: Refused | None = None
        seen: dict[int, tuple[Observation, datetime]] = {}
        async with self._places:
            try:
                for service_id, service in host.services:
                    # A rollout may end between the question and its answer, and know better.
                    asked_at = clock.now()
                    observation = await self._hosts.observe(host.access, service)
                    seen[service_id] = observation, asked_at
                if not host.services:
                    await self._hosts.check(host.access)
            except Refused as refused:
                problem = refused
        await self._desk.run(partial(_write, host, problem, seen))


def _stale() -> list[_HostToSee]:
    return [
        _HostToSee(
            host.pk,
            queries.get_access(host),
            tuple(dict.fromkeys((one.service_id, one.service.name) for one in instances)),
        )
        for host in queries.stale_hosts(clock.now(), LOOK_EVERY)
        for instances in [host.instances.select_related("service")]
    ]


def _write(
    host: _HostToSee, problem: Refused | None, seen: dict[int, tuple[Observation, datetime]]
) -> None:
    operations.record_host_seen(host_id=host.id, problem=problem, now=clock.now())
    for service_id, (observation, asked_at) in seen.items():
        operations.record_observation(
            host_id=host.id, service_id=service_id, seen=observation.instances, now=asked_at
        )
