"""A plan is a value: what is in it, what it says beside, and that a rollout carries it."""

from datetime import timedelta
from typing import Any

import pytest

from slipway.core.rollout.plans.as_json import plan_from_json
from slipway.core.rollout.plans.hashing import plan_hash
from slipway.core.rollout.plans.outlook import Outlook
from slipway.core.rollout.plans.plan import Plan
from slipway.core.rollout.value.planned import Policy
from slipway.core.words.durations import format_duration
from slipway.records.catalog.operations import services
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.operations import environments
from slipway.records.fleet.operations.hosts import set_maintenance
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import shown_plans, starts
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish import refusals
from slipway.records.rollouts.wish.refusals import UnknownHost
from tests.records.world import World
from tests.sentences import said as sentence
from tests.standing import made_once

pytestmark = pytest.mark.django_db
SCRIPTED = "supervisor: script\nscripts: {start: ./up, stop: ./down}\n"
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


def obstacle(shown: Outlook, code: str) -> str:
    return next((each.message for each in shown.obstacles if each.code == code), "")


def stop(world: World, *hosts: str) -> None:
    Instance.objects.filter(host__name__in=hosts).update(up=False, status=5)


def lose(*hosts: str) -> None:
    Host.objects.filter(name__in=hosts).update(state="unreachable", problem=sentence("no route"))


# --- the value -----------------------------------------------------------------------------------


def test_a_plan_holds_all_that_a_rollout_needs(world: World) -> None:
    plan = upgrade(world).plan
    [first, *_] = plan.targets
    host = plan.hosts["web-1"]
    assert (first.planned.place, first.host, first.port) == ("web-1:8080", "web-1", 8080)
    assert (host.address, host.key, host.host_key) == ("192.0.2.10", "default", "ssh-ed25519 AAAA")
    goal = plan.release(first.planned.goal)
    assert goal.value.version == "1.1"
    assert goal.spec.run[0] == "./bin/billing"
    assert goal.package is not None
    assert first.planned.origin.version == "1.0"
    assert not first.planned.is_new
    assert first.planned.back == first.planned.origin


def test_a_started_rollout_carries_its_plan(world: World) -> None:
    wish = world.wish("upgrade", world.version("1.1"))
    shown = shown_plans.show_plan(wish=wish, now=world.clock())
    rollout = starts.start_rollout(
        wish=wish, by=world.alice, now=world.clock(), plan_hash=shown.hash
    )
    kept = Rollout.objects.get(pk=rollout.pk)
    assert plan_from_json(kept.plan) == shown.plan
    assert plan_hash(plan_from_json(kept.plan)) == kept.plan_hash == shown.hash
    assert kept.format == 1
    target = Target.objects.filter(rollout=rollout).select_related(
        "to_release__version", "back_release__version"
    )[0]
    assert target.to_release is not None
    assert target.back_release is not None
    assert target.to_release.version.name == "1.1"
    assert target.back_release.version.name == "1.0"


def test_every_place_that_is_meant_to_be_up_is_in_it(world: World) -> None:
    stop(world, "web-6")
    host = Host.objects.get(name="web-7")
    set_maintenance(host=host, on=True, by=world.boss, now=world.clock())
    plan = outlook(world, "upgrade", world.version("1.1"), "web-1", "web-2").plan
    batches = {place.host: place.planned.batch for place in plan.places}
    assert batches == {"web-1": 1, "web-2": 2, "web-3": 0, "web-4": 0, "web-5": 0, "web-8": 0}


def test_a_share_is_of_those_that_are_meant_to_be_up(world: World) -> None:
    assert upgrade(world).plan.policy.allowed_away == 2  # a quarter of eight
    for host in Host.objects.filter(name__in=["web-3", "web-4", "web-5", "web-6", "web-7"]):
        set_maintenance(host=host, on=True, by=world.boss, now=world.clock())
    stop(world, "web-8")
    assert upgrade_again(world).policy.allowed_away == 1  # of two
    assert upgrade_again(world, max_unavailable="100%").policy.allowed_away == 2


