"""Where a rollback leads each instance: by what is there, and what was well there."""

import pytest

from slipway.core.rollout.value.words import Cause, End
from slipway.records.catalog.models import Release, Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Step, Target, Withdrawal
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.plan.planning import draw
from slipway.records.rollouts.wish.refusals import BelowFloors, NoEarlierVersion
from tests.hand import Hand
from tests.records.world import World, going, previous, versions_that_ran
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    return World()


# --- revert --------------------------------------------------------------------------------------


def test_each_instance_goes_back_to_its_own_previous_version(world: World) -> None:
    old, new = world.version("1.0"), world.version("1.1")
    world.run("deploy", old, "web-1")
    world.run("deploy", new, "web-2")
    newest = world.version("1.2")
    world.run("upgrade", newest)
    rollout = world.start("revert")
    assert going(rollout) == {"web-1": ("1.2", "1.0"), "web-2": ("1.2", "1.1")}


def test_after_going_back_previous_is_what_ran_before_that(world: World) -> None:
    for name, kind in (("1.0", "deploy"), ("1.1", "upgrade"), ("1.2", "upgrade")):
        world.run(kind, world.version(name))
    world.run("revert")
    assert (world.versions()["web-1"], previous(world)) == ("1.1", "1.0")
    world.run("revert")
    assert (world.versions()["web-1"], previous(world)) == ("1.0", "")
    with pytest.raises(NoEarlierVersion):
        world.start("revert")


def test_any_version_that_ran_here_can_be_gone_back_to(world: World) -> None:
    versions = [world.version(name) for name in ("1.0", "1.1", "1.2")]
    world.run("deploy", versions[0])
    for version in versions[1:]:
        world.run("upgrade", version)
    world.run("revert", versions[0])
    assert set(world.versions().values()) == {"1.0"}
    assert versions_that_ran(world.instance("web-1")) == [
        versions[0],
        versions[2],
        versions[1],
    ]


def test_what_never_was_well_in_the_environment_is_gone_to_at_its_admins_word_only(
    world: World,
) -> None:
    world.run("deploy", world.version("1.0"))
    new = world.version("1.1")
    with pytest.raises(NoEarlierVersion, match=r"1\.1 never was well in prod"):
        world.start("revert", new)
    with pytest.raises(BelowFloors, match="back only to what was well there"):
        world.start("revert", new, "web-1", even_if_never_well=True)
    rollout = world.start("revert", new, "web-1", by=world.boss, even_if_never_well=True)
    assert going(rollout) == {"web-1": ("1.0", "1.1")}


def test_what_was_well_elsewhere_in_the_environment_can_be_gone_back_to(world: World) -> None:
    old, new = world.version("1.0"), world.version("1.1")
    world.run("deploy", old, "web-1")
    world.run("deploy", new, "web-2")
    assert going(world.start("revert", old)) == {"web-2": ("1.1", "1.0")}


