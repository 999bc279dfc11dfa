"""Rollouts from the wish to the end, on hosts in memory and a real database."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from slipway.controller.rollouts.advance import Rollouts
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import Observation
from slipway.core.rollout.told.status import TargetStatus
from slipway.records.rollouts.models import Lock, LogLine, Rollout, Step, Target
from slipway.records.rollouts.operations import steering
from tests.controller.company import Company, until
from tests.controller.seen import began, states

OLD, NEW = "1.0", "1.1"


def all_run(company: Company, version: str) -> bool:
    """Wanted, seen and running are the same everywhere."""
    seen = {i.seen_version for i in company.service.instances.all()}
    wanted = set(company.versions().values())
    return {version} == seen == wanted == set(company.running().values())


def test_an_upgrade_brings_every_host_to_the_new_version(company: Company) -> None:
    upgrade = company.run_all("upgrade", company.new)
    assert upgrade.state == "succeeded"
    assert all_run(company, NEW)
    assert str(upgrade.outcome) == "4 of 4 instances run 1.1."


def test_every_step_is_written_down_with_its_outcome(company: Company) -> None:
    upgrade = company.run_all("upgrade", company.new)
    steps = Step.objects.filter(target__rollout=upgrade, target__host__name="web-1")
    rows = list(steps.order_by("order").values_list("name", "exit_code"))
    names = ["upload", "unpack", "receipt", "switch", "restart", "probe", "undrain", "prune"]
    assert rows == [(name, 0) for name in names]
    assert not steps.filter(finished_at=None).exists()


def test_a_rollback_moves_no_package_bytes(company: Company) -> None:
    company.run_all("upgrade", company.new)
    before = [company.fleet.at(host.name).bytes_received for host in company.hosts]
    back = company.run_all("revert")
    assert all_run(company, OLD)
    assert [company.fleet.at(host.name).bytes_received for host in company.hosts] == before
    assert not Step.objects.filter(target__rollout=back, bytes_moved__gt=0).exists()


def test_a_version_that_never_gets_healthy_goes_back_and_leaves_a_lock(company: Company) -> None:
    company.fleet.unhealthy.add(NEW)
    upgrade = company.drive(company.start("upgrade", company.new, batches="1 50%"))
    assert (upgrade.state, upgrade.end) == ("halted", "halted and taken back")
    assert "web-1:8080: 1.1 did not become healthy" in str(upgrade.outcome)
    assert not Rollout.objects.filter(reverts=upgrade).exists()
    assert set(company.running().values()) == {OLD}
    assert upgrade.withdrawn == [NEW]
    lock = Lock.objects.get(released_at=None)
    assert lock.rollout == upgrade
    assert "1.1 did not become healthy" in str(lock.cause)


def test_untouched_hosts_stay_untouched_when_a_canary_dies(company: Company) -> None:
    company.fleet.unhealthy.add(NEW)
    ran = {h.name: len(company.fleet.at(h.name).ran) for h in company.hosts}
    upgrade = company.drive(company.start("upgrade", company.new, batches="1 50%"))
    assert states(upgrade)["web-1"] == "taken_back"
    for name in ("web-3", "web-4"):
        assert states(upgrade)[name] == "cancelled"
        assert len(company.fleet.at(name).ran) == ran[name]


def test_a_host_that_is_down_is_named_and_the_others_go_on(company: Company) -> None:
    company.fleet.at("web-4").unreachable = True
    upgrade = company.drive(
        company.start("upgrade", company.new, batches="1 100%", max_unavailable="50%")
    )
    assert states(upgrade)["web-4"] == "unreachable"
    assert sorted(company.running().values()) == [OLD, NEW, NEW, NEW]
    assert upgrade.state == "partial"
    assert "web-4" in str(upgrade.outcome)
    assert "3 of 4 instances run 1.1" in str(upgrade.outcome)


def test_a_full_disk_is_found_before_anything_is_touched(company: Company) -> None:
    company.fleet.at("web-2").disk_free = 100
    upgrade = company.drive(
        company.start("upgrade", company.new, batches="1 100%", failure_budget="1")
    )
    target = Target.objects.get(rollout=upgrade, host__name="web-2")
    assert (target.state, target.cause, target.touched) == ("left_out", "host", False)
    assert "MB free" in str(target.problem)
    assert target.problem
    assert target.problem.hint
    assert company.running()["web-2"] == OLD
    assert company.instance("web-2").status == 0


def test_a_lost_connection_is_unknown_until_the_host_has_answered(company: Company) -> None:
    gate = company.fleet.at("web-1").hold("restart")
    upgrade = company.start("upgrade", company.new, batches="100%", max_unavailable="100%")

    async def lose(worker: Rollouts) -> None:
        machine = company.fleet.at("web-1")
        await until(lambda: began(machine, upgrade, "restart"))
        machine.break_connections()
        rows = Target.objects.filter(rollout=upgrade, state=TargetStatus.UNKNOWN)
        while not await worker.desk.run(rows.exists):
            pass
        gate.set()

    company.drive(upgrade, lose)
    assert Rollout.objects.get(pk=upgrade.pk).state == "succeeded"
    ran = [
        ticket
        for ticket in company.fleet.at("web-1").ran
        if ticket.startswith(f"r{upgrade.pk}-") and "-restart-" in ticket
    ]
    assert len(ran) == 1


def test_a_host_that_reboots_in_a_step_is_begun_with_again(company: Company) -> None:
    company.fleet.at("web-1").hold("restart")
    upgrade = company.start("upgrade", company.new, batches="100%", max_unavailable="100%")

    async def reboot(worker: Rollouts) -> None:
        machine = company.fleet.at("web-1")
        await until(lambda: began(machine, upgrade, "restart"))
        machine.hold("restart").set()
        machine.reboot()

    company.drive(upgrade, reboot)
    assert Rollout.objects.get(pk=upgrade.pk).state == "succeeded"
    assert Target.objects.get(rollout=upgrade, host__name="web-1").attempts == 2


def test_a_driver_that_lost_its_claim_writes_nothing_more(company: Company) -> None:
    gate = company.fleet.at("web-1").hold("probe")
    upgrade = company.start("upgrade", company.new, batches="100%", max_unavailable="100%")

    async def take_over(worker: Rollouts) -> None:
        machine = company.fleet.at("web-1")
        await until(lambda: began(machine, upgrade, "probe"))
        rows = Rollout.objects.filter(pk=upgrade.pk)
        await worker.desk.run(lambda: rows.update(epoch=2**40, driver="worker-2"))
        gate.set()

    company.drive(upgrade, take_over)
    assert Rollout.objects.get(pk=upgrade.pk).state == "running"
    assert states(upgrade)["web-1"] == "running"


def test_cancel_ends_at_old_or_new_on_every_host_and_says_which(company: Company) -> None:
    gate = company.fleet.at("web-1").hold("restart")
    upgrade = company.start("upgrade", company.new, batches="1")

    async def end(worker: Rollouts) -> None:
        machine = company.fleet.at("web-1")
        await until(lambda: began(machine, upgrade, "restart"))
        cancel = partial(steering.cancel_rollout, rollout=upgrade, by=company.alice)
        await worker.desk.run(partial(cancel, now=company.clock()))
        gate.set()

    ended = company.drive(upgrade, end)
    assert ended.state == "cancelled"
    assert company.running() == {"web-1": NEW, "web-2": OLD, "web-3": OLD, "web-4": OLD}
    assert str(ended.outcome).startswith("Cancelled by a person: 1 new, 3 as before")


def test_a_paused_rollout_starts_nothing_and_is_left_to_wait(company: Company) -> None:
    upgrade = company.start("upgrade", company.new, batches="1")
    steering.pause_rollout(rollout=upgrade, by=company.alice, now=company.clock())
    company.drive(upgrade)
    assert set(states(upgrade).values()) == {"pending"}
    steering.resume_rollout(rollout=upgrade, by=company.alice, now=company.clock())
    assert company.drive(upgrade).state == "succeeded"


def test_an_instance_that_dies_while_others_are_upgraded_takes_all_back(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, last = company.fleet.at("web-2").hold("probe"), company.fleet.at("web-4").hold("probe")
    upgrade = company.start("upgrade", company.new, batches="1 1 100%")
    looks, observe = Counter[str](), company.fleet.observe

    async def counted(access: HostAccess, *asked: Any, **more: Any) -> Observation:
        seen = await observe(access, *asked, **more)
        looks[access.name] += 1
        return seen

    monkeypatch.setattr(company.fleet, "observe", counted)

    async def die(worker: Rollouts) -> None:
        machine = company.fleet.at("web-2")
        await until(lambda: began(machine, upgrade, "probe"))
        for instance in company.fleet.at("web-1").instances.values():
            instance.running, instance.pid = "", None
        before = looks["web-1"]
        gate.set()
        # However busy this machine is: it is not over before somebody has looked.
        await until(lambda: looks["web-1"] > before + 1)
        last.set()

    halted = company.drive(upgrade, die)
    assert halted.state == "halted"
    assert "web-1:8080: 1.1 was well, and does not run any more" in str(halted.outcome)
    assert set(company.running().values()) == {OLD}


def test_an_ill_control_pauses_instead_of_blaming_the_version(company: Company) -> None:
    gate = company.fleet.at("web-1").hold("probe")
    upgrade = company.start("upgrade", company.new, batches="1 50%")

    async def fall_ill(_worker: Rollouts) -> None:
        await until(lambda: began(company.fleet.at("web-1"), upgrade, "restart"))
        company.fleet.unhealthy.update({OLD, NEW})  # what all versions need is away
        gate.set()

    upgrade = company.drive(upgrade, fall_ill)
    assert upgrade.state == "paused"
    assert upgrade.asks is not None
    assert upgrade.asks["code"] == "control_is_ill"
    assert "was not touched, is not healthy either" in upgrade.asks["sentence"]["template"]
    assert not Rollout.objects.filter(reverts=upgrade).exists()


def test_removed_instances_leave_the_records_once_the_host_is_seen_clean(company: Company) -> None:
    removed = company.run_all("delete")
    assert removed.state == "succeeded"
    assert set(company.running().values()) == {""}
    assert not company.service.instances.exists()


def test_the_log_tells_batches_in_the_words_people_use(company: Company) -> None:
    upgrade = company.drive(
        company.start("upgrade", company.new, batches="1 100%", max_unavailable="100%")
    )
    lines = [str(line) for line in LogLine.objects.filter(rollout=upgrade).order_by("rev", "id")]
    assert "Batch 1 of 2 is over: 1 succeeded." in lines
    assert "Batch 2 of 2 is over: 3 succeeded." in lines
    assert lines[-1] == "4 of 4 instances run 1.1."


def test_a_host_that_lost_the_release_gets_it_again_when_going_back(company: Company) -> None:
    company.run_all("upgrade", company.new)
    machine = company.fleet.at("web-1")
    del machine.releases["billing", OLD]
    before = machine.bytes_received
    back = company.run_all("revert")
    assert back.state == "succeeded"
    assert all_run(company, OLD)
    assert machine.bytes_received > before
    assert Target.objects.get(rollout=back, host__name="web-1").attempts == 1


def test_a_host_that_is_down_is_found_before_going_back_is_tried_there(company: Company) -> None:
    company.run_all("upgrade", company.new)
    company.fleet.at("web-2").unreachable = True
    back = company.run_all("revert", failure_budget="1")
    assert states(back)["web-2"] == "unreachable"
    assert back.state == "partial"
    assert sorted(company.running().values()) == [OLD, OLD, OLD, NEW]


def test_a_canary_that_is_started_again_while_it_bakes_takes_all_back(company: Company) -> None:
    upgrade = company.start(
        "upgrade", company.new, batches="1 100%", bake_time=timedelta(minutes=10)
    )

    async def crash(worker: Rollouts) -> None:
        await until(lambda: upgrade.pk in worker.napping)
        for instance in company.fleet.at("web-1").instances.values():
            assert instance.pid is not None
            instance.pid += 1
        await worker.advance(upgrade.pk)

    halted = company.drive(upgrade, crash)
    assert halted.state == "halted"
    assert "web-1:8080: 1.1 was well, then ended and was started again" in str(halted.outcome)
    assert company.running()["web-2"] == OLD
