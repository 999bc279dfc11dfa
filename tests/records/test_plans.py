"""The plan says what will happen and what is in the way, and a start keeps to it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import shown_plans, starts
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish.refusals import PlanChanged
from slipway.records.rollouts.wish.wishes import Wish
from tests.records.world import World
from tests.sentences import said
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    world = World(hosts=8)
    world.run("deploy", world.version("1.0"))
    return world


def codes(world: World, wish: Wish) -> dict[str, bool]:
    plan = planning.make_plan(wish, world.clock())
    return {obstacle.code: obstacle.blocking for obstacle in plan.obstacles}


def test_a_plan_writes_nothing(world: World) -> None:
    wish = world.wish("upgrade", world.version("1.1"))
    with CaptureQueriesContext(connection) as captured:
        planning.make_plan(wish, world.clock())
    assert not [q for q in captured if not q["sql"].lstrip("( ").startswith("SELECT")]
    assert not Rollout.objects.filter(kind="upgrade").exists()


def test_a_plan_names_hosts_versions_batches_and_bytes(world: World) -> None:
    plan = planning.make_plan(world.wish("upgrade", world.version("1.1")), world.clock())
    assert plan.batches == (1, 2, 2, 2, 1)
    assert plan.max_unavailable == 2
    assert {(t.from_version, t.to_version) for t in plan.targets} == {("1.0", "1.1")}
    assert plan.bytes_to_move == 8000
    assert plan.obstacles == ()
    assert "healthz" in plan.checks[0].english


def test_the_plan_that_was_shown_is_the_one_that_starts(world: World) -> None:
    wish = world.wish("upgrade", world.version("1.1"))
    shown = planning.make_plan(wish, world.clock()).hash
    rollout = starts.start_rollout(wish=wish, by=world.alice, now=world.clock(), plan_hash=shown)
    assert rollout.plan_hash == shown
    assert Target.objects.filter(rollout=rollout).count() == 8


def test_a_plan_that_no_longer_holds_is_refused(world: World) -> None:
    wish = world.wish("upgrade", world.version("1.1"))
    shown = shown_plans.show_plan(wish=wish, now=world.clock()).hash
    world.run("upgrade", world.version("1.0.1"), "web-3")
    with pytest.raises(PlanChanged, match=r"web-3:8080: 1\.0 was there, and now 1\.0\.1 is\."):
        starts.start_rollout(wish=wish, by=world.alice, now=world.clock(), plan_hash=shown)
    assert not Rollout.objects.filter(version__name="1.1").exists()


def test_ill_instances_go_first_and_unreachable_ones_last(world: World) -> None:
    Instance.objects.filter(host__name="web-5").update(healthy=False)
    Host.objects.filter(name="web-1").update(state="unreachable", problem=said("no route"))
    plan = planning.make_plan(world.wish("upgrade", world.version("1.1")), world.clock())
    assert plan.targets[0].host == "web-5"
    assert plan.targets[-1].host == "web-1"
    assert str(plan.targets[-1].note) == "no route"
    assert [(o.code, o.blocking) for o in plan.obstacles] == [("host_unreachable", False)]


def test_unreachable_hosts_can_be_left_out_and_are_still_named(world: World) -> None:
    Host.objects.filter(name="web-1").update(state="unreachable")
    wish = world.wish("upgrade", world.version("1.1"), skip_unreachable=True)
    plan = planning.make_plan(wish, world.clock())
    assert "web-1" not in {target.host for target in plan.targets}
    assert "web-1" in plan.obstacles[0].message
    assert plan.plan.place("web-1:8080").planned.batch == 0  # it still counts as away


def test_a_full_disk_is_said_before_it_is_met(world: World) -> None:
    Host.objects.filter(name="web-2").update(facts={"disk_free": 100})
    wish = world.wish("upgrade", world.version("1.1"))
    assert codes(world, wish) == {"host_incapable": False}


def test_what_blocks_is_said_by_the_plan_as_by_the_start(world: World) -> None:
    world.start("restart")
    wish = world.wish("upgrade", world.version("1.1"))
    assert codes(world, wish) == {"active_rollout": True}


def test_a_wish_overrides_what_the_environment_says(world: World) -> None:
    wish = world.wish(
        "upgrade",
        world.version("1.1"),
        batches="2 100%",
        max_unavailable="50%",
        failure_budget="3",
        automatic_rollback=False,
    )
    rollout = starts.start_rollout(wish=wish, by=world.boss, now=world.clock())
    assert (rollout.batches, rollout.max_unavailable, rollout.failures_allowed) == ("2 100%", 4, 3)
    assert rollout.automatic_rollback is False
    assert sorted(Target.objects.filter(rollout=rollout).values_list("batch", flat=True)) == [
        1, 1, 2, 2, 2, 2, 2, 2,
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["batches", "failure_budget", "max_unavailable"])
def test_nonsense_is_refused(world: World, wrong: str) -> None:
    with pytest.raises(Exception, match="is not"):
        planning.make_plan(replace(world.wish("restart"), **cast(Any, {wrong: "a few"})))


def test_questions_do_not_grow_with_the_hosts(world: World) -> None:
    small = count_queries(world)
    for number in range(9, 25):
        world.hosts.append(world.make_host(f"web-{number}"))
    world.run("deploy", world.version("1.0b"), *(host.name for host in world.hosts[8:]))
    assert count_queries(world) == small


def count_queries(world: World) -> dict[str, int]:
    version = world.version("1.1")
    questions: dict[str, Callable[[], object]] = {
        "plan": lambda: planning.make_plan(world.wish("upgrade", version), world.clock()),
        "restart": lambda: planning.make_plan(world.wish("restart"), world.clock()),
    }
    counts = {}
    for name, ask in questions.items():
        with CaptureQueriesContext(connection) as captured:
            ask()
        counts[name] = len(captured)
    return counts


def test_starting_costs_the_same_for_few_and_for_many(world: World) -> None:
    version = world.version("1.1")
    counts = []
    world.finish(world.start("upgrade", version, "web-1"))  # its release is kept from now on
    for hosts in (("web-2",), tuple(host.name for host in world.hosts[2:])):
        with CaptureQueriesContext(connection) as captured:
            rollout = world.start("upgrade", version, *hosts)
        counts.append(len(captured))
        world.finish(rollout)
    assert counts[0] == counts[1]
