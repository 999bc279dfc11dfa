"""The way to hosts: late, cut, hung, lost before it arrives or when it comes back."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import Asked, Observation, SeenInstance, TicketResult
from slipway.core.release.steps import Chain, PackageRef
from slipway.core.words.refusal import Refused
from slipway.ports import HostGarbled, HostUnreachable, OnOutput, OnResult, OnSeen
from tests.fakes.hosts import FakeHosts
from tests.fakes.machines import FakeMachine
from tests.simulation.chance import Chance
from tests.simulation.real.desk import Life
from tests.simulation.real.machines import Nature, SimMachine

ANSWER_WITHIN = 20.0  # seconds that a worker waits for an answer
REFUSED_AFTER = 2.0
WIRE = 1  # an occasion of chance


class Fleet(FakeHosts):
    """Machines by their addresses: a name is only what people call them."""

    def __init__(self, nature: Nature) -> None:
        super().__init__()
        self.nature = nature
        self.machines: dict[str, SimMachine] = {}  # by address

    def add(self, name: str, address: str, *, odd: bool) -> SimMachine:
        self.machines[address] = SimMachine(name, self.nature, odd=odd)
        return self.machines[address]

    def of(self, access: HostAccess) -> SimMachine:
        return self.machines[access.address]

    def _reach(self, access: HostAccess) -> FakeMachine:
        machine = self.of(access)
        machine.refuse(access.host_key)
        return machine


class Wire:
    """How well messages travel. `rate`: how much goes wrong."""

    def __init__(self, chance: Chance, rate: float) -> None:
        self._chance = chance
        self.rate = rate
        self._tasks: set[asyncio.Task[None]] = set()

    async def there(self, machine: SimMachine, late: Callable[[], object]) -> None:
        """Bring a message to a machine, or raise; `late` is what it does there all the same where
        it arrives after its sender gave it up."""
        luck = self._luck(machine, 0)
        await asyncio.sleep(0.05 + 0.2 * luck)
        if machine.hung or (machine.cut and luck < 0.3):
            await self._wait_in_vain(machine, late)
        if luck > 1.0 - 0.02 * self.rate:
            await self._wait_in_vain(machine, late)
        if machine.cut or machine.time < machine.down_until:
            await asyncio.sleep(REFUSED_AFTER)

    async def back(self, machine: SimMachine) -> None:
        """Bring an answer back, or raise."""
        luck = self._luck(machine, 1)
        await asyncio.sleep(0.05 + 0.2 * luck)
        if machine.hung or machine.cut or luck > 1.0 - 0.02 * self.rate:
            await asyncio.sleep(ANSWER_WITHIN)
            raise HostUnreachable("{host} was lost before it answered.", host=machine.name)
        if machine.babbles:
            raise HostGarbled("What {host} says is no answer.", host=machine.name)

    async def _wait_in_vain(self, machine: SimMachine, late: Callable[[], object]) -> None:
        self._later(machine, late)
        await asyncio.sleep(ANSWER_WITHIN)
        raise HostUnreachable("{host} does not answer.", host=machine.name)

    def _later(self, machine: SimMachine, late: Callable[[], object]) -> None:
        async def arrive(seconds: float) -> None:
            await asyncio.sleep(seconds)
            if not (machine.cut or machine.hung or machine.time < machine.down_until):
                try:
                    late()
                except Refused:
                    return

        task = asyncio.create_task(arrive(10.0 + 60.0 * self._luck(machine, 2)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _luck(self, machine: SimMachine, way: int) -> float:
        """Keyed by where and when: what is left out elsewhere does not change it."""
        number = sum(machine.name.encode())
        return self._chance.at(WIRE, number, way, int(machine.time * 1000))


class Door:
    """How one worker reaches hosts."""

    def __init__(self, fleet: Fleet, wire: Wire, life: Life) -> None:
        self._fleet = fleet
        self._wire = wire
        self._life = life

    async def learn_key(self, access: HostAccess) -> str:
        return await self._fleet.learn_key(access)

    async def reach(self, access: HostAccess) -> None:
        await self._there(access, lambda: None)
        await self._fleet.reach(access)

    async def check(self, access: HostAccess, users: Sequence[str] = ()) -> HostFacts:
        await self._there(access, lambda: None)
        facts = await self._fleet.check(access, users)
        await self._back(access)
        return facts

    async def observe(
        self, access: HostAccess, service: str, *, asked: tuple[Asked, ...] = ()
    ) -> Observation:
        machine = self._fleet.of(access)

        def late() -> None:
            for one in asked:
                if one.fence is not None:
                    machine.raise_fence(service, one.instance, one.fence)

        await self._there(access, late)
        seen = await self._fleet.observe(access, service, asked=asked)
        await self._back(access)
        return seen

    async def survey(
        self, access: HostAccess, services: Sequence[str]
    ) -> dict[str, tuple[SeenInstance, ...]]:
        return {name: (await self.observe(access, name)).instances for name in services}

    async def send_package(
        self, access: HostAccess, service: str, package: PackageRef, source: Path
    ) -> int:
        await self._there(access, lambda: None)
        await asyncio.sleep(1.0)
        moved = await self._fleet.send_package(access, service, package, source)
        await self._back(access)
        return moved

    async def perform(
        self,
        access: HostAccess,
        chain: Chain,
        *,
        on_result: OnResult,
        on_output: OnOutput | None = None,
        on_seen: OnSeen | None = None,
    ) -> tuple[TicketResult, ...]:
        machine = self._fleet.of(access)
        await self._there(access, lambda: machine.start(chain))
        results = await self._fleet.perform(
            access, chain, on_result=on_result, on_output=on_output, on_seen=on_seen
        )
        await self._back(access)
        return results

    async def forget(self, access: HostAccess, tickets: tuple[str, ...]) -> None:
        await self._there(access, lambda: self._fleet.of(access).forget_all(tickets))
        await self._fleet.forget(access, tickets)

    async def close(self) -> None:
        """Machines go on without us."""

    async def _there(self, access: HostAccess, late: Callable[[], object]) -> None:
        await self._life.go_on()
        await self._wire.there(self._fleet.of(access), late)

    async def _back(self, access: HostAccess) -> None:
        await self._wire.back(self._fleet.of(access))
        await self._life.go_on()
