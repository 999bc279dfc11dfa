"""The minute after a rollout: what dies late is taken back, what lives is left alone."""

import asyncio

from slipway.controller import watch
from slipway.controller.watch import Watch
from slipway.records.rollouts.models import Lock, Rollout
from tests.controller.company import Company, desk


def looks(company: Company, times: int) -> None:
    """Let the watch look so many times."""

    async def run() -> None:
        with desk() as own:
            watching = Watch(desk=own, hosts=company.fleet)
            for _ in range(times):
                await watching.look_once()

    asyncio.run(run())


def upgraded(company: Company) -> Rollout:
    """An upgrade that ended well just now, by the clock that the watch reads."""
    upgrade = company.run_all("upgrade", company.new)
    assert upgrade.state == "succeeded"
    return upgrade


def test_a_version_that_dies_after_its_rollout_is_taken_back_by_itself(company: Company) -> None:
    upgrade = upgraded(company)
    for instance in company.fleet.at("web-3").instances.values():
        instance.running, instance.pid = "", None
    looks(company, watch.LOOKS_BEFORE_BLAME)
    back = company.drive(Rollout.objects.get(reverts=upgrade))
    assert (back.state, back.automatic) == ("succeeded", True)
    assert set(company.running().values()) == {"1.0"}
    assert "web-3: 1.1 was healthy, and does not run any more" in str(back.cause)
    assert "web-3" in str(Lock.objects.get(released_at=None).cause)


def test_one_ill_look_is_not_enough(company: Company) -> None:
    upgrade = upgraded(company)
    for instance in company.fleet.at("web-3").instances.values():
        instance.running, instance.pid = "", None
    looks(company, watch.LOOKS_BEFORE_BLAME - 1)
    assert not Rollout.objects.filter(reverts=upgrade).exists()


def test_a_process_that_was_started_again_by_its_supervisor_has_died(company: Company) -> None:
    upgrade = upgraded(company)

    async def run() -> None:
        with desk() as own:
            watching = Watch(desk=own, hosts=company.fleet)
            await watching.look_once()
            for instance in company.fleet.at("web-1").instances.values():
                assert instance.pid is not None
                instance.pid += 1
            for _ in range(watch.LOOKS_BEFORE_BLAME):
                await watching.look_once()

    asyncio.run(run())
    assert "was started again" in str(Rollout.objects.get(reverts=upgrade).cause)


def test_a_healthy_version_is_left_alone(company: Company) -> None:
    upgrade = upgraded(company)
    looks(company, 3)
    assert not Rollout.objects.filter(reverts=upgrade).exists()


def test_a_host_that_does_not_answer_says_nothing_about_its_instance(company: Company) -> None:
    upgrade = upgraded(company)
    company.fleet.at("web-1").unreachable = True
    looks(company, 3)
    assert not Rollout.objects.filter(reverts=upgrade).exists()
