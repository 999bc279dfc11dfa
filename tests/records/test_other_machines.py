"""A host that is another machine: what was seen of the one before decides nothing any more."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from slipway.core.hosts.seen import SeenInstance
from slipway.records.fleet import due
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.operations import checks, hosts, looks
from slipway.records.fleet.operations.looks import HostLook
from slipway.records.rollouts.histories.ways_back import on_hosts
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish.refusals import NothingThere, NothingToDo, NotLookedAt
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    world = World(hosts=3)
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    Host.objects.update(facts={"os": "Debian"}, last_seen_at=world.clock())
    return world


def forgotten(world: World, host: Host) -> None:
    hosts.forget_host_key(host=host, by=world.boss, now=world.clock())


def moved(world: World, host: Host) -> None:
    changes = {"address": "192.0.2.99"}
    hosts.change_host(host=host, changes=changes, by=world.boss, now=world.clock())


def at_another_port(world: World, host: Host) -> None:
    hosts.change_host(host=host, changes={"port": 2222}, by=world.boss, now=world.clock())


def learns(world: World, host: Host) -> None:
    """Have the host's key accepted anew, without a look at what runs there."""
    checks.request_checks(hosts=[host], learn_key=True, by=world.boss, now=world.clock())
    (check,) = checks.claim_checks(worker="w", limit=1, now=world.clock())
    checks.finish_check(
        check=check, facts=None, host_key="ssh-ed25519 BBBB", problem=None, now=world.clock()
    )


def replaced(world: World, name: str = "web-1") -> Host:
    host = Host.objects.get(name=name)
    forgotten(world, host)
    learns(world, host)
    return Host.objects.get(pk=host.pk)


def looked_at(world: World, host: Host, version: str = "") -> None:
    """Have a look find `version` there, or nothing."""
    found = SeenInstance("8080", version, "active", version, 12, 1) if version else None
    seen = {world.service.pk: (found,) if found else ()}
    look = HostLook(host.pk, world.clock(), None, seen)
    looks.record_looks(looks=[look], now=world.clock())


@pytest.mark.parametrize("change", [forgotten, moved, at_another_port])
def test_another_machine_clears_what_was_seen(
    world: World, change: Callable[[World, Host], None]
) -> None:
    change(world, Host.objects.get(name="web-1"))
    host, instance = Host.objects.get(name="web-1"), world.instance("web-1")
    assert (host.host_key, host.state, host.facts) == ("", HostState.UNKNOWN, {})
    assert (host.last_seen_at, host.looked_at, host.checked_at) == (None, None, None)
    seen = [f.name for f in Instance._meta.get_fields() if f.name.startswith("seen_")]
    assert not [name for name in seen if getattr(instance, name)]
    assert instance.healthy is None
    # What should be there stays, and so does what is on the others.
    assert instance.version is not None
    assert instance.version.name == "1.1"
    assert world.instance("web-2").seen_link == "1.1"
    assert on_hosts(world.service.pk, [host.pk]).get(host.pk, frozenset()) == frozenset()


def test_what_says_nothing_of_the_machine_clears_nothing(world: World) -> None:
    changes = {"user": "deploy", "labels": {"rack": "b"}, "become": "sudo"}
    host = Host.objects.get(name="web-1")
    hosts.change_host(host=host, changes=changes, by=world.boss, now=world.clock())
    assert world.instance("web-1").seen_link == "1.1"


def test_maintenance_is_a_persons_word_and_stays(world: World) -> None:
    host = Host.objects.get(name="web-1")
    hosts.set_maintenance(host=host, on=True, by=world.boss, now=world.clock())
    forgotten(world, host)
    assert Host.objects.get(name="web-1").state == HostState.MAINTENANCE


def test_nothing_is_planned_there_before_a_look(world: World) -> None:
    replaced(world)
    plan = planning.make_plan(world.wish("upgrade", world.version("1.1")), world.clock())
    assert [(each.code, each.blocking) for each in plan.obstacles] == [("not_looked_at", True)]
    with pytest.raises(NotLookedAt) as refused:
        world.start("restart", None, "web-1")
    assert refused.value.sentence.english_hint.endswith("slipway host check web-1")


def test_an_empty_machine_is_brought_what_should_be_there(world: World) -> None:
    host = replaced(world)
    looked_at(world, host)
    plan = planning.make_plan(world.wish("upgrade", world.version("1.1")), world.clock())
    (target,) = plan.targets
    assert (target.host, target.from_version, target.to_version) == ("web-1", "", "1.1")
    assert target.bytes_to_move > 0
    # That it cannot be put back is no reason to put the version before there.
    assert (target.back_version, target.is_new) == ("", False)
    world.run("upgrade", world.version("1.1"))
    assert world.instance("web-1").seen_bare is False


def test_the_same_machine_at_another_address_has_nothing_to_be_done(world: World) -> None:
    moved(world, Host.objects.get(name="web-1"))
    host = Host.objects.get(name="web-1")
    learns(world, host)
    looked_at(world, host, "1.1")
    with pytest.raises(NothingToDo):
        world.start("upgrade", world.version("1.1"))


def test_a_look_at_the_machine_before_is_not_believed(world: World) -> None:
    asked_at = world.clock()
    host = replaced(world)
    found = SeenInstance("8080", "1.1", "active", "1.1", 12, 1)
    look = HostLook(host.pk, asked_at, None, {world.service.pk: (found,)})
    looks.record_looks(looks=[look], now=world.clock())
    assert world.instance("web-1").seen_at is None
    assert Host.objects.get(pk=host.pk).looked_at is not None  # by the check that learnt its key


def test_an_empty_machine_has_nothing_that_could_be_started(world: World) -> None:
    looked_at(world, replaced(world))
    with pytest.raises(NothingThere) as refused:
        world.start("restart", None, "web-1")
    assert refused.value.sentence.english_hint.endswith("slipway host restore web-1")


def test_back_from_an_empty_machine_is_back_from_what_should_be_there(world: World) -> None:
    looked_at(world, replaced(world))
    plan = planning.make_plan(world.wish("revert"), world.clock())
    assert {target.to_version for target in plan.targets} == {"1.0"}


def test_a_new_machine_is_due_for_a_look_at_once(world: World) -> None:
    host = replaced(world)
    assert list(due.list_unseen_services(host.pk)) == [(world.service.pk, "billing")]
    looked_at(world, host, "1.1")
    assert due.list_unseen_services(host.pk) == []


def test_nothing_to_do_is_not_said_of_what_was_seen_long_ago(world: World) -> None:
    wish = world.wish("upgrade", world.version("1.1"))
    later = world.clock() + timedelta(minutes=10)
    plan = planning.make_plan(wish, later)
    assert {target.host for target in plan.targets} == {"web-1", "web-2", "web-3"}
    assert [(each.code, each.blocking) for each in plan.obstacles] == [("seen_long_ago", False)]
    assert "2026-11-23 10:" in plan.obstacles[0].message
    with pytest.raises(NothingToDo):
        world.start("upgrade", world.version("1.1"))