def test_going_back_moves_no_package(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    assert planning.make_plan(world.wish("revert")).bytes_to_move == 0
    assert planning.make_plan(world.wish("upgrade", world.version("1.2"))).bytes_to_move == 4000


@pytest.mark.parametrize("name", ["prune", "remove"])
def test_what_a_host_has_removed_since_is_sent_there_again(world: World, name: str) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    pruned = Target.objects.filter(to_version__name="1.1").order_by("host__name").first()
    assert pruned is not None
    assert pruned.finished_at is not None
    step = Step.objects.create(
        target=pruned, name=name, attempt=9, order=9, ticket="pruned",
        started_at=pruned.finished_at, finished_at=pruned.finished_at,
        output="Removed release 1.0.2.\nRemoved release 0.9.\n",
    )  # fmt: skip
    assert planning.make_plan(world.wish("revert")).bytes_to_move == 0, "others were removed"
    step.output += "Removed release 1.0.\n"
    step.save()
    plan = planning.make_plan(world.wish("revert"))
    sent = {target.host for target in plan.targets if target.bytes_to_move}
    assert sent == {pruned.host.name}
    world.run("revert", None)
    world.run("upgrade", Version.objects.get(name="1.1"))
    assert planning.make_plan(world.wish("revert")).bytes_to_move == 0, "it was sent since"


# --- where a failure leads to ---------------------------------------------------------------------


def test_after_a_failed_upgrade_back_leads_to_what_was_well(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1"])
    back = Target.objects.get(rollout=world.start("revert", None, "web-1"))
    assert back.to_version == Version.objects.get(name="1.0")


def test_a_rollback_that_failed_can_be_asked_for_again(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    world.finish(world.start("revert"), failing=["web-2"])
    assert going(world.start("revert")) == {"web-2": ("1.1", "1.0")}


def test_after_a_failed_restart_back_leads_to_the_version_before(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    world.finish(world.start("restart"), failing=["web-3"])
    assert going(world.start("revert", None, "web-3")) == {"web-3": ("1.1", "1.0")}


def test_a_success_that_is_revoked_goes_back_to_what_ran_before(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    hand = Hand(world.start("upgrade", world.version("1.1")), now=world.clock())
    hand.succeed("web-1")
    hand.fail("web-1", "{place}: it died.")
    hand.close(End.HALTED)
    assert going(world.start("revert", None, "web-1")) == {"web-1": ("1.1", "1.0")}


def test_what_was_seen_before_it_was_touched_is_not_what_is_there(world: World) -> None:
    for kind, name in (("deploy", "1.0"), ("upgrade", "1.1")):
        world.run(kind, world.version(name))
    hand = Hand(world.start("upgrade", world.version("1.2")), now=world.clock())
    hand.start("web-1")
    hand.fail("web-1", "{place}: it is not known.", cause=Cause.WEATHER)
    hand.close(End.CANCELLED)
    assert going(world.start("revert", None, "web-1")) == {"web-1": ("1.2", "1.1")}


def test_what_the_host_says_is_there_counts_more_than_what_is_wanted(world: World) -> None:
    for kind, name in (("deploy", "1.0"), ("upgrade", "1.1"), ("upgrade", "1.2")):
        world.run(kind, world.version(name))
    world.says("web-1", "1.1")
    back = going(world.start("revert"))
    assert back["web-1"] == ("1.1", "1.0")
    assert back["web-2"] == ("1.2", "1.1")


def test_what_is_owed_is_paid_by_the_next_rollback(world: World) -> None:
    for kind, name in (("deploy", "1.0"), ("upgrade", "1.1"), ("upgrade", "1.2")):
        world.run(kind, world.version(name))
    owed = Release.objects.get(version__name="1.0")
    Instance.objects.filter(host__name="web-1").update(owed=owed)
    assert going(world.start("revert"))["web-1"] == ("1.2", "1.0")


def test_a_withdrawn_version_is_nobodys_way_back(world: World) -> None:
    for kind, name in (("deploy", "1.0"), ("upgrade", "1.1"), ("upgrade", "1.2")):
        world.run(kind, world.version(name))
    Withdrawal.objects.create(
        version=Version.objects.get(name="1.1"), environment=world.environment, since=world.clock()
    )
    assert set(going(world.start("revert")).values()) == {("1.2", "1.0")}


# --- stopped on purpose --------------------------------------------------------------------------


def test_what_people_have_stopped_takes_part_and_stays_stopped(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("stop", None, "web-4")
    upgrade = world.start("upgrade", world.version("1.1"))
    assert Target.objects.get(rollout=upgrade, host__name="web-4").was_stopped
    assert not Target.objects.get(rollout=upgrade, host__name="web-3").was_stopped
    candidates = {
        each.host.name: each for each in draw(world.wish("stop"), world.clock(), None).candidates
    }
    assert set(candidates) == {"web-1", "web-2", "web-3"}
    assert not any(each.up for each in candidates.values())


# --- settings ------------------------------------------------------------------------------------


def test_settings_alone_go_back_one_revision(world: World) -> None:
    version = world.version("1.0")
    world.run("deploy", version)
    first = world.instance("web-1").release
    world.service.spec = {"user": "billing"}
    world.service.save()
    assert set(going(world.run("apply")).values()) == {("1.0", "1.0")}
    assert world.instance("web-1").release != first
    assert previous(world) == ""
    back = world.start("revert", settings_back=True)
    assert {row.to_release for row in Target.objects.filter(rollout=back)} == {first}
