"""Everything back on a host: a rollout for each service, and what is refused is told by name."""

from dataclasses import replace

import pytest

from slipway.core.words.refusal import Forbidden
from slipway.core.words.roles import Role
from slipway.ports import HostKeyUnknown, HostUnreachable
from slipway.records.audit.models import Event
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import locks, restores, starts
from slipway.records.rollouts.wish.refusals import HostInMaintenance, NothingToDo
from tests.records.people import person
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    """billing 1.0 and shop 2.0 on web-1 and web-2; web-1 is empty since."""
    world = World(hosts=2)
    world.run("deploy", world.version("1.0"))
    billing, world.service = world.service, world.make_service("shop")
    wish = replace(world.wish("deploy", world.version("2.0"), "web-1", "web-2"), port=9090)
    world.finish(starts.start_rollout(wish=wish, by=world.alice, now=world.clock()))
    world.service = billing
    Instance.objects.filter(host__name="web-1").update(
        seen_bare=True, seen_link="", seen_version="", healthy=False
    )
    return world


def empty(world: World) -> Host:
    return Host.objects.select_related("environment").get(name="web-1")


def restore(world: World, **more: object) -> restores.Restored:
    by = more.pop("by", world.alice)
    return restores.restore_host(host=empty(world), by=by, now=world.clock(), **more)  # type: ignore[arg-type]


def test_each_service_has_one_rollout_of_this_host_alone(world: World) -> None:
    restored = restore(world, reason="replaced")
    names = [each.service.name for each in restored.rollouts]
    assert (names, restored.refused, restored.others) == (["billing", "shop"], [], 0)
    for rollout in restored.rollouts:
        (target,) = rollout.targets.all()
        assert (target.host.name, target.from_version) == ("web-1", None)
        assert target.instance is not None
        assert target.to_version == target.instance.version
    billing, shop = restored.rollouts
    world.finish(billing)
    world.finish(shop)
    assert {each.seen_bare for each in Instance.objects.all()} == {False}
    event = Event.objects.get(verb="host.restore_began")
    assert event.after == {"rollouts": [billing.pk, shop.pk], "refused": {}}
    assert (event.reason, event.by_name) == ("replaced", "alice")


def test_who_may_not_deploy_one_is_refused_it_by_name_and_the_others_begin(world: World) -> None:
    petra = person("petra", (Role.DEPLOYER, "billing", ""), (Role.VIEWER, "", ""))
    restored = restore(world, by=petra)
    assert [each.service.name for each in restored.rollouts] == ["billing"]
    ((service, refused),) = restored.refused
    assert (service, refused.code) == ("shop", "forbidden")
    assert not restored.is_whole


def test_what_one_may_not_see_is_counted_and_not_named(world: World) -> None:
    petra = person("petra", (Role.DEPLOYER, "billing", ""))
    restored = restore(world, by=petra)
    assert (len(restored.rollouts), restored.refused, restored.others) == (1, [], 1)


def test_who_may_deploy_nothing_there_begins_nothing(world: World) -> None:
    with pytest.raises(Forbidden):
        restore(world, by=person("dora", (Role.VIEWER, "", "")))
    with pytest.raises(Forbidden):
        restore(world, by=person("charlie"))
    assert not Event.objects.filter(verb="host.restore_began").exists()


def test_a_locked_service_is_refused_by_name_and_the_others_begin(world: World) -> None:
    locks.lock_service(
        service=world.service,
        environment=world.environment,
        reason="investigating",
        until=None,
        by=world.boss,
        now=world.clock(),
    )
    restored = restore(world)
    assert [each.service.name for each in restored.rollouts] == ["shop"]
    ((service, refused),) = restored.refused
    assert (service, refused.code) == ("billing", "locked")


def test_what_is_busy_is_refused_by_name(world: World) -> None:
    world.start("restart", None, "web-2")
    ((service, refused),) = restore(world).refused
    assert (service, refused.code) == ("billing", "active_rollout")


def test_what_was_stopped_stays_stopped(world: World) -> None:
    Instance.objects.filter(host__name="web-1", service=world.service).update(status=5, up=False)
    billing = restore(world).rollouts[0]
    (place,) = [each for each in billing.plan["places"] if "web-1" in str(each)]
    assert place["planned"]["up"] is False


def test_a_dry_run_shows_the_plans_and_begins_nothing(world: World) -> None:
    before = Rollout.objects.count()
    restored = restores.plan_restore(host=empty(world), by=world.alice, now=world.clock())
    assert [(each.service, len(each.targets)) for each in restored.plans] == [
        ("billing", 1),
        ("shop", 1),
    ]
    assert {each.to_version for plan in restored.plans for each in plan.targets} == {"1.0", "2.0"}
    assert Rollout.objects.count() == before


def test_what_runs_there_still_is_only_asked_about(world: World) -> None:
    """Named, a place takes part whatever was seen: its driver asks, and touches what is not so."""
    Instance.objects.update(seen_bare=False, healthy=True, seen_link="1.0", seen_version="")
    (target,) = restore(world).rollouts[0].targets.all()
    assert target.from_version == target.to_version


def test_a_host_that_nobody_reaches_is_refused_whole(world: World) -> None:
    Host.objects.filter(name="web-1").update(host_key="")
    with pytest.raises(HostKeyUnknown):
        restore(world)
    Host.objects.filter(name="web-1").update(host_key="ssh-ed25519 A", state="unreachable")
    with pytest.raises(HostUnreachable):
        restore(world)
    Host.objects.filter(name="web-1").update(state="maintenance")
    with pytest.raises(HostInMaintenance):
        restore(world)


def test_a_host_on_which_nothing_should_be_has_nothing_to_be_put_back(world: World) -> None:
    Instance.objects.filter(host__name="web-1").delete()
    with pytest.raises(NothingToDo):
        restore(world)


def test_a_version_without_a_package_is_refused_before_the_host_is_touched(world: World) -> None:
    package = Version.objects.get(name="2.0").package
    assert package is not None
    package.__class__.objects.filter(pk=package.pk).update(removed_at=world.clock())
    restored = restore(world)
    assert [each.service.name for each in restored.rollouts] == ["billing"]
    assert [service for service, _ in restored.refused] == ["shop"]
    assert Service.objects.count() == 2
