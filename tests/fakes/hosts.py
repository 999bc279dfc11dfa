"""Hosts in memory: the port Hosts with tickets, fences and faults, and no machine anywhere.

hosts = FakeHosts()
hosts.at("web-1").unreachable = True
hosts.at("web-2").failing["switch"] = 73      # by step name: exit status
gate = hosts.at("web-3").hold("probe")        # that step waits until gate.set()
hosts.unhealthy.add("1.2")                    # no probe of this version ever succeeds
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import Asked, Observation, SeenInstance, TicketResult
from slipway.core.release.steps import Chain, PackageRef
from slipway.ports import HostIncapable, HostKeyUnknown, HostUnreachable, OnOutput, OnResult, OnSeen
from tests.fakes.machines import FakeMachine, Story


class FakeHosts:
    """`unhealthy` holds versions whose probe fails; `hostile` sha256 of packages to be refused."""

    def __init__(self) -> None:
        self.unhealthy: set[str] = set()
        self.hostile: set[str] = set()
        self._machines: dict[str, FakeMachine] = {}

    def at(self, name: str) -> FakeMachine:
        """Return the machine of that name, to be looked at and broken."""
        if name not in self._machines:
            self._machines[name] = FakeMachine(name, self.unhealthy, self.hostile)
        return self._machines[name]

    async def learn_key(self, access: HostAccess) -> str:
        machine = self.at(access.name)
        if machine.unreachable:
            raise HostUnreachable("{host} does not answer.", host=access.name)
        return machine.host_key

    async def reach(self, access: HostAccess) -> None:
        self._reach(access)

    async def check(self, access: HostAccess, users: Sequence[str] = ()) -> HostFacts:
        machine = self._reach(access)
        return HostFacts(
            os="Debian GNU/Linux 12 (bookworm)",
            arch="x86_64",
            cpus=2,
            memory=2**32,
            disk_total=2**36,
            disk_free=machine.disk_free,
            inodes_free=machine.inodes_free,
            root_writable=not machine.read_only,
            systemd=machine.systemd,
            can_become_root=True,
            tools=machine.tools,
            missing_users=tuple(user for user in users if user in machine.missing_users),
        )

    async def observe(
        self, access: HostAccess, service: str, *, asked: tuple[Asked, ...] = ()
    ) -> Observation:
        machine = self._reach(access)
        for one in asked:
            if one.fence is not None:
                machine.raise_fence(service, one.instance, one.fence)
        found = [instance for of, instance in sorted(machine.instances) if of == service]
        instances = [
            replace(machine.seen(service, instance), drift=machine.drift(service, instance))
            for instance in found
        ]
        questions = {one.instance: one for one in asked}
        answered = tuple(
            machine.answered(seen, questions[seen.instance]) if seen.instance in questions else seen
            for seen in instances
        )
        releases = tuple(
            (version, sha256)
            for (of, version), sha256 in sorted(machine.releases.items())
            if of == service
        )
        return Observation(
            answered,
            releases,
            machine.disk_free,
            machine.inodes_free,
            not machine.read_only,
            machine.boot,
            machine.systemd,
        )

    async def survey(
        self, access: HostAccess, services: Sequence[str]
    ) -> dict[str, tuple[SeenInstance, ...]]:
        return {name: (await self.observe(access, name)).instances for name in services}

    async def send_package(
        self, access: HostAccess, service: str, package: PackageRef, source: Path
    ) -> int:
        machine = self._reach(access)
        sent = (service, package.sha256)
        if sent in machine.incoming or machine.has_release(*sent):
            return 0
        self._refuse_when_full(machine, package.size + package.unpacked_size)
        machine.incoming.add(sent)
        machine.bytes_received += package.size
        return package.size

    async def perform(
        self,
        access: HostAccess,
        chain: Chain,
        *,
        on_result: OnResult,
        on_output: OnOutput | None = None,
        on_seen: OnSeen | None = None,
    ) -> tuple[TicketResult, ...]:
        machine = self._reach(access)
        if not chain.tickets:
            return ()
        self._refuse_when_full(machine, 0)
        broken = machine.broken
        was_over = machine.has_ended(chain)
        story = machine.start(chain)
        async for result in _results(machine, story, broken):
            if on_output is not None and result.output:
                on_output(result.ticket, result.output)
            on_result(result)
        story.task.result()
        if story.overtaken:
            fence = machine.fence(chain.service, chain.instance)
            raise fence.refusal(machine.name, chain.service, chain.fence)
        if story.seen is not None and on_seen is not None and not was_over:
            on_seen(story.seen, machine.boot)
        return tuple(story.results)

    async def forget(self, access: HostAccess, tickets: tuple[str, ...]) -> None:
        machine = self._reach(access)
        for ticket in tickets:
            machine.forget(ticket)

    async def close(self) -> None:
        for machine in self._machines.values():
            await machine.close()

    def _refuse_when_full(self, machine: FakeMachine, needed: int) -> None:
        if machine.read_only:
            raise HostIncapable("{host}: the disk is read-only.", host=machine.name)
        if machine.disk_free <= needed:
            raise HostIncapable("{host}: the disk is full.", host=machine.name)

    def _reach(self, access: HostAccess) -> FakeMachine:
        machine = self.at(access.name)
        if not access.host_key:
            raise HostKeyUnknown("The host key of {host} was never learnt.", host=access.name)
        machine.refuse(access.host_key)
        machine.connections += 1
        return machine


async def _results(
    machine: FakeMachine, story: Story, broken: asyncio.Event
) -> AsyncIterator[TicketResult]:
    """Yield each result as it comes, until the chain is over. Raises HostUnreachable."""
    told = 0
    while True:
        results = story.results[told:]
        told += len(results)
        for result in results:
            yield result
        if story.task.done() and told == len(story.results):
            return
        await _news(story, broken)
        if broken.is_set():
            raise HostUnreachable("{host} was lost before it answered.", host=machine.name)


async def _news(story: Story, broken: asyncio.Event) -> None:
    """Wait for a result, for the chain's end or for the connection to break."""
    lost = asyncio.ensure_future(broken.wait())
    moved = asyncio.ensure_future(story.changed.wait())
    try:
        await asyncio.wait({lost, moved, story.task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        lost.cancel()
        moved.cancel()
    story.changed.clear()
