"""A person starts what she has seen: what changed since, and how long a plan is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slipway.core.rollout.plans.outlook import Outlook
from slipway.records.catalog.operations import services
from slipway.records.fleet.models import Host
from slipway.records.fleet.operations import environments
from slipway.records.rollouts import operations
from slipway.records.rollouts.models import ShownPlan
from slipway.records.rollouts.operations import shown_plans, starts
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish.refusals import PlanChanged
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db
SLOW = "run: ./b\nhealth: {tcp: '127.0.0.1:1', min_healthy_time: 10m, healthy_deadline: 1h}\n"


@made_once
def standing() -> World:
    world = World(hosts=8)
    world.run("deploy", world.version("1.0"))
    return world


def outlook(world: World, kind: str, version: Any = None, *hosts: str, **more: Any) -> Outlook:
    return planning.make_plan(world.wish(kind, version, *hosts, **more), world.clock())


def upgrade(world: World, **more: Any) -> Outlook:
    return outlook(world, "upgrade", world.version("1.1"), **more)


def said(shown: Outlook, code: str) -> str:
    return next((note.english for note in shown.notes if note.code == code), "")


def change_settings(world: World, **spec: object) -> None:
    services.change_service(
        service=world.service, changes={"spec": spec}, by=world.boss, now=world.clock()
    )


def refusal_of_start(world: World, shown: Outlook, **more: Any) -> str:
    wish = world.wish("upgrade", world.service.versions.get(name="1.1"), **more)
    with pytest.raises(PlanChanged) as refused:
        starts.start_rollout(wish=wish, by=world.alice, now=world.clock(), plan_hash=shown.hash)
    return refused.value.message


def look(world: World) -> Outlook:
    wish = world.wish("upgrade", world.version("1.1"))
    return shown_plans.show_plan(wish=wish, now=world.clock())


def test_exactly_what_changed_is_said(world: World) -> None:
    shown = look(world)
    Host.objects.filter(name="web-3").update(address="192.0.2.99")
    assert refusal_of_start(world, shown) == (
        "The plan is not the one you looked at: "
        "The address of web-3 was 192.0.2.12 and is 192.0.2.99."
    )


def test_other_settings_and_policies_are_said(world: World) -> None:
    shown = look(world)
    environments.change_environment(
        environment=world.environment,
        changes={"patience": 20},
        by=world.boss,
        now=world.clock(),
    )
    world.environment.refresh_from_db()
    assert "The patience was 600 s and is 20 s." in refusal_of_start(world, shown)
    change_settings(world, user="app")
    assert "1.1 is to be run with other settings" in refusal_of_start(world, shown)


def test_a_plan_is_kept_for_an_hour(world: World) -> None:
    shown = look(world)
    ShownPlan.objects.update(shown_at=world.clock() - timedelta(hours=2))
    Host.objects.filter(name="web-3").update(address="192.0.2.99")
    assert "is not kept any more" in refusal_of_start(world, shown)
    again = look_again(world)
    assert set(ShownPlan.objects.values_list("hash", flat=True)) == {again.hash}


def look_again(world: World) -> Outlook:
    wish = world.wish("upgrade", world.service.versions.get(name="1.1"))
    return shown_plans.show_plan(wish=wish, now=world.clock())


def test_a_plan_of_another_format_cannot_be_compared(world: World) -> None:
    shown = look(world)
    ShownPlan.objects.update(plan={"format": 99})
    Host.objects.filter(name="web-3").update(address="192.0.2.99")
    assert "is not kept any more" in refusal_of_start(world, shown)


def test_an_obstacle_makes_no_other_plan(world: World) -> None:
    shown = look(world)
    world.start("restart")
    again = look_again(world)
    assert again.hash == shown.hash
    assert replace(again, obstacles=()) == replace(shown, obstacles=())


def test_of_the_plans_that_were_looked_at_the_newest_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations.shown_plans, "MOST_KEPT", 3)
    version = world.version("1.1")
    for number in range(1, 7):
        wish = world.wish("upgrade", version, batches=f"{number} 100%", max_unavailable="100%")
        shown_plans.show_plan(wish=wish, now=world.clock())
        last = planning.make_plan(wish, world.clock()).hash
    assert ShownPlan.objects.count() == 3
    assert ShownPlan.objects.filter(hash=last).exists()
