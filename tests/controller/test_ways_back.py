"""Where places go back to, and that one that cannot holds up no other."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from slipway.controller.rollouts.advance import Rollouts
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Refused
from slipway.records.rollouts.models import Lock, Rollout, Target
from slipway.records.rollouts.operations import returns, starts, withdrawals
from slipway.records.rollouts.wish.wishes import Wish
from tests.controller.company import ALL_AT_ONCE, Company, until
from tests.controller.seen import began, kill
from tests.records.world import going

Make = Callable[[int], Company]


def test_one_host_that_cannot_go_back_does_not_keep_the_others(company: Company) -> None:
    company.fleet.at("web-3").failing["restart"] = 1  # the host is the trouble, on either version
    upgrade = company.drive(company.start("upgrade", company.new, batches="1"))
    assert (upgrade.state, upgrade.end) == ("halted", "halted, some not taken back")
    assert "web-3" in str(upgrade.outcome)
    assert company.running()["web-1"] == company.running()["web-2"] == "1.0"
    assert company.instance("web-3").owed is not None
    assert Lock.objects.get(released_at=None).rollout == upgrade


@pytest.mark.parametrize(("withdrawn", "stays"), [("1.0", True), ("1.1", False)])
def test_what_a_person_withdraws_meanwhile_is_no_way_back(
    company: Company, withdrawn: str, stays: bool
) -> None:
    company.fleet.unhealthy.add("1.1")
    gate = company.fleet.at("web-1").hold("probe")
    upgrade = company.start("upgrade", company.new, batches="1 100%")

    async def withdraw(worker: Rollouts) -> None:
        await until(lambda: began(company.fleet.at("web-1"), upgrade, "probe"))
        version = company.old if withdrawn == "1.0" else company.new
        work = partial(
            withdrawals.withdraw_version,
            version=version,
            environment=company.environment,
            reason="it leaks",
            by=company.alice,
            now=company.clock(),
        )
        await worker.desk.run(work)
        gate.set()

    company.drive(upgrade, withdraw)
    assert company.running()["web-1"] == ("1.1" if stays else "1.0")
    target = Target.objects.get(rollout=upgrade, host__name="web-1")
    assert (target.heading, target.owed) == ("forth" if stays else "back", False)


def test_a_rollback_that_failed_on_a_host_can_be_asked_for_again(company: Company) -> None:
    company.run_all("upgrade", company.new)
    company.fleet.at("web-2").failing["restart"] = 1
    company.run_all("revert", failure_budget="4")
    del company.fleet.at("web-2").failing["restart"]
    again = company.start("revert")
    assert going(again) == {"web-2": ("1.1", "1.0")}
    assert company.drive(again).state == "succeeded"
    assert company.running()["web-2"] == "1.0"


def test_a_canary_that_died_goes_back_to_what_ran_before(company: Company) -> None:
    upgrade = company.start(
        "upgrade",
        company.new,
        batches="1 100%",
        bake_time=timedelta(minutes=10),
        automatic_rollback=False,
    )

    async def crash(worker: Rollouts) -> None:
        await until(lambda: upgrade.pk in worker.napping)
        kill(company, "web-1")
        await worker.advance(upgrade.pk)

    assert company.drive(upgrade, crash).state == "halted"
    back = company.start("revert")
    assert going(back) == {"web-1": ("1.1", "1.0")}


def test_a_retry_takes_nothing_back_that_was_upgraded_since(company: Company) -> None:
    company.fleet.at("web-4").failing["restart"] = 1
    first = company.run_all("upgrade", company.new, failure_budget="1")
    del company.fleet.at("web-4").failing["restart"]
    assert company.run_all("upgrade", company.version("1.2")).state == "succeeded"
    with pytest.raises(Refused):
        returns.retry_rollout(rollout=first, by=company.alice, now=company.clock())


def test_a_restart_does_not_stand_in_the_way_of_a_rollback(company: Company) -> None:
    upgrade = company.run_all("upgrade", company.new)
    assert company.run_all("restart").state == "succeeded"
    back = returns.roll_back(rollout=upgrade, by=company.alice, now=company.clock())
    assert set(going(back).values()) == {("1.1", "1.0")}


def test_an_instance_keeps_its_way_back_while_its_neighbour_is_upgraded(many: Make) -> None:
    company = many(1)

    def run(kind: str, version: object, port: int) -> Rollout:
        wish = Wish(
            RolloutKind(kind), company.service, company.environment, version,  # type: ignore[arg-type]
            ("web-1",), port, **ALL_AT_ONCE,  # type: ignore[arg-type]
        )  # fmt: skip
        started = starts.start_rollout(wish=wish, by=company.boss, now=company.clock())
        return company.drive(started)

    assert run("deploy", company.old, 8081).state == "succeeded"
    assert run("upgrade", company.new, 8081).state == "succeeded"
    for number in range(2, 8):  # the neighbour goes on
        assert run("upgrade", company.version(f"1.{number}"), 8080).state == "succeeded"
    machine = company.fleet.at("web-1")
    before = machine.bytes_received
    assert run("revert", None, 8081).state == "succeeded"
    assert machine.bytes_received == before


def test_what_people_have_stopped_is_not_started_by_an_upgrade_nor_its_rollback(
    company: Company,
) -> None:
    company.drive(company.start("stop", None, "web-4", batches="100%", max_unavailable="100%"))
    upgrade = company.run_all("upgrade", company.new)
    assert company.running()["web-4"] == ""
    back = returns.roll_back(rollout=upgrade, by=company.alice, now=company.clock())
    assert company.drive(back).state == "succeeded"
    assert company.running() == {"web-1": "1.0", "web-2": "1.0", "web-3": "1.0", "web-4": ""}
    assert company.instance("web-4").up is False


def test_a_bad_version_on_a_new_host_is_removed_again(company: Company) -> None:
    company.make_host("web-5").save()
    for host in company.environment.hosts.filter(name="web-5"):
        host.host_key = "ssh-ed25519 AAAAfake"
        host.save()
    company.fleet.unhealthy.add("1.1")
    deploy = company.drive(company.start("deploy", company.new, "web-5"))
    assert (deploy.state, deploy.end) == ("halted", "halted and taken back")
    [there] = company.fleet.at("web-5").instances.values()
    assert (there.link, there.running) == ("", "")
    assert not company.service.instances.filter(host__name="web-5").exists()
