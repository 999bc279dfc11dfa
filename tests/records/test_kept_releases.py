"""What stays on a host is what any place of the service there may need."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.words.kinds import RolloutKind
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.run.keeping import kept_on_hosts
from slipway.records.rollouts.wish.wishes import Wish
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    return World(hosts=2)


def at(world: World, kind: str, version: Version | None, port: int) -> Rollout:
    """Bring one place of web-1 to a version."""
    wish = Wish(
        RolloutKind(kind), world.service, world.environment, version, ("web-1",), port,
        batches="100%", max_unavailable="100%",
    )  # fmt: skip
    rollout = starts.start_rollout(wish=wish, by=world.boss, now=world.clock())
    return world.finish(rollout)


def kept(world: World, host: str = "web-1") -> set[str]:
    known = {each.name: each.pk for each in world.hosts}
    return set(kept_on_hosts(world.service.pk, list(known.values()))[known[host]])


def set_most(world: World, count: int) -> None:
    world.service.spec = {"keep_releases": count}
    world.service.save()


def test_an_instance_keeps_its_way_back_while_its_neighbour_is_upgraded(world: World) -> None:
    set_most(world, 1)
    at(world, "deploy", world.version("1.0"), 8081)
    at(world, "upgrade", world.version("1.1"), 8081)
    at(world, "deploy", world.version("1.0"), 8080)
    for number in range(2, 8):
        at(world, "upgrade", world.version(f"1.{number}"), 8080)
    assert {"1.1", "1.0"} <= kept(world)
    assert {"1.7", "1.6", "1.5"} <= kept(world), "and the other one its own, and the next"
    assert not {"1.2", "1.3"} & kept(world)
    assert kept(world, "web-2") == set()


def test_as_many_as_are_to_be_kept_stay_of_what_was_well(world: World) -> None:
    at(world, "deploy", world.version("1.0"), 8080)
    for number in range(1, 8):
        at(world, "upgrade", world.version(f"1.{number}"), 8080)
    assert kept(world) == {"1.7", "1.6", "1.5", "1.4", "1.3"}
    set_most(world, 7)
    assert kept(world) == {f"1.{number}" for number in range(1, 8)}


def test_what_an_open_plan_names_and_what_is_owed_stays(world: World) -> None:
    set_most(world, 1)
    names = [world.version(f"1.{number}") for number in range(6)]
    at(world, "deploy", names[0], 8080)
    for version in names[1:]:
        at(world, "upgrade", version, 8080)
    assert not {"1.0", "1.1", "0.9", "0.8"} & kept(world)
    world.version("0.9")
    instance = world.instance("web-1")
    instance.owed_id = instance.release.pk if instance.release else None
    instance.seen_drained_by, instance.seen_link = "0.8", "1.1"
    instance.save()
    world.start("upgrade", Version.objects.get(name="0.9"), "web-1")
    assert {"0.9", "0.8", "1.1", "1.5"} <= kept(world)


def test_it_costs_as_many_questions_for_many_hosts_as_for_one(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    hosts = sorted(Instance.objects.values_list("host", flat=True))
    counts = []
    for some in (hosts[:1], hosts):
        with CaptureQueriesContext(connection) as captured:
            kept_on_hosts(world.service.pk, some)
        counts.append(len(captured))
    assert counts[0] == counts[1] < 12
