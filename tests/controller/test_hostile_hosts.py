"""Whatever one host says, in an upgrade of four: nothing else is said of the other three."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.controller.rollouts.advance import Rollouts
from slipway.controller.rollouts.pace import Pace
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import Asked, Observation, SeenInstance, TicketResult
from slipway.core.release.steps import Chain, PackageRef
from slipway.ports import Hosts, OnOutput, OnResult, OnSeen
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.models import Rollout, Step, Target, WellState
from tests.controller.company import AnyPackages, Company, desk, until
from tests.controller.hostile import Hostile, listening
from tests.controller.lies import LIES
from tests.fakes.hosts import FakeHosts

HONEST = "honest"
THE_HOSTILE = 2  # of four
SPEED = 400  # driven seconds in one of ours: ten minutes of patience are over in no time
PATIENCE = timedelta(minutes=15)
BRISK = Pace(
    beat=0.01, gather=0.0, listen=0.05, ask_again=120.0, look=600.0, watch=60.0,
    looks_a_second=10_000, gap=1e9, forget_after=0.0, longest_nap=0.05,
)  # fmt: skip
AT_ONCE = 10
PARTS = [list(LIES)[first : first + AT_ONCE] for first in range(0, len(LIES), AT_ONCE)]


class OneByOne:
    """Hosts in memory, but for those that are to be reached by SSH."""

    def __init__(self, fleet: FakeHosts, real: SshHosts, names: frozenset[str]) -> None:
        self._fleet, self._real, self._names = fleet, real, names

    def _of(self, access: HostAccess) -> Hosts:
        return self._real if access.name in self._names else self._fleet

    async def learn_key(self, access: HostAccess) -> str:
        return await self._of(access).learn_key(access)

    async def reach(self, access: HostAccess) -> None:
        await self._of(access).reach(access)

    async def check(self, access: HostAccess, users: Sequence[str] = ()) -> HostFacts:
        return await self._of(access).check(access, users)

    async def observe(
        self, access: HostAccess, service: str, *, asked: tuple[Asked, ...] = ()
    ) -> Observation:
        return await self._of(access).observe(access, service, asked=asked)

    async def survey(
        self, access: HostAccess, services: Sequence[str]
    ) -> dict[str, tuple[SeenInstance, ...]]:
        return await self._of(access).survey(access, services)

    async def send_package(
        self, access: HostAccess, service: str, package: PackageRef, source: Path
    ) -> int:
        return await self._of(access).send_package(access, service, package, source)

    async def perform(
        self,
        access: HostAccess,
        chain: Chain,
        *,
        on_result: OnResult,
        on_output: OnOutput | None = None,
        on_seen: OnSeen | None = None,
    ) -> tuple[TicketResult, ...]:
        return await self._of(access).perform(
            access, chain, on_result=on_result, on_output=on_output, on_seen=on_seen
        )

    async def forget(self, access: HostAccess, tickets: tuple[str, ...]) -> None:
        await self._of(access).forget(access, tickets)

    async def close(self) -> None:
        await self._fleet.close()
        await self._real.close()


@dataclass
class Group:
    """A service on four hosts of its own, of which one lies."""

    lie: str
    service: Service
    new: Version
    hosts: list[str]
    hostile: Hostile
    upgrade: Rollout

    @property
    def liar(self) -> str:
        return self.hosts[THE_HOSTILE - 1]


class Companies(Company):
    """A group for each lie, driven by one worker at the same time."""

    def __init__(self, lies: list[str]) -> None:
        super().__init__(0)
        self.environment.patience = PATIENCE
        self.environment.save(update_fields=["patience"])
        self.hostile = {lie: Hostile() for lie in lies}
        self.groups: list[Group] = []

    def drive_all(self, rollouts: list[Rollout]) -> None:
        asyncio.run(self._drive_all(rollouts))
        for rollout in rollouts:
            rollout.refresh_from_db()

    async def _drive_all(self, rollouts: list[Rollout]) -> None:
        real = SshHosts(
            patience=timedelta(seconds=0.1),
            question_timeout=timedelta(seconds=1),
            heartbeat=timedelta(seconds=0.5),
        )
        liars = frozenset(group.liar for group in self.groups)
        with desk() as own:
            hosts = OneByOne(self.fleet, real, liars)
            clock = asyncio.get_running_loop().time
            worker = Rollouts(
                desk=own,
                hosts=hosts,
                packages=AnyPackages(),  # type: ignore[arg-type]
                worker_id="worker-1",
                pace=BRISK,
                monotonic=lambda: clock() * SPEED,
            )
            with suppress(TimeoutError):  # those that have no end are found in the rows
                async with asyncio.timeout(30):
                    await asyncio.gather(*(self._to_its_end(worker, each.pk) for each in rollouts))
            await hosts.close()

    async def _to_its_end(self, worker: Rollouts, rollout_id: int) -> None:
        """Or to a question: for that it naps, and waits for a person."""
        row = Rollout.objects.filter(pk=rollout_id, finished_at=None, asks__isnull=True)
        while await worker.desk.run(row.exists):
            await worker.advance(rollout_id)
            await until(partial(self._has_slept, worker, rollout_id))


@pytest.fixture(params=PARTS, ids=[part[0] for part in PARTS])
def companies(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[Companies]:
    """All run 1.0, and their upgrades to 1.1 are over."""
    lies = [HONEST, *request.param]
    own = Companies(lies)
    with listening([own.hostile[lie] for lie in lies]) as addresses:
        for number, (lie, address) in enumerate(zip(lies, addresses, strict=True)):
            _found(own, f"g{number:02}", lie, port=address.port, host_key=address.host_key)
        own.drive_all([group.upgrade for group in own.groups])
        for group in own.groups:
            assert group.upgrade.state == "succeeded", (group.lie, str(group.upgrade.outcome))
            group.hostile.lies = LIES.get(group.lie, {})
            own.service = group.service
            group.upgrade = own.start("upgrade", group.new, **_at_once())
        own.drive_all([group.upgrade for group in own.groups])
        yield own


def _found(own: Companies, name: str, lie: str, **address: Any) -> None:
    own.service = own.make_service(name)
    old, new = own.version("1.0", own.service), own.version("1.1", own.service)
    hosts = [own.make_host(f"{name}-{number}").name for number in range(1, 5)]
    liar = Host.objects.filter(name=hosts[THE_HOSTILE - 1])
    liar.update(address="127.0.0.1", port=address["port"], host_key=address["host_key"])
    Host.objects.filter(name__in=hosts).exclude(name=liar.get().name).update(
        host_key="ssh-ed25519 AAAAfake"
    )
    deploy = own.start("deploy", old, *hosts, **_at_once())
    own.groups.append(Group(lie, own.service, new, hosts, own.hostile[lie], deploy))


def _at_once() -> dict[str, Any]:
    return {"batches": "100%", "max_unavailable": "100%", "failure_budget": "1"}


def test_no_lie_of_one_host_changes_what_is_said_of_the_others(companies: Companies) -> None:
    honest = companies.groups[0]
    assert honest.upgrade.state == "succeeded", str(honest.upgrade.outcome)
    expected = [_records(honest, host) for host in honest.hosts if host != honest.liar]
    found = {}
    for group in companies.groups[1:]:
        records = [_records(group, host) for host in group.hosts if host != group.liar]
        wrong: list[object] = [] if records == expected else [records]
        wrong += _wrong_about_the_liar(group)
        if wrong:
            found[group.lie] = wrong
    assert found == {}


def _records(group: Group, host: str) -> dict[str, object]:
    """All that is kept of a place, without numbers and names of its own."""
    target = Target.objects.get(rollout=group.upgrade, host__name=host)
    instance = Instance.objects.get(service=group.service, host__name=host)
    told = (target.state, target.stage, target.heading, target.cause, str(target.problem))
    wells = WellState.objects.filter(service=group.service, host__name=host).order_by("since")
    return {
        "told": (*told, target.touched, target.attempts, target.losses, target.owed),
        "steps": list(
            Step.objects.filter(target=target)
            .order_by("order")
            .values_list("name", "exit_code", "output")
        ),
        "wanted": (instance.version and instance.version.name, instance.status, instance.up),
        "seen": (instance.seen_version, instance.seen_link, instance.healthy),
        "wells": [(well.release.version.name, well.depth, well.until is None) for well in wells],
        "host": (target.host.state, str(target.host.problem)),
    }


def _wrong_about_the_liar(group: Group) -> list[object]:
    upgrade = group.upgrade
    liar = Target.objects.get(rollout=upgrade, host__name=group.liar)
    others = Target.objects.filter(rollout=upgrade).exclude(pk=liar.pk)
    wrong: list[object] = []
    if liar.state == "succeeded" or liar.cause in ("version", ""):
        wrong.append((liar.state, liar.cause))
    if group.liar not in str(liar.problem):
        wrong.append(("not told by name", str(liar.problem)))
    if upgrade.finished_at is None and not upgrade.asks:
        wrong.append((upgrade.state, str(upgrade.outcome)))
    if upgrade.withdrawn or upgrade.locks.exists():
        wrong.append(("blamed", upgrade.withdrawn))
    last = max(each.finished_at for each in others if each.finished_at is not None)
    if liar.finished_at is not None and last > liar.finished_at:
        wrong.append("others have waited for it")
    return wrong
