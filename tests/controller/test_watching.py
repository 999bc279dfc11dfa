"""After the last batch a rollout watches: it is over, and what dies is taken back."""

import asyncio

from slipway.records.catalog.operations import services
from slipway.records.rollouts.models import Lock, Rollout
from tests.controller.company import Company, desk, until
from tests.controller.seen import began, kill


def watch_on(company: Company, rollout: Rollout) -> Rollout:
    """Drive the watch until it is over, as a worker's sweep does."""

    async def story() -> None:
        with desk() as own:
            worker = company.worker(own)
            row = Rollout.objects.filter(pk=rollout.pk)
            for _ in range(20):
                await worker.advance(rollout.pk)
                if not await own.run(row.filter(watching=True).exists):
                    break
            await company.fleet.close()

    asyncio.run(story())
    return Rollout.objects.get(pk=rollout.pk)


def test_one_that_succeeded_is_over_free_and_watched(company: Company) -> None:
    upgrade = company.run_all("upgrade", company.new)
    assert (upgrade.state, upgrade.watching) == ("succeeded", True)
    assert upgrade.finished_at is not None


def test_a_death_in_the_watch_takes_the_place_back(company: Company) -> None:
    upgrade = company.run_all("upgrade", company.new)
    kill(company, "web-3")
    ended = watch_on(company, upgrade)
    assert (ended.state, ended.watching) == ("halted", False)
    assert company.running()["web-3"] == "1.0"
    assert Lock.objects.get(released_at=None).rollout == upgrade


def test_a_later_rollout_ends_the_watch(company: Company) -> None:
    upgrade = company.run_all("upgrade", company.new)
    restart = company.start("restart", batches="100%", max_unavailable="100%")
    kill(company, "web-3")
    ended = watch_on(company, upgrade)
    assert (ended.state, ended.watching) == ("succeeded", False)
    assert not Lock.objects.exists()
    assert company.drive(restart).state == "succeeded"


def test_a_watch_is_not_taken_over_once_a_later_rollout_has_begun(company: Company) -> None:
    """Its claim would be the later one on every host, and shut out whoever works there."""
    upgrade = company.run_all("upgrade", company.new)
    restart = company.start("restart", batches="1 100%", max_unavailable="100%")
    machine = company.fleet.at("web-1")
    gate = machine.hold("restart")

    async def story() -> None:
        with desk() as own:
            first, second = company.worker(own), company.worker(own, "worker-2")
            async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
                tasks.create_task(first.advance(restart.pk))
                await until(lambda: began(machine, restart, "restart"))
                await second.advance(upgrade.pk)
                gate.set()
            await company.fleet.close()

    asyncio.run(story())
    assert Rollout.objects.get(pk=restart.pk).state == "succeeded"
    assert Rollout.objects.get(pk=upgrade.pk).watching is False


def test_settings_that_mean_nothing_do_not_stop_the_watch(company: Company) -> None:
    upgrade = company.run_all("upgrade", company.new)
    services.change_service(
        service=company.service,
        changes={"spec": {"health": {"min_healthy_time": "4m"}}},
        by=company.boss,
        now=company.clock(),
    )
    kill(company, "web-3")
    watch_on(company, upgrade)
    assert company.running()["web-3"] == "1.0"
