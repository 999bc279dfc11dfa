"""A machine in memory that takes its time, and to which everything can happen that happens to
machines."""

import asyncio
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta

from slipway.core.hosts.seen import Asked, SeenInstance, TicketResult
from slipway.core.release.steps import (
    Chain,
    HostStep,
    Probe,
    Restart,
    RunHook,
    Start,
    Stop,
    Switch,
    Ticket,
    Unpack,
)
from slipway.ports import HostDenied, HostUnreachable
from tests.fakes.fences import FakeFence
from tests.fakes.instances import FakeInstance
from tests.fakes.machines import FakeMachine, Story
from tests.fakes.steps import carry_out
from tests.simulation.kinds import LATER, Kind

AGE = LATER * 5.0  # seconds after its start at which a version shows what it is
SLOW_START = 20.0
BOOT_TIME = 15.0
ROOM, FULL = 2**34, 100  # bytes
CANNOT_WRITE, CANNOT_RUN, NEVER_HEALTHY, PORT_HELD = 73, 126, 70, 78
TAKES: dict[type[HostStep], float] = {Unpack: 2.0, Restart: 2.0, Start: 2.0, Stop: 1.0}

Key = tuple[str, str]  # service and instance


@dataclass(frozen=True, slots=True)
class Copy:
    """What was on the disk of a machine at a moment."""

    instances: dict[Key, FakeInstance]
    releases: dict[Key, str]
    fences: dict[Key, FakeFence]
    results: dict[str, TicketResult]
    begun: frozenset[str]
    last_pid: int


