"""The port Hosts over AsyncSSH."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from slipway.adapters.ssh.answers.answers import facts, stale_in
from slipway.adapters.ssh.answers.bounds import Garbled
from slipway.adapters.ssh.answers.looks import observation, surveyed
from slipway.adapters.ssh.calls import HostCalls
from slipway.adapters.ssh.connections.connections import MANY, Connections
from slipway.adapters.ssh.errors import HostSilent, garbled, ours, stale
from slipway.adapters.ssh.following.followers import MOST_OUTPUT, Follower
from slipway.adapters.ssh.packages import send_package
from slipway.adapters.ssh.requests.program import is_plain
from slipway.adapters.ssh.requests.requests import look_request, tickets_request
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import Asked, Observation, SeenInstance, TicketResult
from slipway.core.release.steps import Chain, PackageRef
from slipway.ports import HostDenied, HostTrouble, HostUnreachable, OnOutput, OnResult, OnSeen

SERVICES_AT_ONCE = 8  # in a question: each has its time, and its room in the answer
MOST_USERS = 50  # that a host is asked about in a check
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds between attempts to come back


class SshHosts:
    """Belongs to the event loop it is first used in.

    A question and its answer take `question_timeout` at most, behind a connection that takes
    `connect_timeout` at most. `perform` has no such end: who is silent for `heartbeat` is looked at
    beside it, and of what a step prints while it runs `most_output` bytes are listened to.
    `patience` bounds how long it tries to come back to a host that it has lost.
    """

    def __init__(
        self,
        *,
        patience: timedelta = timedelta(seconds=10),
        connect_timeout: timedelta = timedelta(seconds=10),
        keep_alive: timedelta = timedelta(seconds=4),
        question_timeout: timedelta = timedelta(seconds=20),
        heartbeat: timedelta = timedelta(seconds=10),
        connections: int = MANY,
        most_output: int = MOST_OUTPUT,
    ) -> None:
        self._patience = patience.total_seconds()
        self._heartbeat = heartbeat.total_seconds()
        self._most_output = most_output
        self._followed = 0  # chains
        self._connections = Connections(
            connect_timeout=connect_timeout, keep_alive=keep_alive, at_most=connections
        )
        self._calls = HostCalls(self._connections, within=question_timeout)

    async def learn_key(self, access: HostAccess) -> str:
        with ours(access):
            return await self._connections.learn_key(access)

    async def reach(self, access: HostAccess) -> None:
        with ours(access):
            await self._calls.reach(access)

    async def check(self, access: HostAccess, users: Sequence[str] = ()) -> HostFacts:
        asked = [user for user in users if is_plain(user)][:MOST_USERS]
        with ours(access):
            lines = await self._calls.look(access, "facts", *asked)
            try:
                found = facts(lines)
            except Garbled as error:
                raise garbled(access, error) from error
            has_two = await self._calls.has_two_sessions(access)
            return replace(found, single_session=not has_two)

    async def observe(
        self, access: HostAccess, service: str, *, asked: tuple[Asked, ...] = ()
    ) -> Observation:
        with ours(access):
            if asked:
                lines = await self._calls.look(access, "look", service, data=look_request(asked))
            else:
                lines = await self._calls.look(access, "observe", service)
            try:
                if late := next(filter(None, map(stale_in, lines)), None):
                    raise stale(access, service, late)
                return observation(lines, asked)
            except Garbled as error:
                raise garbled(access, error) from error

    async def survey(
        self, access: HostAccess, services: Sequence[str]
    ) -> dict[str, tuple[SeenInstance, ...]]:
        found: dict[str, tuple[SeenInstance, ...]] = {}
        with ours(access):
            for first in range(0, len(services), SERVICES_AT_ONCE):
                some = services[first : first + SERVICES_AT_ONCE]
                lines = await self._calls.look(access, "observe", *some)
                try:
                    found |= surveyed(lines, some)
                except Garbled as error:
                    raise garbled(access, error) from error
        return found

    async def send_package(
        self, access: HostAccess, service: str, package: PackageRef, source: Path
    ) -> int:
        with ours(access):
            link = self._connections.link(access)
            was_open = link.is_open
            try:
                return await send_package(self._calls, link, service, package, source)
            except HostSilent:
                raise
            except HostUnreachable:
                if not was_open:
                    raise
            return await send_package(self._calls, link, service, package, source)

    async def perform(
        self,
        access: HostAccess,
        chain: Chain,
        *,
        on_result: OnResult,
        on_output: OnOutput | None = None,
        on_seen: OnSeen | None = None,
    ) -> tuple[TicketResult, ...]:
        if not chain.tickets:
            return ()
        follower: Follower | None = None
        self._followed += 1
        try:
            with ours(access):
                link = self._connections.link(access)
                follower = Follower(
                    *(self._calls, link, chain, on_result, on_output, on_seen),
                    beat=self._heartbeat,
                    most=self._most_output,
                    crowd=lambda: self._followed,
                )
                return await self._follow(follower)
        except HostTrouble as trouble:
            trouble.sent = follower is not None and follower.sent
            raise
        finally:
            self._followed -= 1

    async def _follow(self, follower: Follower) -> tuple[TicketResult, ...]:
        """Follow to the end, over as many connections as it takes."""
        clock = asyncio.get_running_loop()
        lost_at, attempt = None, 0
        while True:
            heard = follower.news
            try:
                return await follower.follow()
            except HostSilent:
                raise
            except (HostUnreachable, HostDenied) as trouble:
                # A host that is shutting down, or whose directory is away, lets nobody in.
                if isinstance(trouble, HostDenied) and not follower.sent:
                    raise
                # Hearing anything new is progress: patience begins anew.
                if lost_at is None or follower.news > heard:
                    lost_at, attempt = clock.time(), 0
                if clock.time() - lost_at >= self._patience:
                    raise
            attempt += 1
            await asyncio.sleep(_pause(attempt))

    async def forget(self, access: HostAccess, tickets: tuple[str, ...]) -> None:
        if tickets:
            with ours(access):
                await self._calls.tell(access, "forget", tickets_request(tickets))

    async def close(self) -> None:
        await self._connections.close()


def _pause(attempt: int) -> float:
    """Return seconds: longer each time, and never the same for all hosts of a rack."""
    longest = min(SHORTEST_PAUSE * 2**attempt, LONGEST_PAUSE)
    return random.uniform(SHORTEST_PAUSE, longest)
