"""Follows up on hosts: reachable or not, and what runs there against what should."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from slipway.controller.worker import clock
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.round import Round
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import SeenInstance
from slipway.core.words.refusal import Refused
from slipway.ports import Hosts, HostUnreachable, OursAtFault
from slipway.records.fleet import due
from slipway.records.fleet.due import DueHost
from slipway.records.fleet.operations.looks import HostLook, record_looks
from slipway.records.rows.database.outages import is_away

LOOK_EVERY = timedelta(seconds=60)  # at each host
AT_ONCE = 200  # hosts in a round: one transaction
PAUSE = 10.0  # seconds between rounds
SHORT_PAUSE = 2.0  # where more were due than one round takes
# Seconds for one look; the adapter has bounds of its own, so this is for what nobody foresaw.
LONGEST_LOOK = 60.0
SLOW = 2.0  # seconds after which a look does not count among those at once

log = structlog.get_logger()


class Observer:
    """Looks at every host about once a minute, the longest unseen first, and writes down what it
    sees. It changes nothing: drift is shown, and a person decides. Each host is on its own: one
    that hangs is waited for beside the rounds."""

    def __init__(self, *, desk: Desk, hosts: Hosts, longest: float = LONGEST_LOOK) -> None:
        self._desk = desk
        self._hosts = hosts
        self._longest = longest
        self._looks: dict[int, tuple[float, asyncio.Task[None]]] = {}  # since when, by host
        self._found: list[HostLook] = []
        self._pause = PAUSE

    async def run(self) -> None:
        """Observe until cancelled."""
        try:
            await Round(self._look_on, "observation_failed", lambda: self._pause).run()
        finally:
            for _, task in self._looks.values():
                task.cancel()

    async def _look_on(self) -> None:
        self._pause = PAUSE
        if await self.look_once() >= AT_ONCE:
            self._pause = SHORT_PAUSE

    async def look_once(self) -> int:
        """Write down what was found since the last round, and begin the looks that are due, as far
        as there is room; returns how many."""
        await self._write()
        loop = asyncio.get_running_loop()
        began = loop.time()
        room = AT_ONCE - sum(since > began - SLOW for since, _ in self._looks.values())
        now = clock.now()
        limit = AT_ONCE + len(self._looks)
        hosts = await self._desk.run(partial(due.list_due, now, LOOK_EVERY, limit))
        fresh = [host for host in hosts if host.id not in self._looks][: max(room, 0)]
        for host in fresh:
            self._looks[host.id] = began, loop.create_task(self._look(host, now))
        return len(fresh)

    async def settle(self) -> None:
        """Wait for the looks that were begun, and write them down."""
        await asyncio.gather(*(task for _, task in self._looks.values()))
        await self._write()

    async def _write(self) -> None:
        found, self._found = self._found, []
        if not found:
            return
        error = await self._record(found)
        if error is not None and not is_away(error):
            # One of them may be what cannot be written: no other is to go unseen for it. A database
            # that is away takes none of them, however they are handed in.
            for look in found:
                await self._record([look])
        for look in found:
            self._looks.pop(look.host_id, None)

    async def _record(self, looks: list[HostLook]) -> Exception | None:
        """Write looks down; return what kept them from it. They are due again in a minute."""
        try:
            await self._desk.run(partial(record_looks, looks=looks, now=clock.now()))
        except Exception as error:
            log.exception("looks_not_written", hosts=len(looks))
            return error
        return None

    async def _look(self, host: DueHost, asked_at: datetime) -> None:
        problem: Refused | None = None
        seen: dict[int, tuple[SeenInstance, ...]] = {}
        facts: HostFacts | None = None
        try:
            async with asyncio.timeout(self._longest):
                if host.services:
                    names = [service for _, service in host.services]
                    found = await self._hosts.survey(host.access, names)
                    seen = {number: found[service] for number, service in host.services}
                else:
                    facts = await self._hosts.check(host.access)
        except TimeoutError:
            problem = HostUnreachable("{host} did not end a look.", host=host.access.name)
        except Refused as refused:
            problem = refused
        except Exception as error:
            log.exception("look_failed", host=host.access.name)
            problem = OursAtFault(
                "A look at {host} failed inside Slipway: {reason}.",
                hint="Read the worker's log.",
                host=host.access.name,
                reason=type(error).__name__,
            )
        self._found.append(HostLook(host.id, asked_at, problem, seen, facts))
