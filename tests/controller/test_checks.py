"""Checks that people ask for: each host is on its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from slipway.controller.hosts import checks
from slipway.controller.hosts.checks import LONGEST, HostChecks
from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.records.catalog.queries.services import list_run_users
from slipway.records.fleet import due
from slipway.records.fleet.models import Host, HostCheck, HostState
from slipway.records.fleet.operations import environments
from slipway.records.fleet.operations.checks import request_checks
from tests.controller.company import Company, desk


def checked(
    company: Company, scenario: Callable[[HostChecks], Awaitable[None]], longest: float = LONGEST
) -> None:
    async def run() -> None:
        with desk() as own:
            hosts, bell = company.fleet, Bell()
            checks = HostChecks(
                desk=own, hosts=hosts, worker_id="worker-1", bell=bell, longest=longest
            )
            await scenario(checks)
            await company.fleet.close()

    asyncio.run(run())


def ask(company: Company, *names: str) -> None:
    hosts = list(Host.objects.filter(name__in=names).select_related("environment"))
    request_checks(hosts=hosts, learn_key=False, by=company.boss, now=clock.now())


def ended() -> dict[str, str]:
    """The code of each check that ended, by host; "" is well."""
    done = HostCheck.objects.filter(finished_at__isnull=False)
    return dict(done.values_list("host__name", "code"))


async def until_ended(count: int) -> None:
    async with asyncio.timeout(10):
        while await asyncio.to_thread(lambda: len(ended())) < count:
            await asyncio.sleep(0.01)


@pytest.fixture
def hung(company: Company, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a host whose check never ends."""
    real = company.fleet.check

    async def check(access: HostAccess, users: Sequence[str] = ()) -> HostFacts:
        if access.name == "web-1":
            await asyncio.Event().wait()
        return await real(access, users)

    monkeypatch.setattr(company.fleet, "check", check)
    return "web-1"


def test_one_that_hangs_holds_up_neither_the_others_nor_the_next(
    company: Company, hung: str
) -> None:
    ask(company, hung, "web-2", "web-3")

    async def two_rounds(own: HostChecks) -> None:
        assert await own.begin_waiting() == 3
        await until_ended(2)
        await asyncio.to_thread(ask, company, "web-4")
        assert await own.begin_waiting() == 1
        await until_ended(3)
        assert hung not in await asyncio.to_thread(ended)
        await own.settle()

    checked(company, two_rounds, longest=3.0)
    assert ended() == {hung: "host_unreachable", "web-2": "", "web-3": "", "web-4": ""}
    assert Host.objects.get(name=hung).state == HostState.UNREACHABLE


def test_an_error_of_ours_ends_the_check_and_says_nothing_about_the_host(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_access: HostAccess) -> HostFacts:
        raise ZeroDivisionError

    monkeypatch.setattr(company.fleet, "check", broken)
    before = Host.objects.get(name="web-1")
    ask(company, "web-1")

    async def one_round(own: HostChecks) -> None:
        await own.begin_waiting()
        await own.settle()

    checked(company, one_round)
    assert ended() == {"web-1": "ours"}
    after = Host.objects.get(name="web-1")
    assert (after.state, after.problem) == (before.state, before.problem)


def test_one_that_cannot_be_read_is_told_and_keeps_no_other_waiting(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, ill = due.list_unseen_services, Host.objects.get(name="web-1").pk

    def list_unseen_services(host_id: int) -> Sequence[tuple[int, str]]:
        if host_id == ill:
            raise KeyError(host_id)
        return real(host_id)

    monkeypatch.setattr(due, "list_unseen_services", list_unseen_services)
    ask(company, "web-1", "web-2", "web-3")

    async def begin(own: HostChecks) -> None:
        await own.begin_waiting()
        await until_ended(3)

    checked(company, begin)
    assert ended() == {"web-1": "ours", "web-2": "", "web-3": ""}


def test_a_host_is_asked_about_the_users_that_services_run_as(company: Company) -> None:
    company.version("1.2", spec="user: app\nrun: ./bin/billing\n")
    company.service.spec = {"user": "ledger"}
    company.service.save(update_fields=["spec"])
    company.fleet.at("web-1").missing_users |= {"app", "somebody"}

    async def scenario(worker: HostChecks) -> None:
        await worker.begin_waiting()
        await worker.settle()

    ask(company, "web-1")
    checked(company, scenario)
    assert Host.objects.get(name="web-1").facts["missing_users"] == ["app"]
    there = Host.objects.get(name="web-1").environment
    assert list_run_users(there.pk) == ["app", "ledger"]
    elsewhere = environments.create_environment(name="elsewhere", by=company.boss, now=clock.now())
    assert list_run_users(elsewhere.pk) == []


def test_for_many_hosts_the_users_are_read_once(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def listed(environment_id: int) -> list[str]:
        asked.append(environment_id)
        return []

    monkeypatch.setattr(checks, "list_run_users", listed)
    ask(company, "web-1", "web-2", "web-3")

    async def begin(own: HostChecks) -> None:
        await own.begin_waiting()
        await until_ended(3)

    checked(company, begin)
    assert asked == [Host.objects.get(name="web-1").environment_id]
