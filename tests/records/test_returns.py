"""Going back and trying again: each instance to its own earlier version, and nothing twice."""

from datetime import timedelta

import pytest

from slipway.records.rollouts import operations, queries
from slipway.records.rollouts.models import Lock, Rollout, Target
from slipway.records.rollouts.operations import ActiveRollout, Locked, NothingToDo
from slipway.records.rollouts.refusals import (
    NoEarlierVersion,
    NotOver,
    Superseded,
)
from tests.records.world import World, going, previous

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


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
    assert "it was bad" in str(lock.cause)
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


def test_an_automatic_rollback_that_is_refused_ends_in_a_lock_that_says_so(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.start("upgrade", world.version("1.1"))
    world.service.spec = {"supervisor": "script"}  # since then nobody knows how to start 1.0
    world.service.save()
    ended = world.finish(bad, failing=["web-1"], only=["web-1"], roll_back=True)
    assert ended.state == "halted"
    assert not Rollout.objects.filter(reverts=bad).exists()
    assert "could not be taken back by itself" in str(Lock.objects.get().cause)


def test_a_lock_whose_time_is_over_does_not_stand_in_for_the_one_that_is_left(
    world: World,
) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.start("upgrade", world.version("1.1"))
    now = world.clock()
    Lock.objects.create(
        service=world.service,
        environment=world.environment,
        holder=world.boss.user,
        reason="short",
        since=now - timedelta(hours=2),
        until=now - timedelta(hours=1),
    )
    world.finish(bad, failing=["web-1"], only=["web-1"], roll_back=True)
    world.finish(Rollout.objects.get(reverts=bad))
    assert "it was bad" in str(Lock.objects.get(released_at=None).cause)


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