def upgrade_again(world: World, **more: Any) -> Plan:
    version = world.service.versions.get(name="1.1")
    return outlook(world, "upgrade", version, **more).plan


@pytest.mark.parametrize("kind", ["stop", "delete"])
def test_what_is_taken_away_on_purpose_needs_no_room(world: World, kind: str) -> None:
    assert outlook(world, kind).plan.policy.allowed_away == 8


def test_the_policy_is_as_environment_and_wish_say(world: World) -> None:
    environments.change_environment(
        environment=world.environment,
        changes={"watch_time": 30, "patience": 90, "left_out_budget": "50%", "bake_time": 5},
        by=world.boss,
        now=world.clock(),
    )
    assert upgrade(world).plan.policy == Policy(
        allowed_away=2, left_out=4, bake=5.0, watch=30.0, patience=90.0
    )
    other = upgrade_again(world, left_out_budget="0", failure_budget="3")
    assert (other.policy.left_out, other.policy.failures) == (0, 3)


def test_a_share_that_may_be_left_out_is_one_at_least(world: World) -> None:
    assert upgrade(world).plan.policy.left_out == 1  # a tenth of eight


def test_stopped_on_purpose_is_switched_and_not_started(world: World) -> None:
    stop(world, "web-2")
    shown = upgrade(world)
    planned = shown.plan.place("web-2:8080").planned
    assert (planned.up, planned.was_up) == (False, False)
    assert "web-2:8080: stopped on purpose, and stays so" in said(shown, "stays_stopped")


def test_a_restart_runs_even_where_all_is_as_wanted(world: World) -> None:
    assert all(place.planned.anew for place in outlook(world, "restart").plan.targets)


# --- time ----------------------------------------------------------------------------------------


def test_a_target_has_the_larger_of_what_was_set_and_what_its_steps_may_take(world: World) -> None:
    shown = outlook(world, "upgrade", world.version("1.1", spec=SLOW))
    [first, *_] = shown.plan.targets
    assert shown.plan.deadline == 600.0
    assert first.limit > 3600 + 600
    assert first.planned.deadline == first.limit
    given = format_duration(timedelta(seconds=round(first.limit)))
    assert given.startswith("1h")
    assert said(shown, "deadlines") == (
        f"A host that falls silent midway is waited for {given}, longer than the 10m of prod: so"
        " long may the steps of this release take, by the timeouts of its spec."
    )


def test_a_longer_deadline_that_a_person_has_set_counts(world: World) -> None:
    changes = {"progress_deadline": timedelta(hours=5)}
    environments.change_environment(
        environment=world.environment, changes=changes, by=world.boss, now=world.clock()
    )
    world.environment.refresh_from_db()
    shown = upgrade(world)
    assert {place.planned.deadline for place in shown.plan.targets} == {18000.0}
    assert said(shown, "deadlines") == (
        "A host that falls silent midway is waited for 5h; then its instance counts as not known."
    )


# --- room ----------------------------------------------------------------------------------------


def test_unreachable_hosts_that_are_skipped_count_as_away(world: World) -> None:
    lose("web-1", "web-2")
    shown = upgrade(world, skip_unreachable=True)
    assert {p.host for p in shown.plan.places if p.planned.batch == 0} == {"web-1", "web-2"}
    assert obstacle(shown, "no_room") == (
        "No room to go on: web-1:8080, web-2:8080 are away, and 2 may be."
    )
    assert not shown.is_blocked  # it starts, and asks if that still is so then


def test_who_is_left_out_by_name_is_counted_by_nobody(world: World) -> None:
    lose("web-1", "web-2")
    shown = upgrade(world, skip_unreachable=True, without=("web-1:8080", "web-2"))
    assert not {"web-1", "web-2"} & {place.host for place in shown.plan.places}
    assert shown.plan.policy.allowed_away == 1  # a quarter of six
    assert obstacle(shown, "no_room") == ""