@dataclass(slots=True)
class Nature:
    """What holds for all machines: what versions are like, until when what they all need is away,
    and who is told of a step that begins, and of a place that may serve no more."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    outage_until: float = -1.0
    begins: Callable[["SimMachine", Chain, Ticket], None] = lambda machine, chain, ticket: None
    changed: Callable[["SimMachine", Key, Ticket], None] = lambda machine, key, ticket: None
    happened: Callable[["SimMachine", Key | None], None] = lambda machine, key: None
    tell: Callable[[str], None] = lambda text: None


class SimMachine(FakeMachine):
    def __init__(self, name: str, nature: Nature, *, odd: bool) -> None:
        super().__init__(name, set(), set())
        self.nature = nature
        self.odd = odd
        self.cut = self.hung = self.babbles = False
        self.down_until = -1.0
        self.lies: set[Key] = set()
        self.held: set[Key] = set()
        self.ill: set[int] = set()  # processes that answer no more
        self._places: dict[Story, Key] = {}

    # --- what is true ------------------------------------------------------------------------

    @property
    def time(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def answers(self) -> bool:
        is_up = self.time >= self.down_until
        return is_up and not (self.cut or self.hung or self.babbles or self.denied)

    def kind(self, version: str) -> Kind:
        return self.nature.kinds.get(version, Kind.GOOD)

    def is_healthy(self, key: Key) -> bool:
        here = self.instances.get(key)
        if here is None or here.pid is None or key in self.held or here.pid in self.ill:
            return False
        kind = self.kind(here.running)
        is_fit = kind is not Kind.NEVER_HEALTHY and not (kind is Kind.PICKY and not self.odd)
        return is_fit and self.time >= self.nature.outage_until

    def is_working(self, key: Key) -> bool:
        """Whether a step of ours runs or waits there."""
        return any(of == key and not story.task.done() for story, of in self._places.items())

    # --- what is heard and said --------------------------------------------------------------

    def refuse(self, host_key: str) -> None:
        if self.cut or self.time < self.down_until:
            raise HostUnreachable("{host} does not answer.", host=self.name)
        if self.denied:
            raise HostDenied("{host} does not let us in.", host=self.name)

    def start(self, chain: Chain) -> Story:
        story = super().start(chain)
        self._places[story] = (chain.service, chain.instance)
        return story

    def answered(self, seen: SeenInstance, asked: Asked) -> SeenInstance:
        seen = super().answered(seen, asked)
        key = next(key for key in self.instances if key[1] == asked.instance)
        if asked.check is None:
            return replace(seen, held_by=self.holder(key))
        why = self.why_ill(key)
        return replace(seen, healthy=not why, why=why, held_by=self.holder(key))

    def why_ill(self, key: Key) -> str:
        """Return why what runs there is not healthy; "" where it is."""
        here = self.instances[key]
        if here.pid is None:
            return "no process runs"
        return "" if self.is_healthy(key) else "it does not answer"

    def holder(self, key: Key) -> str:
        return "python3 (pid 39108)" if key in self.held else ""

    def break_if_hung(self) -> None:
        if self.hung:
            self.break_connections()

    def forget_all(self, tickets: tuple[str, ...]) -> None:
        for ticket in tickets:
            self.forget(ticket)

    # --- steps -------------------------------------------------------------------------------

    async def work_on(self, chain: Chain, ticket: Ticket) -> tuple[int, str]:
        key, step = (chain.service, chain.instance), ticket.step
        self.nature.begins(self, chain, ticket)
        self.nature.changed(self, key, ticket)
        await asyncio.sleep(TAKES.get(type(step), 0.5))
        done = await self._do(chain, step)
        self.nature.changed(self, key, ticket)
        return done

    async def _do(self, chain: Chain, step: HostStep) -> tuple[int, str]:
        key = (chain.service, chain.instance)
        if key in self.lies and isinstance(step, Start | Restart | Switch | Probe):
            return 0, ""
        match step:
            case Unpack(package=package) if self.disk_free < package.size:
                return CANNOT_WRITE, "No space left on device"
            case RunHook(hook="after_activate", version=version):
                return (1, "hook failed") if self.kind(version) is Kind.BAD_HOOK else (0, "")
            case Probe():
                return await self._probe(key, step)
            case Start() | Restart():
                return await self._start(chain, step)
        return carry_out(self, chain, step)

    async def _start(self, chain: Chain, step: HostStep) -> tuple[int, str]:
        key = (chain.service, chain.instance)
        here = self.instances[key]
        if key in self.held:
            return PORT_HELD, "port is held by python3 (pid 39108), which is not ours"
        kind = self.kind(here.link)
        if kind is Kind.UNRUNNABLE:
            here.running, here.pid = "", None
            return CANNOT_RUN, "cannot execute"
        code, output = carry_out(self, chain, step)
        if code == 0:
            self.begin_life(key)
        if kind is Kind.PANICS:
            self.reboot(by=key)
            await asyncio.sleep(0)  # the machine goes down, and this with it
        return code, output

    async def _probe(self, key: Key, step: Probe) -> tuple[int, str]:
        here, check = self.instances[key], step.check
        healthy_for, waited = timedelta(), timedelta()
        second = timedelta(seconds=1)
        patience = self.time + (SLOW_START if self.kind(here.link) is Kind.SLOW else 0)
        while waited < check.healthy_deadline:
            await asyncio.sleep(1.0)
            waited += second
            is_well = self.is_healthy(key) and here.running == step.version
            healthy_for = healthy_for + second if is_well and self.time > patience else timedelta()
            if healthy_for >= check.min_healthy_time:
                return 0, "Healthy."
        if key in self.held:
            return PORT_HELD, "port is held by python3 (pid 39108), which is not ours"
        return NEVER_HEALTHY, self.why_ill(key)

    # --- lives of processes ------------------------------------------------------------------

    def begin_life(self, key: Key) -> None:
        """What was just started becomes what its version is like."""
        here = self.instances[key]
        kind = self.kind(here.running)
        if kind in (Kind.EXITS, Kind.PANICS):
            here.running, here.pid = "", None
        elif here.pid is not None:
            asyncio.get_running_loop().call_later(AGE, self._come_of_age, key, here.pid)

    def _come_of_age(self, key: Key, pid: int) -> None:
        here = self.instances.get(key)
        if here is None or here.pid != pid:
            return
        match self.kind(here.running):
            case Kind.DIES_LATER:
                self.nature.tell(f"{self.name} {key}: {here.running} dies")
                here.running, here.pid = "", None
            case Kind.FLAPS:
                self.nature.tell(f"{self.name} {key}: {here.running} dies, and is started again")
                here.start(self.next_pid())
                self.begin_life(key)
            case Kind.SICKENS:
                self.nature.tell(f"{self.name} {key}: {here.running} answers no more")
                self.ill.add(pid)
            case Kind.REBOOTS_LATER:
                self.reboot(by=key)

    def reboot(self, *, by: Key | None = None) -> None:
        """All that runs ends; what is enabled comes up again, if it can."""
        self.nature.tell(f"{self.name} reboots")
        self.down_until = self.time + BOOT_TIME
        for key in self.instances:
            if key != by:
                self.nature.happened(self, key)
        was_enabled = {key: here.enabled for key, here in self.instances.items()}
        super().reboot()
        for key, here in self.instances.items():
            comes_up = was_enabled[key] and here.link and key not in self.held
            if not comes_up or not self.kind(here.link).comes_up_at_boot:
                here.running, here.pid = "", None
                continue
            if here.pid is None:
                here.start(self.next_pid())
            self.begin_life(key)

    # --- copies ------------------------------------------------------------------------------

    def copied(self) -> Copy:
        return Copy(
            {key: _copy_of(here) for key, here in self.instances.items()},
            dict(self.releases),
            {key: copy(fence) for key, fence in self.fences.items()},
            dict(self.results),
            frozenset(self._begun),
            self._last_pid,
        )

    def restore(self, old: Copy) -> None:
        """Become what it was, but for the names of its processes."""
        self.instances = {key: _copy_of(here) for key, here in old.instances.items()}
        self.releases = dict(old.releases)
        self.fences = {key: copy(fence) for key, fence in old.fences.items()}
        self.results, self._begun = dict(old.results), set(old.begun)
        self._last_pid = max(self._last_pid, old.last_pid)


def _copy_of(here: FakeInstance) -> FakeInstance:
    own = copy(here)
    own.drains = dict(here.drains)
    return own
