"""One machine in memory: what a chain of tickets does on it, step by step."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import assert_never

from slipway.core.steps import (
    Chain,
    HostStep,
    Probe,
    Prune,
    Receipt,
    Remove,
    Restart,
    RunHook,
    Start,
    Stop,
    Switch,
    SystemdUnit,
    Ticket,
    Unpack,
)
from slipway.ports import HostDenied, HostKeyChanged, HostUnreachable, TicketResult

EVERY_TOOL = ("tar", "gzip", "sha256sum", "flock", "setsid", "find", "zstd", "xz", "python3")


@dataclass(slots=True)
class FakeInstance:
    link: str = ""
    running: str = ""
    pid: int | None = None
    supervised_by_systemd: bool = False
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def unit_state(self) -> str:
        if not self.supervised_by_systemd:
            return ""
        return "active" if self.pid else "inactive"


@dataclass(eq=False, slots=True)
class Story:
    """A chain that runs, whoever listens."""

    task: asyncio.Task[None] = field(init=False)
    results: list[TicketResult] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    overtaken: bool = False


@dataclass(eq=False, slots=True)
class FakeMachine:
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
    failing: dict[str, int] = field(default_factory=dict)  # exit status, by step name or ticket
    ran: list[str] = field(default_factory=list)  # tickets, in the order their bodies ran
    receipts: list[Receipt] = field(default_factory=list)
    incoming: set[str] = field(default_factory=set)
    bytes_received: int = 0
    connections: int = 0
    releases: dict[tuple[str, str], str] = field(default_factory=dict)
    instances: dict[tuple[str, str], FakeInstance] = field(default_factory=dict)
    fences: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    results: dict[str, TicketResult] = field(default_factory=dict)
    broken: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: set[str] = field(default_factory=set)
    _cancelled: set[str] = field(default_factory=set)
    _gates: dict[str, asyncio.Event] = field(default_factory=dict)
    _locks: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)
    _stories: dict[tuple[str, tuple[int, int]], Story] = field(default_factory=dict)
    _last_pid: int = 1000

    def hold(self, step_name: str) -> asyncio.Event:
        """Make that step wait until the returned event is set."""
        return self._gates.setdefault(step_name, asyncio.Event())

    def break_connections(self) -> None:
        """Lose whoever follows a chain now; the chain goes on."""
        self.broken.set()

    def reboot(self) -> None:
        """Lose every running step half-way."""
        for story in self._stories.values():
            story.task.cancel()
        self._stories.clear()
        self._locks.clear()
        self.broken.set()

    def refuse(self, host_key: str) -> None:
        if self.unreachable:
            raise HostUnreachable("{host} does not answer.", host=self.name)
        if host_key != self.host_key:
            raise HostKeyChanged("{host} shows another host key.", host=self.name)
        if self.denied:
            raise HostDenied("{host} does not let us in.", host=self.name)

    def has_release(self, service: str, sha256: str) -> bool:
        return any(of == service and sha256 == has for (of, _), has in self.releases.items())

    def start(self, chain: Chain) -> Story:
        key = (chain.tickets[0].id, (chain.fence.epoch, chain.fence.sequence))
        if key not in self._stories or self._stories[key].task.cancelled():
            story = Story()
            story.task = asyncio.create_task(self._run(chain, story))
            self._stories[key] = story
        return self._stories[key]

    def cancel(self, ticket: str) -> None:
        if ticket not in self.results:
            self._cancelled.add(ticket)
            self._gate(ticket).set()

    def forget(self, ticket: str) -> None:
        self.results.pop(ticket, None)
        self._begun.discard(ticket)
        self._stories = {key: s for key, s in self._stories.items() if key[0] != ticket}

    async def close(self) -> None:
        tasks = [story.task for story in self._stories.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, chain: Chain, story: Story) -> None:
        key = (chain.service, chain.instance)
        async with self._locks.setdefault(key, asyncio.Lock()):
            for ticket in chain.tickets:
                if ticket.id not in self.results:
                    if self.fences[key] > (chain.fence.epoch, chain.fence.sequence):
                        story.overtaken = True
                        return
                    self.results[ticket.id] = await self._result(chain, ticket)
                story.results.append(self.results[ticket.id])
                story.changed.set()
                if self.results[ticket.id].exit_code != 0:
                    return

    async def _result(self, chain: Chain, ticket: Ticket) -> TicketResult:
        if ticket.id in self._begun:
            return TicketResult(ticket.id, 255, "The host lost this step.", interrupted=True)
        began = datetime.now(UTC)
        self._begun.add(ticket.id)
        name = step_name(ticket.step)
        if ticket.id not in self._cancelled:
            self.ran.append(ticket.id)
            code = await self._wait_or_time_out(ticket, name)
        else:
            code = 143
        output = ""
        if code == 0:
            code, output = self._body(chain, ticket.step)
            code = self.failing.get(ticket.id, self.failing.get(name, code))
        return TicketResult(ticket.id, code, output, began, datetime.now(UTC))

    async def _wait_or_time_out(self, ticket: Ticket, name: str) -> int:
        held = self._gates.get(name)
        if held is not None and not held.is_set():
            waits = {asyncio.ensure_future(e.wait()) for e in (held, self._gate(ticket.id))}
            done, rest = await asyncio.wait(
                waits,
                timeout=ticket.timeout.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            for wait in rest:
                wait.cancel()
            if not done:
                return 124
        return 143 if ticket.id in self._cancelled else 0

    def _gate(self, ticket: str) -> asyncio.Event:
        return self._gates.setdefault(f"ticket {ticket}", asyncio.Event())

    def _body(self, chain: Chain, step: HostStep) -> tuple[int, str]:
        here = self.instances.setdefault((chain.service, chain.instance), FakeInstance())
        match step:
            case Unpack():
                return self._unpack(chain.service, step)
            case RunHook(version=version):
                return (0, "") if (chain.service, version) in self.releases else (66, "no release")
            case Switch():
                return self._switch(chain.service, here, step)
            case Prune(keep=keep):
                return self._prune(chain.service, keep)
            case Remove():
                return self._remove(chain)
            case _:
                return self._running_body(here, step)

    def _running_body(
        self, here: FakeInstance, step: Restart | Start | Stop | Probe | Receipt
    ) -> tuple[int, str]:
        match step:
            case Restart() | Start():
                return self._start(here)
            case Probe(version=version):
                return self._probe(here, version)
            case Stop():
                here.running, here.pid = "", None
            case Receipt():
                self.receipts.append(step)
            case _:
                assert_never(step)
        return 0, ""

    def _unpack(self, service: str, step: Unpack) -> tuple[int, str]:
        sha256 = step.package.sha256
        here = self.releases.get((service, step.version))
        if here is not None:
            return (0, "") if here == sha256 else (65, "here with other content")
        if sha256 in self.hostile or step.package.unpacked_size > step.unpacked_limit:
            return 65, "The package is refused."
        if sha256 not in self.incoming and not self.has_release(service, sha256):
            return 66, "The package was not received; send it first."
        self.incoming.discard(sha256)
        self.releases[service, step.version] = sha256
        return 0, ""

    def _switch(self, service: str, here: FakeInstance, step: Switch) -> tuple[int, str]:
        if (service, step.version) not in self.releases:
            return 66, f"Release {step.version} is not on this host."
        here.supervised_by_systemd = isinstance(step.supervised_by, SystemdUnit)
        if not here.supervised_by_systemd and here.running != step.version:
            here.running, here.pid = "", None
        here.link, here.environment = step.version, step.environment
        return 0, ""

    def _start(self, here: FakeInstance) -> tuple[int, str]:
        if not here.link:
            return 66, "Nothing is installed here."
        self._last_pid += 1
        here.running, here.pid = here.link, self._last_pid
        return 0, ""

    def _probe(self, here: FakeInstance, version: str) -> tuple[int, str]:
        if here.running != version:
            return 70, f"the process is of release {here.running or 'unknown'}, not of {version}"
        if version in self.unhealthy:
            return 70, "not healthy"
        return 0, "Healthy."

    def _prune(self, service: str, keep: tuple[str, ...]) -> tuple[int, str]:
        used = {i.link for (of, _), i in self.instances.items() if of == service}
        gone = [v for of, v in self.releases if of == service and v not in used | set(keep)]
        for version in gone:
            del self.releases[service, version]
        return 0, "".join(f"Removed release {version}.\n" for version in gone)

    def _remove(self, chain: Chain) -> tuple[int, str]:
        here = self.instances[chain.service, chain.instance]
        if here.pid:
            return 75, "still runs: stop it first"
        here.link, here.supervised_by_systemd, here.environment = "", False, ()
        if not any(i.link for (of, _), i in self.instances.items() if of == chain.service):
            self.releases = {k: sha for k, sha in self.releases.items() if k[0] != chain.service}
        return 0, ""


def step_name(step: HostStep) -> str:
    """Return the step's name as the records have it."""
    return step.hook if isinstance(step, RunHook) else type(step).__name__.lower()