def test_who_is_not_there_cannot_be_left_out(world: World) -> None:
    shown = upgrade(world, without=("web-77",))
    assert shown.is_blocked
    with pytest.raises(UnknownHost, match="web-77"):
        world.start("upgrade", world.service.versions.get(name="1.1"), without=("web-77",))


def test_what_is_ill_and_can_be_reached_takes_no_room_from_its_own_healing(world: World) -> None:
    Instance.objects.filter(host__name__in=["web-7", "web-8"]).update(healthy=False)
    shown = upgrade(world)
    assert [place.host for place in shown.plan.targets][:2] == ["web-7", "web-8"]
    assert obstacle(shown, "no_room") == ""


def test_a_way_back_is_never_told_that_there_is_no_room(world: World) -> None:
    world.run("upgrade", world.version("1.1"))
    lose("web-1", "web-2")
    shown = outlook(world, "revert")
    assert obstacle(shown, "no_room") == ""
    assert shown.plan.policy.is_way_back


def test_that_none_serves_is_said_and_known(world: World) -> None:
    Instance.objects.update(healthy=False)
    shown = upgrade(world)
    assert "No instance of billing in prod serves now." in obstacle(shown, "none_serves")
    assert shown.plan.policy.none_serves_is_known
    assert not shown.is_blocked


def test_the_only_place_is_away_for_a_moment(world: World) -> None:
    world.run("delete", None, *(host.name for host in world.hosts[1:]))
    assert said(upgrade(world), "only_place") == (
        "web-1:8080 is the only instance: the service is away for a moment."
    )
    assert said(outlook(world, "stop"), "only_place") == ""


def test_where_a_restart_of_the_host_leaves_scripts_down_is_said(world: World) -> None:
    facts = {"systemd": True, "can_become_root": True}
    Host.objects.update(facts=facts)
    Host.objects.filter(name="web-2").update(facts=facts | {"systemd": False})
    Host.objects.filter(name="web-3").update(user="deploy")
    Host.objects.filter(name="web-4").update(user="deploy", become="sudo")
    Host.objects.filter(name="web-5").update(facts={})  # never looked at
    version = world.version("1.1", spec=SCRIPTED)
    assert said(outlook(world, "upgrade", version), "not_at_boot") == (
        "web-2:8080, web-3:8080: by its own scripts, and not started again when the host is "
        "restarted. `slipway host check` tells why."
    )
    assert said(outlook(world, "stop"), "not_at_boot") == ""
    assert said(outlook(world, "upgrade", world.version("1.2")), "not_at_boot") == ""


# --- settings ------------------------------------------------------------------------------------


def change_settings(world: World, **spec: object) -> None:
    services.change_service(
        service=world.service, changes={"spec": spec}, by=world.boss, now=world.clock()
    )


def test_changed_settings_are_brought_by_apply_and_by_an_upgrade_to_the_same(world: World) -> None:
    change_settings(world, environment={"DB": "new"})
    for shown in (
        outlook(world, "apply"),
        outlook(world, "upgrade", world.service.versions.get(name="1.0")),
    ):
        assert len(shown.targets) == 8
        assert all(target.settings_change for target in shown.targets)
        planned = shown.plan.targets[0].planned
        assert planned.goal.version == planned.origin.version == "1.0"
        assert shown.plan.release(planned.goal).spec.environment == (("DB", "new"),)
        assert planned.back == planned.origin  # its way back is the settings before
        assert "the same version, with other settings" in said(shown, "settings_change")


def test_where_all_is_alike_there_is_nothing_to_apply(world: World) -> None:
    with pytest.raises(refusals.NothingToDo):
        world.start("apply")
    with pytest.raises(refusals.NothingToDo, match=r"1\.0 runs already, healthy"):
        world.start("upgrade", world.service.versions.get(name="1.0"))


# --- a plan that no longer holds -----------------------------------------------------------------
