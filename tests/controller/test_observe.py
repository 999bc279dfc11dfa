"""The observer looks at each host about once a minute, and no host holds up another."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError

from slipway.controller.hosts.instances import LONGEST_LOOK, Observer
from slipway.controller.worker import clock
from slipway.controller.worker.desk import Desk
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import Asked, Observation
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.operations.looks import HostLook
from tests.controller.company import Company, desk
from tests.sentences import said


def observed(
    company: Company, scenario: Callable[[Observer], Awaitable[None]], longest: float = LONGEST_LOOK
) -> None:
    async def run() -> None:
        with desk() as own:
            await scenario(Observer(desk=own, hosts=company.fleet, longest=longest))
            await company.fleet.close()

    asyncio.run(run())


@pytest.fixture
def looks(company: Company, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each host was asked; all are due."""
    Host.objects.update(looked_at=clock.now() - timedelta(minutes=5))
    counted: Counter[str] = Counter()
    real = company.fleet.observe

    async def observe_counted(
        access: HostAccess, service: str, *, asked: tuple[Asked, ...] = ()
    ) -> Observation:
        counted[access.name] += 1
        return await real(access, service, asked=asked)

    monkeypatch.setattr(company.fleet, "observe", observe_counted)
    return counted


def test_what_a_host_is_found_to_be_again_is_known_with_its_facts(company: Company) -> None:
    """One on which nothing runs yet: where it was mended, nobody has to ask for a check."""
    Instance.objects.all().delete()
    lost = HostState.UNREACHABLE
    Host.objects.update(looked_at=None, state=lost, problem=said("lost"), facts={})

    async def one_round(observer: Observer) -> None:
        await observer.look_once()
        await observer.settle()

    observed(company, one_round)
    for host in Host.objects.all():
        assert (host.state, host.problem, host.facts["arch"]) == (HostState.OK, None, "x86_64")


def test_a_host_is_looked_at_about_once_a_minute(company: Company, looks: Counter[str]) -> None:
    async def many_rounds(observer: Observer) -> None:
        for _ in range(20):
            await observer.look_once()
            await observer.settle()

    observed(company, many_rounds)
    assert looks == Counter({host.name: 1 for host in company.hosts})
    Host.objects.update(looked_at=clock.now() - timedelta(seconds=70))
    observed(company, many_rounds)
    assert looks == Counter({host.name: 2 for host in company.hosts})


def test_one_that_hangs_holds_up_no_other(company: Company, looks: Counter[str]) -> None:
    ever = asyncio.Event()
    real = company.fleet.observe

    async def hang(access: HostAccess, service: str) -> Observation:
        if access.name == "web-1":
            await ever.wait()
        return await real(access, service)

    company.fleet.observe = hang  # type: ignore[method-assign, assignment]

    async def rounds(observer: Observer) -> None:
        await observer.look_once()
        async with asyncio.timeout(10):
            while len(observer._found) < 3:
                await asyncio.sleep(0.01)
        await observer.look_once()
        assert list(observer._looks) == [company.hosts[0].pk]
        ever.set()
        await observer.settle()

    observed(company, rounds)
    assert looks == Counter({host.name: 1 for host in company.hosts})


def test_one_that_never_ends_is_told_as_unreachable(
    company: Company, looks: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_access: HostAccess, _service: str) -> Observation:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(company.fleet, "observe", hang)

    async def one_round(observer: Observer) -> None:
        await observer.look_once()
        await observer.settle()

    observed(company, one_round, longest=0.05)
    assert set(Host.objects.values_list("state", flat=True)) == {HostState.UNREACHABLE}
    assert not looks


def test_an_error_of_ours_at_one_host_concludes_nothing(
    company: Company, looks: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = company.fleet.observe

    async def fail_at_one(access: HostAccess, service: str) -> Observation:
        if access.name == "web-1":
            raise ZeroDivisionError
        return await real(access, service)

    monkeypatch.setattr(company.fleet, "observe", fail_at_one)
    before = Host.objects.get(name="web-1")
    Instance.objects.update(seen_at=clock.now() - timedelta(minutes=5))

    async def one_round(observer: Observer) -> None:
        await observer.look_once()
        await observer.settle()

    observed(company, one_round)
    after = Host.objects.get(name="web-1")
    assert (after.state, after.problem) == (before.state, before.problem)
    assert after.last_seen_at == before.last_seen_at
    assert looks == Counter({"web-2": 1, "web-3": 1, "web-4": 1})


def test_what_cannot_be_written_of_one_host_keeps_no_other_unseen(
    company: Company, looks: Counter[str]
) -> None:
    real = company.fleet.observe

    async def lie(access: HostAccess, service: str) -> Observation:
        observation = await real(access, service)
        if access.name != "web-1":
            return observation
        told = tuple(replace(seen, running_version="\ud800") for seen in observation.instances)
        return replace(observation, instances=told)

    company.fleet.observe = lie  # type: ignore[method-assign, assignment]

    async def rounds(observer: Observer) -> None:
        await observer.look_once()
        await observer.settle()

    Instance.objects.update(seen_at=None)
    observed(company, rounds)
    unseen = Instance.objects.filter(seen_at=None).values_list("host__name", flat=True)
    assert list(unseen) == ["web-1"]


def test_a_database_that_is_away_is_waited_for_once_not_for_each_host(
    company: Company, looks: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in: list[int] = []

    def away(*, looks: list[HostLook], now: datetime) -> None:
        handed_in.append(len(looks))
        raise OperationalError("there is none")

    monkeypatch.setattr("slipway.controller.hosts.instances.record_looks", away)
    monkeypatch.setattr(Desk.run, "__kwdefaults__", {"patience": timedelta(0)})

    async def rounds(observer: Observer) -> None:
        await observer.look_once()
        await observer.settle()

    observed(company, rounds)
    assert handed_in == [4]
