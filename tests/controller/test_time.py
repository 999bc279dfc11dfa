"""Only driven time counts: no outage of ours is a lack of progress."""

import asyncio
import time
from datetime import timedelta

import pytest

from slipway.controller.rollouts.advance import Rollouts
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import Asked, Observation
from slipway.records.rollouts.models import Rollout
from tests.controller.company import QUICK, AnyPackages, Company, desk, until
from tests.controller.seen import began, states


def test_a_worker_that_takes_over_after_an_outage_goes_on(company: Company) -> None:
    upgrade = company.start("upgrade", company.new, batches="1 100%")
    gate = company.fleet.at("web-1").hold("restart")

    async def story() -> None:
        with desk() as own:
            first, second = company.worker(own), company.worker(own, "worker-2")
            task = asyncio.create_task(first.advance(upgrade.pk))
            await until(lambda: began(company.fleet.at("web-1"), upgrade, "restart"))
            task.cancel()  # kill -9 of the worker; the host goes on
            await asyncio.gather(task, return_exceptions=True)
            gate.set()
            await until(lambda: began(company.fleet.at("web-1"), upgrade, "prune"))
            async with asyncio.timeout(30):
                await second.advance(upgrade.pk)
            await company.fleet.close()

    asyncio.run(story())
    assert Rollout.objects.get(pk=upgrade.pk).state == "succeeded"
    restarts = [t for t in company.fleet.at("web-1").ran if f"r{upgrade.pk}-" in t and "rest" in t]
    assert len(restarts) == 1


def test_what_ended_well_while_nobody_drove_is_a_success(company: Company) -> None:
    upgrade = company.start("upgrade", company.new, batches="1 100%")
    machine = company.fleet.at("web-1")
    gate = machine.hold("restart")

    def has_ended() -> bool:
        return any(f"r{upgrade.pk}-" in t and "-prune-" in t for t in machine.results)

    async def story() -> None:
        with desk() as own:
            first, second = company.worker(own), company.worker(own, "worker-2")
            task = asyncio.create_task(first.advance(upgrade.pk))
            await until(lambda: began(machine, upgrade, "restart"))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            gate.set()
            await until(has_ended)
            async with asyncio.timeout(30):
                await second.advance(upgrade.pk)
            await company.fleet.close()

    asyncio.run(story())
    assert Rollout.objects.get(pk=upgrade.pk).state == "succeeded"


def test_a_host_that_was_away_while_another_bakes_gets_its_turn(company: Company) -> None:
    upgrade = company.start(
        "upgrade", company.new, batches="1 100%", bake_time=timedelta(minutes=10)
    )

    async def hiccup(worker: Rollouts) -> None:
        await until(lambda: upgrade.pk in worker.napping)
        company.fleet.at("web-4").unreachable = True
        await worker.advance(upgrade.pk)
        company.fleet.at("web-4").unreachable = False

    assert company.drive(upgrade, hiccup).state == "running"
    assert states(upgrade)["web-4"] == "pending"


def test_a_login_that_is_refused_in_the_middle_is_unknown_until_the_host_answers(
    company: Company,
) -> None:
    machine = company.fleet.at("web-1")
    gate = machine.hold("restart")
    upgrade = company.start("upgrade", company.new, batches="100%", max_unavailable="100%")

    async def lose(_worker: Rollouts) -> None:
        await until(lambda: began(machine, upgrade, "restart"))
        machine.break_connections()
        machine.denied = True
        await until(lambda: all(began(company.fleet.at(h), upgrade, "prune") for h in OTHERS))
        gate.set()  # the host's own work goes on well
        machine.denied = False

    # On a busy machine a driver that was refused may nap before it asks again.
    assert company.drive_to_the_end(upgrade, lose).state == "succeeded"


OTHERS = ("web-2", "web-3", "web-4")


def test_after_a_gap_all_is_asked_anew_also_what_is_still_to_be_answered(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = company.start("upgrade", company.new, batches="100%", max_unavailable="100%")
    observe, gap = company.fleet.observe, timedelta()
    asked: list[str] = []

    async def answer(
        access: HostAccess, service: str, *, asked_for: tuple[Asked, ...] = ()
    ) -> Observation:
        nonlocal gap
        seen = await observe(access, service, asked=asked_for)
        asked.append(access.name)
        if asked == ["web-1"]:
            gap = timedelta(minutes=5)  # the process stands still; what is on its way is old
            await asyncio.get_running_loop().create_future()
        return seen

    monkeypatch.setattr(
        company.fleet, "observe", lambda a, s, *, asked=(): answer(a, s, asked_for=asked)
    )

    async def story() -> None:
        with desk() as own:
            worker = Rollouts(
                desk=own,
                hosts=company.fleet,
                packages=AnyPackages(),  # type: ignore[arg-type]
                worker_id="worker-1",
                pace=QUICK,
                monotonic=lambda: time.monotonic() + gap.total_seconds(),
            )
            async with asyncio.timeout(30):
                await worker.advance(upgrade.pk)
            await company.fleet.close()

    asyncio.run(story())
    assert Rollout.objects.get(pk=upgrade.pk).state == "succeeded"
    assert asked.count("web-1") > 1
