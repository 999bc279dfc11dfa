"""What starting and finishing a rollout does to instances, target by target."""

import pytest
from django.db import DatabaseError, transaction

from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.refusal import Forbidden
from slipway.records.audit.models import Event
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.wish.refusals import (
    ActiveRollout,
    HostInMaintenance,
    InstanceExists,
    NoInstances,
    NothingToDo,
    PortTaken,
    UnknownHost,
)
from tests.hand import Hand
from tests.records.people import charlie
from tests.records.world import World, going, previous
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    return World()


# --- deploy and upgrade --------------------------------------------------------------------------


def test_a_deploy_makes_instances_only_when_it_begins_with_them(world: World) -> None:
    rollout = world.start("deploy", world.version("1.0"), "web-1", "web-2")
    assert world.versions() == {}
    hand = Hand(rollout)
    hand.start("web-1")
    assert world.instance("web-1").status == InstanceStatus.INSTALLING
    hand.succeed("web-1")
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
    starts.start_rollout(
        wish=world.wish("deploy", world.version("1.0"), "web-1"),
        by=world.alice,
        now=world.clock(),
        reason="ticket 42",
    )
    event = Event.objects.get(verb="rollout.started")
    assert (event.by_name, event.reason) == ("alice", "ticket 42")
    assert (event.after or {})["hosts"] == ["web-1:8080"]


@pytest.mark.parametrize("state", [RolloutStatus.RUNNING, RolloutStatus.PARTIAL])
def test_a_finished_rollout_stays_finished_whoever_asks(world: World, state: str) -> None:
    rollout = world.run("deploy", world.version("1.0"))
    with pytest.raises(DatabaseError, match="stays as it ended"), transaction.atomic():
        Rollout.objects.filter(pk=rollout.pk).update(state=state)
    with pytest.raises(DatabaseError), transaction.atomic():
        Rollout.objects.filter(pk=rollout.pk).update(finished_at=None)
