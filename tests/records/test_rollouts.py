"""What starting, finishing, retrying and taking back does to instances, target by target."""

import pytest
from django.db import DatabaseError, transaction

from slipway.core.instances import InstanceStatus
from slipway.core.kinds import RolloutStatus
from slipway.core.refusal import Forbidden
from slipway.core.rollout import TargetStatus
from slipway.records.audit.models import Event
from slipway.records.rollouts import operations, queries
from slipway.records.rollouts.models import Lock, Rollout, Target
from slipway.records.rollouts.operations import ActiveRollout, Locked, NothingToDo
from slipway.records.rollouts.refusals import (
    HostInMaintenance,
    InstanceExists,
    NoEarlierVersion,
    NoInstances,
    NotOver,
    PortTaken,
    Superseded,
    UnknownHost,
)
from tests.records.people import charlie
from tests.records.world import Driver, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def going(rollout: Rollout) -> dict[str, tuple[str, str]]:
    """From which version to which, by host."""
    rows = Target.objects.filter(rollout=rollout).select_related(
        "host", "from_version", "to_version"
    )
    return {
        row.host.name: (
            row.from_version.name if row.from_version else "",
            row.to_version.name if row.to_version else "",
        )
        for row in rows
    }


def previous(world: World, host: str = "web-1") -> str:
    earlier = world.instance(host).previous_version
    return earlier.name if earlier else ""


# --- deploy and upgrade --------------------------------------------------------------------------


def test_a_deploy_makes_instances_only_when_it_begins_with_them(world: World) -> None:
    rollout = world.start("deploy", world.version("1.0"), "web-1", "web-2")
    assert world.versions() == {}
    driver = Driver(rollout, world.clock)
    first = next(iter(driver.targets()))
    driver.begin(first)
    assert world.instance("web-1").status == InstanceStatus.INSTALLING
    driver.end(first, TargetStatus.SUCCEEDED)
    assert world.instance("web-1").status == InstanceStatus.RUNNING
    assert list(world.versions()) == ["web-1"]


