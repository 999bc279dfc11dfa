"""Hosts of a rollout are chosen by what they have in common, or instances by their places."""

from datetime import timedelta

import pytest

from slipway.core.finding.listings import HOSTS
from slipway.core.finding.parsing import parse_where
from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish.choosing import chosen
from slipway.records.rollouts.wish.refusals import PlanChanged, UnknownHost
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.finding.asked import Asking
from tests.records.people import NOW, person
from tests.records.world import PORT, World
from tests.standing import made_once

NO_PLACES: tuple[str, ...] = ()


@made_once
def standing() -> World:
    """Billing runs on the four hosts of two racks; a fifth has nothing yet."""
    world = World(hosts=4)
    world.run("deploy", world.version("1.0"))
    world.make_host("web-5")
    for name, rack in (("1", "a"), ("2", "a"), ("3", "b"), ("4", "b"), ("5", "a")):
        Host.objects.filter(name=f"web-{name}").update(labels={"rack": rack})
    return world


def choose(
    world: World,
    wish: Wish,
    text: str = "",
    places: tuple[str, ...] = NO_PLACES,
    by: Actor | None = None,
) -> Wish:
    asking = Asking(parse_where(text, HOSTS), NOW + timedelta(hours=1))
    return chosen(wish, asking, places, by or world.boss)


def upgrade(world: World, *hosts: str) -> Wish:
    return world.wish("upgrade", world.version("2.0"), *hosts)


def deploy(world: World) -> Wish:
    return world.wish("deploy", world.service.versions.get(name="1.0"))


def planned(world: World, wish: Wish) -> list[str]:
    plan = planning.make_plan(wish, world.clock())
    return sorted(f"{target.host}:{target.port}" for target in plan.targets)


def obstacles(world: World, wish: Wish) -> dict[str, bool]:
    plan = planning.make_plan(wish, world.clock())
    return {obstacle.code: obstacle.blocking for obstacle in plan.obstacles}


def test_the_plan_names_the_hosts_that_were_chosen(world: World) -> None:
    wish = choose(world, upgrade(world), "rack:a")
    assert planned(world, wish) == [f"web-1:{PORT}", f"web-2:{PORT}"]
    assert obstacles(world, wish) == {}
    wish = choose(world, upgrade(world), "-rack:a web-3")
    assert planned(world, wish) == [f"web-3:{PORT}"]


def test_a_deploy_comes_to_those_where_nothing_is(world: World) -> None:
    wish = choose(world, deploy(world), "rack:a")
    assert wish.hosts == ("web-1", "web-2", "web-5")
    assert planned(world, wish) == [f"web-5:{PORT}"]
    assert True not in obstacles(world, wish).values()


def test_who_rests_among_those_that_were_found_is_left_out_and_told(world: World) -> None:
    Host.objects.filter(name="web-1").update(state=HostState.MAINTENANCE)
    found = choose(world, upgrade(world), "rack:a")
    assert planned(world, found) == [f"web-2:{PORT}"]
    assert obstacles(world, found) == {"host_in_maintenance": False}
    assert obstacles(world, upgrade(world, "web-1", "web-2")) == {"host_in_maintenance": True}
    place = choose(world, upgrade(world), places=(f"web-1:{PORT}",))
    assert obstacles(world, place) == {"host_in_maintenance": True}


def test_a_host_that_changed_since_the_plan_changes_the_plan(world: World) -> None:
    shown = planning.make_plan(choose(world, upgrade(world), "rack:a"), world.clock()).hash
    Host.objects.filter(name="web-2").update(labels={"rack": "b"})
    again = choose(world, world.wish("upgrade", world.version("2.0")), "rack:a")
    with pytest.raises(PlanChanged):
        starts.start_rollout(wish=again, by=world.alice, now=world.clock(), plan_hash=shown)


def test_instances_are_chosen_by_their_places(world: World) -> None:
    first = Instance.objects.get(host__name="web-1")
    first.pk, first.port = None, 9090
    first.save()
    assert len(planned(world, upgrade(world, "web-1"))) == 2
    one = choose(world, upgrade(world), places=("web-1:9090",))
    assert planned(world, one) == ["web-1:9090"]
    both = choose(world, upgrade(world, "web-2"), places=("web-1:9090",))
    assert planned(world, both) == ["web-1:9090", f"web-2:{PORT}"]


@pytest.mark.parametrize("place", ["web-1:1", "web-5:8080", "web-1:", "\0:1", "nobody:8080", ":"])
def test_a_place_that_is_not_there_is_refused(world: World, place: str) -> None:
    wish = choose(world, upgrade(world), places=(f"web-2:{PORT}", place))
    assert obstacles(world, wish) == {"unknown_host": True}


def test_a_deploy_to_places_is_one_to_their_port(world: World) -> None:
    wish = choose(world, deploy(world), places=("web-5:8080",))
    assert (wish.hosts, wish.port, wish.places) == (("web-5",), 8080, ())
    for places in (("web-5:8080", "web-4:9090"), ("web-5",), ("web-5:x",), ("web-5:9090",)):
        with pytest.raises(Invalid, match="A deploy is to one port"):
            choose(world, deploy(world), places=places)


@pytest.mark.parametrize("text", ["rack:c", "state:unreachable", "env:test", "service:shop"])
def test_nobody_found_is_refused_with_what_was_asked(world: World, text: str) -> None:
    for wish in (upgrade(world), deploy(world)):
        with pytest.raises(UnknownHost) as refused:
            choose(world, wish, text)
        assert refused.value.message.endswith(parse_where(text, HOSTS).text)


def test_names_and_what_they_have_in_common_are_two_ways(world: World) -> None:
    with pytest.raises(Invalid, match="not by both"):
        choose(world, upgrade(world, "web-1"), "rack:a")
    with pytest.raises(Invalid, match="not by both"):
        choose(world, upgrade(world), "rack:a", (f"web-1:{PORT}",))


def test_hosts_of_elsewhere_are_not_found(world: World) -> None:
    test = world.make_environment("test", order=1)
    Host.objects.filter(pk=world.make_host("lab-1", test).pk).update(labels={"rack": "a"})
    assert "lab-1" not in choose(world, deploy(world), "rack:a").hosts
    dora = person("dora", (Role.VIEWER, "", "test"))
    with pytest.raises(UnknownHost):
        choose(world, upgrade(world), "rack:a", by=dora)
