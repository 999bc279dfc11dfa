"""Going back and trying again: each instance to its own earlier version, and nothing twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from slipway.core.rollout.value.words import End
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.operations import hosts, instances
from slipway.records.fleet.operations.instances import InstanceLocked
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import returns
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish.refusals import ActiveRollout, NothingToDo, NotOver, Superseded
from tests.records.world import World, going, previous
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    return World()


# --- rollback of a rollout -----------------------------------------------------------------------


def test_a_rollback_takes_back_what_was_touched_and_nothing_else(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.finish(
        world.start("upgrade", world.version("1.1")),
        failing=["web-1"],
        untouched=["web-2"],
        only=["web-1", "web-2", "web-3"],
    )
    world.says("web-1", "1.1")
    back = returns.roll_back(rollout=bad, by=world.alice, now=world.clock())
    assert going(back) == {"web-1": ("1.1", "1.0"), "web-3": ("1.1", "1.0")}
    assert back.reverts == bad
    batches = Target.objects.filter(rollout=back).values_list("host__name", "batch")
    assert dict(batches) == {"web-1": 1, "web-3": 2}  # the ill one at once
    world.finish(back)
    assert set(world.versions().values()) == {"1.0"}


def test_the_rollback_of_a_deploy_removes_what_it_made(world: World) -> None:
    made = world.run("deploy", world.version("1.0"), "web-1")
    back = returns.roll_back(rollout=made, by=world.alice, now=world.clock())
    assert going(back) == {"web-1": ("1.0", "")}
    world.finish(back)
    assert world.versions() == {}


def test_the_rollback_of_a_removal_puts_it_back(world: World) -> None:
    world.run("deploy", world.version("1.0"), "web-1")
    gone = world.run("delete")
    assert world.versions() == {}
    back = returns.roll_back(rollout=gone, by=world.alice, now=world.clock())
    assert going(back) == {"web-1": ("", "1.0")}
    world.finish(back)
    assert world.versions() == {"web-1": "1.0"}


def test_taking_back_twice_is_nothing_to_do(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.run("upgrade", world.version("1.1"))
    world.finish(returns.roll_back(rollout=bad, by=world.alice, now=world.clock()))
    with pytest.raises(NothingToDo):
        returns.roll_back(rollout=bad, by=world.alice, now=world.clock())


def test_what_a_later_rollout_changed_is_not_taken_back_behind_it(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    earlier = world.run("upgrade", world.version("1.1"))
    later = world.run("upgrade", world.version("1.2"))
    with pytest.raises(Superseded, match=f"later rollout, {later.pk},"):
        returns.roll_back(rollout=earlier, by=world.alice, now=world.clock())


def test_what_was_overtaken_is_left_out_by_name_and_the_rest_goes(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    earlier = world.run("upgrade", world.version("1.1"))
    later = world.run("upgrade", world.version("1.2"), "web-2")
    wish = world.wish("revert", reverts=earlier)
    (said,) = planning.make_plan(wish).obstacles
    assert (said.code, said.blocking) == ("superseded", False)
    assert "web-2" in said.message
    assert str(later.pk) in said.message
    back = returns.roll_back(rollout=earlier, by=world.alice, now=world.clock())
    assert set(going(back)) == {"web-1", "web-3", "web-4"}


@pytest.mark.parametrize("kind", ["restart", "stop", "start"])
def test_what_changes_no_version_overtakes_nothing(world: World, kind: str) -> None:
    world.run("deploy", world.version("1.0"))
    upgrade = world.run("upgrade", world.version("1.1"))
    if kind == "start":
        world.run("stop")
    world.run(kind)
    back = returns.roll_back(rollout=upgrade, by=world.alice, now=world.clock())
    assert set(going(back).values()) == {("1.1", "1.0")}


def test_what_is_there_by_no_rollout_of_ours_is_not_taken_back(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    upgrade = world.run("upgrade", world.version("1.1"))
    world.says("web-1", "1.0")
    back = returns.roll_back(rollout=upgrade, by=world.alice, now=world.clock())
    assert set(going(back)) == {"web-2", "web-3", "web-4"}


def test_a_restart_cannot_be_taken_back(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    restart = world.run("restart")
    with pytest.raises(NothingToDo, match="changed no version"):
        returns.roll_back(rollout=restart, by=world.alice, now=world.clock())


def test_a_rollout_under_way_is_neither_retried_nor_taken_back(world: World) -> None:
    rollout = world.start("deploy", world.version("1.0"))
    for operation in (returns.roll_back, returns.retry_rollout):
        with pytest.raises((NotOver, ActiveRollout)):
            operation(rollout=rollout, by=world.alice, now=world.clock())


def test_what_was_never_brought_to_life_is_nobodys_previous_version(world: World) -> None:
    world.finish(world.start("deploy", world.version("1.0")), failing=["web-1"])
    world.run("upgrade", world.version("1.1"))
    assert (previous(world, "web-1"), previous(world, "web-2")) == ("", "1.0")


# --- retry ---------------------------------------------------------------------------------------


def test_a_retry_is_only_what_has_not_succeeded(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(
        world.start("upgrade", world.version("1.1")),
        failing=["web-1"],
        only=["web-1", "web-2"],
    )
    again = returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert set(going(again)) == {"web-1", "web-3", "web-4"}
    assert again.retry_of == failed
    world.finish(again)
    assert set(world.versions().values()) == {"1.1"}
    with pytest.raises(NothingToDo):
        returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())


def test_what_a_person_has_taken_back_since_is_not_retried(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1"])
    world.says("web-1", "1.1")
    back = world.finish(returns.roll_back(rollout=bad, by=world.alice, now=world.clock()))
    with pytest.raises(Superseded, match=f"later rollout, {back.pk},"):
        returns.retry_rollout(rollout=bad, by=world.alice, now=world.clock())


def test_what_has_gone_back_by_itself_is_retried(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.finish(
        world.start("upgrade", world.version("1.1")),
        taken_back=["web-1", "web-2"],
        only=["web-1", "web-2"],
        end=End.TAKEN_BACK,
    )
    again = returns.retry_rollout(rollout=bad, by=world.alice, now=world.clock())
    assert set(going(again)) == {"web-1", "web-2", "web-3", "web-4"}


def test_a_retry_takes_nothing_back_that_was_upgraded_since(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-4"])
    later = world.run("upgrade", world.version("1.2"))
    with pytest.raises(Superseded, match=f"web-4 .* later rollout, {later.pk},"):
        returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())


def test_a_retry_is_planned_by_the_policies_of_now(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(
        world.start("upgrade", world.version("1.1"), batches="100%", failure_budget="4"),
        failing=["web-1", "web-2"],
    )
    world.environment.batches, world.environment.bake_time = "1 100%", timedelta(seconds=7)
    world.environment.save()
    failed.refresh_from_db()
    again = returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert (again.batches, again.bake_time) == ("1 100%", timedelta(seconds=7))


def test_a_retry_brings_the_settings_of_now(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1"])
    world.service.spec = {"keep_releases": 3, "user": "billing"}
    world.service.save()
    failed = Rollout.objects.get(pk=failed.pk)
    again = returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    release = Target.objects.get(rollout=again).to_release
    assert release is not None
    assert release.spec["user"] == "billing"


@pytest.mark.parametrize("operation", [returns.roll_back, returns.retry_rollout])
def test_a_lock_of_an_instance_binds_who_answers_an_earlier_rollout(
    world: World, operation: Callable[..., Rollout]
) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-4"])
    instances.lock_instance(
        instance=world.instance("web-4"), reason="evidence", by=world.boss, now=world.clock()
    )
    with pytest.raises(InstanceLocked, match="evidence"):
        operation(rollout=failed, by=world.alice, now=world.clock())


@pytest.mark.parametrize("operation", [returns.roll_back, returns.retry_rollout])
@pytest.mark.parametrize("whole_host", [True, False])
def test_what_rests_is_left_out_of_answers_by_name(
    world: World, operation: Callable[..., Rollout], whole_host: bool
) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-3", "web-4"])
    if whole_host:
        hosts.set_maintenance(host=world.hosts[3], on=True, by=world.boss, now=world.clock())
    else:
        instances.change_instance(
            instance=world.instance("web-4"), is_maintain=True, by=world.boss, now=world.clock()
        )
    again = operation(rollout=failed, by=world.alice, now=world.clock())
    assert "web-4" not in going(again)
    assert "web-3" in going(again)


def test_a_host_that_moved_away_is_left_out_by_name(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-3", "web-4"])
    other = world.make_environment("test")
    Host.objects.filter(name="web-4").update(environment=other)
    Instance.objects.filter(host__name="web-4").update(environment=other)
    again = returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert set(going(again)) == {"web-3"}


def test_a_failed_deploy_is_retried_as_a_deploy(world: World) -> None:
    failed = world.finish(
        world.start("deploy", world.version("1.0")), failing=["web-1"], untouched=["web-2"]
    )
    again = returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert going(again) == {"web-1": ("", "1.0"), "web-2": ("", "1.0")}
    world.finish(again)
    assert set(world.versions()) == {"web-1", "web-2", "web-3", "web-4"}


def test_a_failed_removal_is_retried_as_a_removal(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    failed = world.finish(world.start("delete"), failing=["web-1"])
    assert world.versions() == {"web-1": "1.0"}
    again = returns.retry_rollout(rollout=failed, by=world.alice, now=world.clock())
    assert going(again) == {"web-1": ("1.0", "")}