def test_an_upgrade_remembers_what_ran_before(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    assert set(world.versions().values()) == {"1.1"}
    assert previous(world) == "1.0"


def test_asking_for_what_runs_is_nothing_to_do(world: World) -> None:
    version = world.version("1.0")
    world.run("deploy", version)
    with pytest.raises(NothingToDo, match=r"1\.0 runs already"):
        world.start("upgrade", version)
    with pytest.raises(NothingToDo):
        world.start("start")
    assert Rollout.objects.count() == 1


def test_an_upgrade_leaves_out_who_has_it_already(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    version = world.version("1.1")
    world.run("upgrade", version, "web-1")
    assert set(going(world.start("upgrade", version))) == {"web-2", "web-3", "web-4"}


def test_a_drifted_instance_is_brought_back_to_what_it_should_run(world: World) -> None:
    version = world.version("1.0")
    world.run("deploy", version)
    instance = world.instance("web-3")
    instance.seen_version = "0.9"
    instance.save()
    assert set(going(world.start("upgrade", version))) == {"web-3"}


def test_a_deploy_where_the_service_is_says_so(world: World) -> None:
    world.run("deploy", world.version("1.0"), "web-1")
    with pytest.raises(InstanceExists, match=r"web-1 already, version 1\.0"):
        world.start("deploy", world.version("1.1"), "web-1", "web-2")


def test_a_port_belongs_to_one_service_of_a_host(world: World) -> None:
    world.run("deploy", world.version("1.0"), "web-1")
    shop = world.make_service("shop")
    version = world.version("1.0", shop)
    world.service = shop
    with pytest.raises(PortTaken, match="8080 of web-1 belongs to billing"):
        world.start("deploy", version, "web-1")


def test_hosts_are_of_the_environment_and_known(world: World) -> None:
    world.make_host("db-1", world.make_environment("test"))
    with pytest.raises(UnknownHost, match="db-1, nope"):
        world.start("deploy", world.version("1.0"), "web-1", "db-1", "nope")
    with pytest.raises(NoInstances):
        world.start("restart")


def test_a_version_that_cannot_be_run_is_refused_before_anything_moves(world: World) -> None:
    world.service.spec = {"supervisor": "script"}
    world.service.save()
    with pytest.raises(Exception, match="no start script"):
        world.start("deploy", world.version("1.0", spec=""))
    assert not Rollout.objects.exists()


def test_charlie_starts_nothing(world: World) -> None:
    with pytest.raises(Forbidden, match="charlie"):
        world.start("deploy", world.version("1.0"), by=charlie())


# --- failures ------------------------------------------------------------------------------------


def test_a_failed_upgrade_keeps_what_ran_well(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1"])
    broken = world.instance("web-1")
    assert broken.status == InstanceStatus.UPGRADE_FAILED
    assert world.versions()["web-1"] == "1.0"
    assert broken.healthy is False


def test_a_failure_before_anything_was_touched_leaves_the_instance_as_it_was(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.finish(world.start("upgrade", world.version("1.1")), untouched=["web-1"])
    instance = world.instance("web-1")
    assert (instance.status, instance.healthy) == (InstanceStatus.RUNNING, True)
    assert not Target.objects.get(rollout__kind="upgrade", host__name="web-1").touched


def test_a_deploy_that_touched_nothing_leaves_no_instance(world: World) -> None:
    world.finish(world.start("deploy", world.version("1.0")), untouched=["web-1"])
    assert "web-1" not in world.versions()


def test_after_a_failed_upgrade_the_way_back_is_what_ran_well(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    world.finish(world.start("upgrade", world.version("1.2")), failing=["web-1"])
    to = {host: goal for host, (_, goal) in going(world.start("revert")).items()}
    assert to == {"web-1": "1.1", "web-2": "1.1", "web-3": "1.1", "web-4": "1.1"}


def test_a_version_that_never_ran_well_is_nobodys_previous_one(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1"])
    world.run("upgrade", world.version("1.2"))
    assert previous(world, "web-1") == "1.0"
    assert previous(world, "web-2") == "1.1"


# --- revert --------------------------------------------------------------------------------------


def test_each_instance_goes_back_to_its_own_previous_version(world: World) -> None:
    old, new = world.version("1.0"), world.version("1.1")
    world.run("deploy", old, "web-1")
    world.run("deploy", new, "web-2")
    newest = world.version("1.2")
    world.run("upgrade", newest)
    rollout = world.start("revert")
    assert going(rollout) == {"web-1": ("1.2", "1.0"), "web-2": ("1.2", "1.1")}


def test_after_going_back_previous_is_what_ran_before_that(world: World) -> None:
    for name, kind in (("1.0", "deploy"), ("1.1", "upgrade"), ("1.2", "upgrade")):
        world.run(kind, world.version(name))
    world.run("revert")
    assert (world.versions()["web-1"], previous(world)) == ("1.1", "1.0")
    world.run("revert")
    assert (world.versions()["web-1"], previous(world)) == ("1.0", "")
    with pytest.raises(NoEarlierVersion):
        world.start("revert")


def test_any_version_that_ran_here_can_be_gone_back_to(world: World) -> None:
    versions = [world.version(name) for name in ("1.0", "1.1", "1.2")]
    world.run("deploy", versions[0])
    for version in versions[1:]:
        world.run("upgrade", version)
    world.run("revert", versions[0])
    assert set(world.versions().values()) == {"1.0"}
    assert queries.versions_that_ran(world.instance("web-1")) == [
        versions[0],
        versions[2],
        versions[1],
    ]


def test_a_version_that_never_ran_here_is_no_way_back(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    with pytest.raises(NoEarlierVersion, match=r"1\.1 never ran well"):
        world.start("revert", world.version("1.1"))


def test_going_back_moves_no_package(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    assert queries.make_plan(world.wish("revert")).bytes_to_move == 0
    assert queries.make_plan(world.wish("upgrade", world.version("1.2"))).bytes_to_move == 4000


# --- rollback of a rollout -----------------------------------------------------------------------


def test_a_rollback_takes_back_what_was_touched_and_nothing_else(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.finish(
        world.start("upgrade", world.version("1.1")),
        failing=["web-1"],
        untouched=["web-2"],
        only=["web-1", "web-2", "web-3"],
    )
    back = operations.roll_back(rollout=bad, by=world.alice, now=world.clock())
    assert going(back) == {"web-1": ("1.1", "1.0"), "web-3": ("1.1", "1.0")}
    assert back.reverts == bad
    assert not Target.objects.filter(rollout=back).exclude(batch=1).exists()
    world.finish(back)
    assert set(world.versions().values()) == {"1.0"}


def test_the_rollback_of_a_deploy_removes_what_it_made(world: World) -> None:
    made = world.run("deploy", world.version("1.0"), "web-1")
    back = operations.roll_back(rollout=made, by=world.alice, now=world.clock())
    assert going(back) == {"web-1": ("1.0", "")}
    world.finish(back)
    assert world.versions() == {}


def test_the_rollback_of_a_removal_puts_it_back(world: World) -> None:
    world.run("deploy", world.version("1.0"), "web-1")
    gone = world.run("delete")
    assert world.versions() == {}
    back = operations.roll_back(rollout=gone, by=world.alice, now=world.clock())
    assert going(back) == {"web-1": ("", "1.0")}
    world.finish(back)
    assert world.versions() == {"web-1": "1.0"}


def test_taking_back_twice_is_nothing_to_do(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.run("upgrade", world.version("1.1"))
    world.finish(operations.roll_back(rollout=bad, by=world.alice, now=world.clock()))
    with pytest.raises(NothingToDo):
        operations.roll_back(rollout=bad, by=world.alice, now=world.clock())


def test_what_a_later_rollout_changed_is_not_taken_back_behind_it(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    earlier = world.run("upgrade", world.version("1.1"))
    world.run("upgrade", world.version("1.2"))
    with pytest.raises(Superseded, match="later rollout"):
        operations.roll_back(rollout=earlier, by=world.alice, now=world.clock())


def test_a_restart_cannot_be_taken_back(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    restart = world.run("restart")
    with pytest.raises(NothingToDo, match="changed no version"):
        operations.roll_back(rollout=restart, by=world.alice, now=world.clock())


def test_a_rollout_under_way_is_neither_retried_nor_taken_back(world: World) -> None:
    rollout = world.start("deploy", world.version("1.0"))
    for operation in (operations.roll_back, operations.retry_rollout):
        with pytest.raises((NotOver, ActiveRollout)):
            operation(rollout=rollout, by=world.alice, now=world.clock())


def test_an_automatic_rollback_begins_with_the_halt_and_leaves_a_lock(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.start("upgrade", world.version("1.1"))
    world.finish(bad, failing=["web-1"], only=["web-1"], roll_back=True)
    back = Rollout.objects.get(reverts=bad)
    assert (back.automatic, back.created_by) == (True, None)
    assert going(back) == {"web-1": ("1.1", "1.0")}
    world.finish(back)
    lock = Lock.objects.get()
    assert lock.rollout == back
    assert "it was bad" in lock.reason
    with pytest.raises(Locked, match=f"rollout {back.pk}"):
        world.start("upgrade", world.version("1.2"))


def test_a_persons_lock_does_not_keep_the_system_from_going_back(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.start("upgrade", world.version("1.1"))
    operations.lock_service(
        service=world.service,
        environment=world.environment,
        reason="stocktaking",
        until=None,
        by=world.boss,
        now=world.clock(),
    )
    world.finish(bad, failing=["web-1"], only=["web-1"], roll_back=True)
    assert Rollout.objects.filter(reverts=bad).exists()


# --- retry ---------------------------------------------------------------------------------------


def test_a_retry_is_only_what_has_not_succeeded(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(
        world.start("upgrade", world.version("1.1")),
        failing=["web-1"],
        only=["web-1", "web-2"],
    )
    again = operations.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert set(going(again)) == {"web-1", "web-3", "web-4"}
    assert again.retry_of == failed
    world.finish(again)
    assert set(world.versions().values()) == {"1.1"}
    with pytest.raises(NothingToDo):
        operations.retry_rollout(rollout=failed, by=world.alice, now=world.clock())


def test_a_retry_brings_back_what_was_taken_back_since(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1"])
    world.finish(operations.roll_back(rollout=bad, by=world.alice, now=world.clock()))
    again = operations.retry_rollout(rollout=bad, by=world.alice, now=world.clock())
    assert set(going(again)) == {"web-1", "web-2", "web-3", "web-4"}


def test_a_failed_deploy_is_retried_as_a_deploy(world: World) -> None:
    failed = world.finish(
        world.start("deploy", world.version("1.0")), failing=["web-1"], untouched=["web-2"]
    )
    again = operations.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert going(again) == {"web-1": ("", "1.0"), "web-2": ("", "1.0")}
    world.finish(again)
    assert set(world.versions()) == {"web-1", "web-2", "web-3", "web-4"}


def test_a_failed_removal_is_retried_as_a_removal(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(world.start("delete"), failing=["web-1"])
    assert world.versions() == {"web-1": "1.0"}
    again = operations.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert going(again) == {"web-1": ("1.0", "")}


# --- stop, start, delete -------------------------------------------------------------------------


def test_stopped_is_a_status_and_start_ends_it(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("stop", None, "web-1")
    assert world.instance("web-1").status == InstanceStatus.STOPPED
    assert set(going(world.start("start"))) == {"web-1"}


def test_a_restart_leaves_stopped_instances_alone(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("stop", None, "web-1")
    assert "web-1" not in going(world.start("restart"))


def test_removing_some_leaves_the_others(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("delete", None, "web-2", "web-4")
    assert set(world.versions()) == {"web-1", "web-3"}


# --- who is in the way ---------------------------------------------------------------------------


def test_the_second_start_is_told_who_was_first(world: World) -> None:
    rollout = world.start("deploy", world.version("1.0"), "web-1")
    with pytest.raises(ActiveRollout) as refused:
        world.start("deploy", world.version("1.1"), "web-2")
    assert "alice" in refused.value.message
    assert str(rollout.pk) in refused.value.message


def test_another_service_or_environment_is_not_in_the_way(world: World) -> None:
    world.start("deploy", world.version("1.0"), "web-1")
    shop = world.make_service("shop")
    version = world.version("1.0", shop)
    world.service = shop
    assert world.start("deploy", version, "web-2")


def test_a_host_in_maintenance_is_refused_by_name_and_left_out_otherwise(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    host = world.hosts[0]
    host.state = "maintenance"
    host.save()
    with pytest.raises(HostInMaintenance, match="web-1"):
        world.start("restart", None, "web-1", "web-2")
    assert set(going(world.start("restart"))) == {"web-2", "web-3", "web-4"}


def test_what_was_begun_is_audited_with_its_reason(world: World) -> None:
    operations.start_rollout(
        wish=world.wish("deploy", world.version("1.0"), "web-1"),
        by=world.alice,
        now=world.clock(),
        reason="ticket 42",
    )
    event = Event.objects.get(verb="rollout.started")
    assert (event.by_name, event.reason) == ("alice", "ticket 42")
    assert (event.after or {})["hosts"] == ["web-1:8080"]


@pytest.mark.parametrize("state", [RolloutStatus.RUNNING, RolloutStatus.FAILED])
def test_a_finished_rollout_stays_finished_whoever_asks(world: World, state: str) -> None:
    rollout = world.run("deploy", world.version("1.0"))
    with pytest.raises(DatabaseError, match="stays as it ended"), transaction.atomic():
        Rollout.objects.filter(pk=rollout.pk).update(state=state)
    with pytest.raises(DatabaseError), transaction.atomic():
        Rollout.objects.filter(pk=rollout.pk).update(finished_at=None)
