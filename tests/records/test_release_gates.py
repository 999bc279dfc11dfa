"""What keeps people from releasing keeps rules from it: it is said, and tried again."""

from datetime import timedelta

import pytest

from slipway.core.rollout.value.words import Cause, End
from slipway.records.releasing import rules as release_rules
from slipway.records.rollouts.models import Lock
from slipway.records.rollouts.operations import locks, withdrawals
from tests.hand import Hand
from tests.records.rules import Rules
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> Rules:
    return Rules()


def test_a_lock_of_anybody_keeps_the_rule_away_and_is_its_problem(world: Rules) -> None:
    locks.lock_service(
        service=world.service,
        environment=world.environment,
        reason="stocktaking",
        until=None,
        by=world.boss,
        now=world.clock(),
    )
    world.made("1.1")
    assert world.follow() is None
    assert "locked by bob" in world.said()
    assert "stocktaking" in world.said()
    Lock.objects.update(released_at=world.clock())
    assert world.follow() is not None
    assert world.said() == ""


def test_it_is_tried_again_later_and_later(world: Rules) -> None:
    locks.lock_service(
        service=world.service,
        environment=world.environment,
        reason="stocktaking",
        until=None,
        by=world.boss,
        now=world.clock(),
    )
    world.made("1.1")
    pauses = []
    for _ in range(4):
        world.follow()
        rule = world.fresh()
        pauses.append((rule.due_at - world.clock.now).total_seconds())
        assert release_rules.list_due_rules(world.clock.now) == []
    assert pauses == [10, 20, 40, 60]


def test_a_rollout_under_way_is_waited_for(world: Rules) -> None:
    world.made("1.1")
    first = world.follow()
    assert first is not None
    world.made("1.2")
    assert world.follow() is None
    assert f"rollout {first.pk}" in world.said()
    world.finish(first)
    second = world.follow()
    assert second is not None
    assert second.version is not None
    assert second.version.name == "1.2"


def test_a_freeze_holds_for_rules_too(world: Rules) -> None:
    now = world.clock.now
    world.environment.freeze_windows = [
        {"from": now.isoformat(), "until": (now + timedelta(days=1)).isoformat(), "reason": "fair"}
    ]
    world.environment.save()
    world.made("1.1")
    assert world.follow() is None
    assert "fair" in world.said()


def test_approvals_hold_for_rules_too(world: Rules) -> None:
    world.environment.approvals_needed = 1
    world.environment.save()
    world.made("1.1")
    assert world.follow() is None
    assert "approvals" in world.said()


def test_where_the_service_is_nowhere_a_person_deploys_it_first(world: Rules) -> None:
    world.run("delete")
    world.made("1.1")
    assert world.follow() is None
    rule = world.fresh()
    assert rule.problem
    assert rule.problem.english == "billing is nowhere in prod."
    assert rule.problem.english_hint == "Deploy it to hosts first."


def test_a_problem_is_over_when_somebody_has_released_the_version_by_hand(world: Rules) -> None:
    locks.lock_service(
        service=world.service,
        environment=world.environment,
        reason="I release it myself",
        until=None,
        by=world.alice,
        now=world.clock(),
    )
    version = world.made("1.1")
    assert world.follow() is None
    assert world.said()
    world.run("upgrade", version)
    assert world.follow() is None
    assert world.said() == ""


def test_the_systems_locks_on_the_way_forth_hold_for_the_system_too(world: Rules) -> None:
    """What was halted through its version has locked the service: rules stay away."""
    upgrade = world.start("upgrade", world.made("1.1", ref="hotfix"))
    hand = Hand(upgrade)
    for place in hand.places():
        hand.start(place)
        hand.take_back(place)
    hand.close(End.TAKEN_BACK, halted=Cause.VERSION)
    world.made("1.2")
    assert world.follow() is None
    assert "locked by" in world.said()


def test_a_rule_passes_by_what_was_withdrawn(world: Rules) -> None:
    bad = world.made("1.1")
    withdrawals.withdraw_version(
        version=bad, environment=world.environment, reason="it leaks", by=world.alice,
        now=world.clock(),
    )  # fmt: skip
    assert world.follow() is None
    world.clock.now += timedelta(minutes=1)
    world.made("1.2")
    rollout = world.follow()
    assert rollout is not None
    assert rollout.version is not None
    assert rollout.version.name == "1.2"
