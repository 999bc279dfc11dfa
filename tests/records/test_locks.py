"""A stop sign holds for everybody but who put it up, until it is released or its time is over."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from slipway.core.words.refusal import Forbidden, Invalid
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.fleet.operations import environments, instances
from slipway.records.fleet.operations.instances import InstanceLocked
from slipway.records.rollouts.ask import queries
from slipway.records.rollouts.models import Lock
from slipway.records.rollouts.operations import locks
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish.refusals import ApprovalNeeded, Frozen, Locked, NotLocked
from tests.records.people import charlie, person
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    world = World(hosts=2)
    world.run("deploy", world.version("1.0"))
    return world


@pytest.fixture
def dora() -> Actor:
    return person("dora", (Role.DEPLOYER, "billing", "prod"))


def lock(
    world: World, by: Actor, *, minutes: int | None = None, reason: str = "stocktaking"
) -> Lock:
    now = world.clock()
    return locks.lock_service(
        service=world.service,
        environment=world.environment,
        reason=reason,
        until=now + timedelta(minutes=minutes) if minutes else None,
        by=by,
        now=now,
    )


def unlock(world: World, by: Actor, reason: str = "") -> None:
    locks.unlock_service(
        service=world.service,
        environment=world.environment,
        by=by,
        now=world.clock(),
        reason=reason,
    )


def test_a_lock_keeps_others_out_and_says_who_and_why(world: World, dora: Actor) -> None:
    lock(world, dora)
    with pytest.raises(Locked, match=r"locked by dora since .*: stocktaking"):
        world.start("restart")


def test_the_holder_may_work_behind_the_own_lock(world: World, dora: Actor) -> None:
    lock(world, dora)
    for who, expected in ((dora, []), (world.alice, ["locked"])):
        plan = planning.make_plan(world.wish("restart"), world.clock(), who)
        assert [each.code for each in plan.obstacles if each.blocking] == expected
    assert world.start("restart", by=dora)


def test_a_lock_ends_by_itself_when_its_time_is_over(world: World, dora: Actor) -> None:
    lock(world, dora, minutes=1)
    with pytest.raises(Locked):
        world.start("restart")
    world.clock.now += timedelta(minutes=2)
    assert world.start("restart")
    lock(world, world.alice)  # and its place is free
    assert [each.person for each in queries.list_locks(world.boss, world.clock())] == [
        world.alice.name
    ]


def test_a_second_person_is_told_who_holds_it(world: World, dora: Actor) -> None:
    lock(world, dora)
    with pytest.raises(Locked, match="dora"):
        lock(world, world.alice)
    assert lock(world, dora, reason="still counting").reason == "still counting"


def test_ones_own_lock_is_released_freely(world: World, dora: Actor) -> None:
    lock(world, dora)
    unlock(world, dora)
    assert world.start("restart")
    told = Event.objects.filter(verb__startswith="lock").order_by("id")
    assert [event.verb for event in told] == ["lock.taken", "lock.released"]


def test_breaking_a_lock_takes_the_right_and_a_reason(world: World, dora: Actor) -> None:
    lock(world, world.alice)
    with pytest.raises(Forbidden):
        unlock(world, dora, "I want to go home")
    with pytest.raises(Invalid, match="needs a reason"):
        unlock(world, world.boss)
    unlock(world, world.boss, "Alice is on holiday")
    event = Event.objects.get(verb="lock.broken")
    assert (event.by_name, event.reason) == ("bob", "Alice is on holiday")


def test_nothing_to_release_is_said(world: World) -> None:
    with pytest.raises(NotLocked):
        unlock(world, world.alice)


def test_charlie_neither_locks_nor_unlocks(world: World) -> None:
    with pytest.raises(Forbidden):
        lock(world, charlie())
    lock(world, world.alice)
    with pytest.raises(Forbidden):
        unlock(world, charlie(), "why not")


@pytest.mark.parametrize("reason", ["", "   ", "\0", "x" * 1001])
def test_a_lock_needs_a_reason_that_can_be_read(world: World, reason: str) -> None:
    with pytest.raises(Invalid):
        lock(world, world.alice, reason=reason)


def test_the_database_keeps_one_lock_with_a_holder_that_ends_after_it_begins(world: World) -> None:
    now = world.clock()
    base = {"service": world.service, "environment": world.environment, "reason": "x", "since": now}
    for wrong in ({}, {"holder": world.alice.user, "until": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Lock.objects.create(**base, **wrong)
    Lock.objects.create(**base, holder=world.alice.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lock.objects.create(**base, holder=world.alice.user)


# --- other gates ---------------------------------------------------------------------------------


def test_a_locked_instance_is_touched_by_nobody(world: World) -> None:
    instance = world.instance("web-1")
    instances.lock_instance(
        instance=instance, reason="heap dump", by=world.alice, now=world.clock()
    )
    with pytest.raises(InstanceLocked, match=r"locked by alice since .*: heap dump"):
        world.start("restart")
    assert world.start("restart", None, "web-2")


def test_a_freeze_window_keeps_out_all_but_the_way_back(world: World) -> None:
    begin = world.clock.now - timedelta(hours=1)
    environments.change_environment(
        environment=world.environment,
        changes={
            "freeze_windows": [
                {
                    "from": begin.isoformat(),
                    "until": (begin + timedelta(hours=2)).isoformat(),
                    "reason": "Christmas",
                }
            ]
        },
        by=world.boss,
        now=world.clock(),
    )
    with pytest.raises(Frozen, match="Christmas"):
        world.start("restart")
    plan = planning.make_plan(world.wish("restart"), world.clock())
    assert [obstacle.code for obstacle in plan.obstacles] == ["freeze_window"]
    version = world.version("1.1")
    world.clock.now += timedelta(hours=3)
    world.run("upgrade", version)
    world.clock.now -= timedelta(hours=3)
    assert world.start("revert")


def test_an_environment_that_asks_for_approvals_starts_nothing_without(world: World) -> None:
    world.environment.approvals_needed = 1  # as it could be said once
    world.environment.save()
    with pytest.raises(ApprovalNeeded) as refused:
        world.start("restart")
    assert "slipway env change prod --approvals 0" in refused.value.hint
    environments.change_environment(
        environment=world.environment,
        changes={"approvals_needed": 0},
        by=world.boss,
        now=world.clock(),
    )
    assert world.start("restart").pk
