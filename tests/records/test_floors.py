"""What an environment asks for in care holds for everybody below its admin."""

from datetime import timedelta
from typing import Any

import pytest

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Environment
from slipway.records.fleet.operations import environments
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.plan.notes import notes
from slipway.records.rollouts.wish.refusals import ApprovalNeeded, BelowFloors, Frozen
from slipway.records.rollouts.wish.wishes import Wish
from tests.records.people import alice, bob, person
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db

LESS: tuple[dict[str, Any], ...] = (
    {"batches": "100%"},
    {"batches": "1 2 100%"},
    {"max_unavailable": "50%"},
    {"failure_budget": "100%"},
    {"left_out_budget": "50%"},
    {"bake_time": timedelta(0)},
    {"automatic_rollback": False},
)
MORE: tuple[dict[str, Any], ...] = (
    {"batches": "1 1 1 1"},
    {"batches": "1"},
    {"max_unavailable": "1"},
    {"failure_budget": "0"},
    {"left_out_budget": "0"},
    {"bake_time": timedelta(minutes=10)},
    {"automatic_rollback": True},
    {},
)


@made_once
def standing() -> World:
    made = World(
        hosts=8,
        batches="1 1 50%",
        max_unavailable="2",
        failure_budget="1",
        left_out_budget="1",
        bake_time=60,
    )
    made.run("deploy", made.version("1.0"))
    return made


def upgrade(world: World, said: dict[str, Any]) -> Wish:
    return world.wish("upgrade", world.version("1.1"), **said)


def told(wish: Wish, by: Actor, world: World) -> list[bool]:
    """How a plan says that it is below the floors: whether that keeps it from starting."""
    plan = planning.make_plan(wish, world.clock(), by)
    return [each.blocking for each in plan.obstacles if each.code == "below_floors"]


@pytest.mark.parametrize("said", LESS, ids=str)
def test_nobody_below_its_admin_is_less_careful(world: World, said: dict[str, Any]) -> None:
    wish = upgrade(world, said)
    other = person("dana", (Role.ADMIN, "billing", ""), (Role.ADMIN, "", "dev"))
    for by in (alice(), other):
        assert told(wish, by, world) == [True]
        with pytest.raises(BelowFloors, match="prod is more careful than this"):
            starts.start_rollout(wish=wish, by=by, now=world.clock())
    its_admin = person("pat", (Role.ADMIN, "", "prod"))
    assert told(wish, its_admin, world) == [False]
    assert starts.start_rollout(wish=wish, by=its_admin, now=world.clock()).pk


@pytest.mark.parametrize("said", MORE, ids=str)
def test_everybody_may_be_more_careful(world: World, said: dict[str, Any]) -> None:
    wish = upgrade(world, said)
    assert told(wish, alice(), world) == []
    assert starts.start_rollout(wish=wish, by=alice(), now=world.clock()).pk


def test_the_way_back_is_as_fast_as_anybody_wants(world: World) -> None:
    world.run("upgrade", world.version("1.1"))
    wish = world.wish("revert", batches="100%", max_unavailable="100%")
    assert told(wish, alice(), world) == []


AT_ONCE = {"batches": "100%", "max_unavailable": "100%", "failure_budget": "100%"}


def test_nobody_below_its_admin_goes_back_to_what_never_was_well(world: World) -> None:
    never = world.version("9.9")
    wish = world.wish("revert", never, even_if_never_well=True)
    assert told(wish, alice(), world) == [True]
    with pytest.raises(BelowFloors, match="back only to what was well there"):
        starts.start_rollout(wish=wish, by=alice(), now=world.clock())
    its_admin = person("pat", (Role.ADMIN, "", "prod"))
    rollout = starts.start_rollout(wish=wish, by=its_admin, now=world.clock())
    assert (rollout.batches, rollout.automatic_rollback) == ("1 1 50%", True)


def canary(world: World) -> Version:
    """A version that was well on one host of eight, and on no other."""
    version = world.version("1.1")
    world.run("upgrade", version, "web-1")
    return version


def test_what_was_well_on_one_host_comes_to_others_by_the_rules_of_an_upgrade(world: World) -> None:
    version = canary(world)
    wish = world.wish("revert", version, **AT_ONCE)
    assert told(wish, alice(), world) == [True]
    with pytest.raises(BelowFloors, match="batches 1 1 50%, at most 2 away at once"):
        starts.start_rollout(wish=wish, by=alice(), now=world.clock())
    environments.change_environment(
        environment=world.environment,
        changes={"promotion_needed": True},
        by=world.boss,
        now=world.clock(),
    )
    plan = planning.make_plan(world.wish("revert", version), world.clock(), alice()).plan
    policy = plan.policy
    assert plan.batches == "1 1 50%"
    assert (policy.needs_promotion, policy.goes_back, policy.is_way_back) == (True, True, False)
    assert "leads_forth" in {note.code for note in notes(plan)}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"freeze_windows": [{"from": "2026-11-01T00:00Z", "until": "2027-01-01T00:00Z"}]}, Frozen),
        ({"approvals_needed": 1}, ApprovalNeeded),
    ],
    ids=["freeze", "approvals"],
)
def test_only_what_was_well_in_each_place_passes_a_closed_door(
    world: World, changes: dict[str, Any], refusal: type[Refused]
) -> None:
    version = canary(world)
    Environment.objects.filter(pk=world.environment.pk).update(**changes)
    world.environment.refresh_from_db()
    wish = world.wish("revert", version)
    plan = planning.make_plan(wish, world.clock(), alice())
    assert refusal.code in {each.code for each in plan.obstacles if each.blocking}
    with pytest.raises(refusal):
        starts.start_rollout(wish=wish, by=alice(), now=world.clock())
    assert world.start("revert", None, "web-1").pk


def test_taking_back_a_way_back_goes_forth_where_it_never_was_well(world: World) -> None:
    new = world.version("1.1")
    world.finish(world.start("upgrade", new), failing=["web-1"], only=["web-1"])
    back = world.run("revert", None, "web-1")
    again = planning.make_plan(world.wish("revert", reverts=back), world.clock(), alice()).plan
    assert not again.policy.is_way_back
    assert again.policy.failures == 1
    assert again.batches == "1 1 50%"


def test_what_was_removed_comes_back_as_it_was(world: World) -> None:
    removed = world.run("delete", None, "web-1")
    plan = planning.make_plan(world.wish("revert", reverts=removed), world.clock(), alice()).plan
    assert plan.policy.is_way_back


def test_what_was_well_is_removed_with_the_care_of_an_upgrade(world: World) -> None:
    deploy = Rollout.objects.get(kind="deploy")
    plan = planning.make_plan(world.wish("revert", reverts=deploy), world.clock(), alice()).plan
    assert not plan.policy.is_way_back


def test_a_refused_wish_says_all_of_it_and_leaves_nothing(world: World) -> None:
    wish = upgrade(world, {"batches": "100%", "automatic_rollback": False})
    with pytest.raises(BelowFloors) as refused:
        starts.start_rollout(wish=wish, by=alice(), now=world.clock())
    assert "batches 1 1 50%, what fails goes back by itself" in refused.value.message
    assert starts.start_rollout(wish=upgrade(world, {}), by=bob(), now=world.clock()).pk
