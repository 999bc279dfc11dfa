"""One machine in memory: what a chain of tickets does on it, step by step."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from slipway.core.hosts.drift_words import Drift
from slipway.core.hosts.seen import Asked, Outcome, Report, SeenInstance, TicketResult
from slipway.core.release.steps import Chain, Fence, HostStep, Probe, Receipt, RunHook, Ticket
from slipway.ports import HostDenied, HostKeyChanged, HostUnreachable
from tests.fakes.fences import Claim, FakeFence
from tests.fakes.instances import FakeInstance
from tests.fakes.steps import carry_out

EVERY_TOOL = ("tar", "gzip", "sha256sum", "flock", "setsid", "find", "zstd", "xz", "python3")


@dataclass(eq=False, slots=True)
class Story:
    """A chain that runs, whoever listens."""

    task: asyncio.Task[None] = field(init=False)
    results: list[TicketResult] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    has_begun: bool = False
    overtaken: bool = False
    probed: tuple[bool, str] | None = None
    seen: SeenInstance | None = None


def _real_time() -> datetime:
    return datetime.now(UTC)


@dataclass(eq=False, slots=True)
class FakeMachine:
    """A machine of another kind overrides `work_on` and `answered`."""

    name: str
    unhealthy: set[str]
    hostile: set[str]
    host_key: str = "ssh-ed25519 AAAAfake"
    unreachable: bool = False
    denied: bool = False
    read_only: bool = False
    disk_free: int = 2**34
    inodes_free: int = 10**6
    tools: tuple[str, ...] = EVERY_TOOL
    systemd: bool = True
    missing_users: set[str] = field(default_factory=set)
    failing: dict[str, int] = field(default_factory=dict)  # exit status, by step name or ticket
    ran: list[str] = field(default_factory=list)  # tickets, in the order their bodies ran
    receipts: list[Receipt] = field(default_factory=list)
    incoming: set[tuple[str, str]] = field(default_factory=set)  # service, sha256
    bytes_received: int = 0
    connections: int = 0
    releases: dict[tuple[str, str], str] = field(default_factory=dict)
    edited: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # files of releases
    instances: dict[tuple[str, str], FakeInstance] = field(default_factory=dict)
    fences: dict[tuple[str, str], FakeFence] = field(default_factory=dict)
    boots: int = 1
    now: Callable[[], datetime] = _real_time
    results: dict[str, TicketResult] = field(default_factory=dict)
    broken: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: set[str] = field(default_factory=set)
    _running: set[str] = field(default_factory=set)
    _gates: dict[str, asyncio.Event] = field(default_factory=dict)
    _locks: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)
    _stories: dict[tuple[str, Claim], Story] = field(default_factory=dict)
    _last_pid: int = 1000

    def hold(self, step_name: str) -> asyncio.Event:
        """Make that step wait until the returned event is set."""
        return self._gates.setdefault(step_name, asyncio.Event())

    def break_connections(self) -> None:
        """Lose whoever follows a chain now; the chain goes on."""
        broken, self.broken = self.broken, asyncio.Event()
        broken.set()

    def reboot(self) -> None:
        """Lose every running step half-way, and every process that nothing starts again."""
        for story in self._stories.values():
            story.task.cancel()
        self._stories.clear()
        self._locks.clear()
        self._running.clear()
        self.boots += 1
        for instance in self.instances.values():
            instance.reboot(self.next_pid())
        self.break_connections()

    @property
    def boot(self) -> str:
        return f"b00{self.boots}"

    def refuse(self, host_key: str) -> None:
        if self.unreachable:
            raise HostUnreachable("{host} does not answer.", host=self.name)
        if host_key != self.host_key:
            raise HostKeyChanged("{host} shows another host key.", host=self.name)
        if self.denied:
            raise HostDenied("{host} does not let us in.", host=self.name)

    def has_release(self, service: str, sha256: str) -> bool:
        intact = {key: has for key, has in self.releases.items() if key not in self.edited}
        return any(of == service and sha256 == has for (of, _), has in intact.items())

    def fence(self, service: str, instance: str) -> FakeFence:
        return self.fences.setdefault((service, instance), FakeFence())

    def raise_fence(
        self, service: str, instance: str, fence: Fence, *, is_chain: bool = False
    ) -> None:
        """Raises StaleClaim."""
        heard = self.fence(service, instance)
        if heard.is_late(fence):
            raise heard.refusal(self.name, service, fence)
        heard.raise_to(fence, is_chain=is_chain)
        self.instances.setdefault((service, instance), FakeInstance())

    def has_ended(self, chain: Chain) -> bool:
        """Whether there is nothing left of it to be done, and it is known how it ended."""
        for ticket in chain.tickets:
            result = self.results.get(ticket.id)
            if result is None or result.exit_code != 0:
                return result is not None
        return True

    def start(self, chain: Chain) -> Story:
        """Begin the chain, or join it. Raises StaleClaim."""
        key = (chain.tickets[0].id, (chain.fence.epoch, chain.fence.sequence))
        known = self._stories.get(key)
        heard = self.fence(chain.service, chain.instance)
        # A question that came meanwhile does not end what has begun.
        if known and not known.task.cancelled() and not heard.is_overtaken(chain.fence):
            return known
        self.raise_fence(chain.service, chain.instance, chain.fence, is_chain=True)
        story = Story()
        story.task = asyncio.create_task(self._run(chain, story))
        self._stories[key] = story
        return story

    def seen(self, service: str, instance: str) -> SeenInstance:
        here = self.instances[service, instance]
        return here.seen(instance, self.fence(service, instance))

    def drift(self, service: str, instance: str) -> tuple[Drift, ...]:
        here = self.instances[service, instance]
        return here.drift(self.edited.get((service, here.link), ()))

    def answered(self, seen: SeenInstance, asked: Asked) -> SeenInstance:
        """Return what is seen with all that was asked for."""
        reports = tuple(filter(None, map(self._report, asked.tickets)))
        seen = replace(seen, reports=reports, lacks_user=asked.user in self.missing_users)
        if asked.check is None:
            return seen
        why = "no process runs" if not seen.pid else ""
        if seen.running_version in self.unhealthy:
            why = "not healthy"
        return replace(seen, healthy=not why, why=why)

    def _report(self, ticket: str) -> Report | None:
        result = self.results.get(ticket)
        if result is not None and not result.interrupted:
            outcome = Outcome.FAILED if result.exit_code else Outcome.DONE
            return Report(ticket, outcome, result.exit_code)
        if ticket in self._running:
            return Report(ticket, Outcome.RUNNING)
        return Report(ticket, Outcome.INTERRUPTED) if ticket in self._begun else None

    def forget(self, ticket: str) -> None:
        self.results.pop(ticket, None)
        self._begun.discard(ticket)
        self._stories = {key: s for key, s in self._stories.items() if key[0] != ticket}

    async def close(self) -> None:
        tasks = [story.task for story in self._stories.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Of the loop that ends: the next one finds results, and nobody who works.
        self._stories.clear()
        self._locks.clear()

    async def _run(self, chain: Chain, story: Story) -> None:
        key = (chain.service, chain.instance)
        async with self._locks.setdefault(key, asyncio.Lock()):
            for ticket in chain.tickets:
                if ticket.id not in self.results:
                    fence = self.fence(*key)
                    is_late = fence.is_overtaken if story.has_begun else fence.is_late
                    if is_late(chain.fence):
                        story.overtaken = True
                        return
                    story.has_begun = True
                    self.results[ticket.id] = await self._result(chain, ticket)
                result = self.results[ticket.id]
                if isinstance(ticket.step, Probe):
                    story.probed = (result.exit_code == 0, result.output)
                story.results.append(result)
                story.changed.set()
                if result.exit_code != 0:
                    break
            self.instances.setdefault(key, FakeInstance())
            story.seen = self.seen(*key)
            if story.probed is not None:
                healthy, why = story.probed
                story.seen = replace(story.seen, healthy=healthy, why="" if healthy else why)

    async def _result(self, chain: Chain, ticket: Ticket) -> TicketResult:
        if ticket.id in self._begun:
            return TicketResult(ticket.id, 255, "The host lost this step.", interrupted=True)
        began = self.now()
        self._begun.add(ticket.id)
        self._running.add(ticket.id)
        here = self.instances.setdefault((chain.service, chain.instance), FakeInstance())
        self.ran.append(ticket.id)
        here.begin(ticket.step)
        code, output = await self.work_on(chain, ticket)
        if code == 0:
            here.end(ticket.step)
        self._running.discard(ticket.id)
        return TicketResult(ticket.id, code, output, began, self.now())

    async def work_on(self, chain: Chain, ticket: Ticket) -> tuple[int, str]:
        """Do a step: its exit status, and what it prints."""
        name = step_name(ticket.step)
        code, output = await self._wait_or_time_out(ticket, name), ""
        if code == 0:
            code, output = carry_out(self, chain, ticket.step)
            code = self.failing.get(ticket.id, self.failing.get(name, code))
        return code, output

    async def _wait_or_time_out(self, ticket: Ticket, name: str) -> int:
        held = self._gates.get(name)
        if held is not None:
            try:
                async with asyncio.timeout(ticket.timeout.total_seconds()):
                    await held.wait()
            except TimeoutError:
                return 124
        return 0

    def next_pid(self) -> int:
        self._last_pid += 1
        return self._last_pid


def step_name(step: HostStep) -> str:
    """Return the step's name as the records have it."""
    return step.hook if isinstance(step, RunHook) else type(step).__name__.lower()
