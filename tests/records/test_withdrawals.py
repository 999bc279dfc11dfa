"""Withdrawn versions are no way back and no source of promotion, until they are cleared."""

from typing import Any

import pytest

from slipway.core.rollout.value.words import End
from slipway.core.words.refusal import Forbidden, Invalid
from slipway.core.words.roles import Role
from slipway.records.audit.models import Event
from slipway.records.catalog.models import Version
from slipway.records.rollouts.ask import history
from slipway.records.rollouts.models import Withdrawal
from slipway.records.rollouts.operations import withdrawals
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.taking_part.withdrawals import list_withdrawals, note_withdrawn
from slipway.records.rollouts.wish.refusals import NoEarlierVersion, NotWithdrawn, Withdrawn
from tests.records.people import person
from tests.records.world import World, going, previous
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    own = World(hosts=2)
    for kind, name in (("deploy", "1.0"), ("upgrade", "1.1"), ("upgrade", "1.2")):
        own.run(kind, own.version(name))
    return own


def named(name: str) -> Version:
    return Version.objects.select_related("service", "package").get(name=name)


def withdraw(world: World, name: str, reason: str = "it leaks") -> Withdrawal:
    return withdrawals.withdraw_version(
        version=named(name), environment=world.environment, reason=reason, by=world.alice,
        now=world.clock(),
    )  # fmt: skip


def clear(world: World, name: str) -> Withdrawal:
    return withdrawals.clear_withdrawal(
        version=named(name), environment=world.environment, reason="mended", by=world.alice,
        now=world.clock(),
    )  # fmt: skip


def test_it_is_no_way_back_until_it_is_cleared(world: World) -> None:
    withdraw(world, "1.1")
    assert previous(world) == "1.0"
    assert planning.make_plan(world.wish("revert")).targets[0].to_version == "1.0"
    clear(world, "1.1")
    assert previous(world) == "1.1"
    assert set(going(world.start("revert")).values()) == {("1.2", "1.1")}


def test_where_all_that_was_well_is_withdrawn_there_is_no_way_back(world: World) -> None:
    withdraw(world, "1.1")
    withdraw(world, "1.0")
    with pytest.raises(NoEarlierVersion, match="no way back"):
        world.start("revert")


def test_it_is_written_down_who_withdrew_and_cleared_it_and_why(world: World) -> None:
    first = withdraw(world, "1.1")
    assert withdraw(world, "1.1", "again") == first
    clear(world, "1.1")
    verbs = Event.objects.filter(verb__in=("version.withdrawn", "version.cleared")).order_by("id")
    assert [(e.verb, e.by_name, e.reason, e.environment) for e in verbs] == [
        ("version.withdrawn", "alice", "it leaks", "prod"),
        ("version.cleared", "alice", "mended", "prod"),
    ]
    with pytest.raises(NotWithdrawn):
        clear(world, "1.1")


def test_only_who_may_deploy_there_withdraws_and_clears_and_says_why(world: World) -> None:
    with pytest.raises(Invalid, match="needs a reason"):
        withdraw(world, "1.1", " ")
    withdraw(world, "1.1")
    looker = person("dora", (Role.VIEWER, "billing", ""))
    asked: dict[str, Any] = {
        "version": named("1.1"),
        "environment": world.environment,
        "by": looker,
    }
    with pytest.raises(Forbidden):
        withdrawals.withdraw_version(**asked, reason="x", now=world.clock())
    with pytest.raises(Forbidden):
        withdrawals.clear_withdrawal(**asked, now=world.clock())
    assert [each.version for each in list_withdrawals(world.service.name, looker)] == ["1.1"]


def test_asked_for_by_name_it_goes_with_a_warning_and_succeeding_clears_it(world: World) -> None:
    withdraw(world, "1.1")
    plan = planning.make_plan(world.wish("upgrade", named("1.1")))
    assert [(each.code, each.blocking) for each in plan.obstacles] == [("withdrawn", False)]
    world.run("upgrade", named("1.1"))
    assert Withdrawal.objects.filter(cleared_at=None).count() == 0


def test_what_failed_stays_withdrawn(world: World) -> None:
    withdraw(world, "1.1")
    world.finish(world.start("upgrade", named("1.1")), taken_back=["web-1"], end=End.TAKEN_BACK)
    assert Withdrawal.objects.filter(cleared_at=None).count() == 1


def test_what_a_rollout_withdrew_is_written_once(world: World) -> None:
    rollout = world.finish(world.start("upgrade", world.version("1.3")), failing=["web-1"])
    for _ in range(2):
        note_withdrawn(rollout, ["1.1"], world.clock())
    held = Withdrawal.objects.get()
    assert (held.version.name, held.environment, held.rollout) == (
        "1.1", world.environment, rollout,
    )  # fmt: skip
    assert previous(world, "web-2") != "1.1"


def test_it_is_not_promoted_from_where_it_is_withdrawn(world: World) -> None:
    withdraw(world, "1.2")
    with pytest.raises(Withdrawn, match=r"1\.2 is withdrawn in prod"):
        history.get_running_version(world.service, world.environment)
    clear(world, "1.2")
    assert history.get_running_version(world.service, world.environment).name == "1.2"
