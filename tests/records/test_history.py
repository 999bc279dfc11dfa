"""What ran where and when, and which version an environment stands for."""

from itertools import pairwise

import pytest

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.ask import history
from slipway.records.rollouts.ask.history import RunningVersion, Stay
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import returns
from slipway.records.rollouts.wish.refusals import MixedVersions, NoInstances
from tests.hand import Hand
from tests.records.people import person
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    return World(hosts=2)


def stays_of(version: Version, *actor: Actor) -> dict[str, list[Stay]]:
    return history.list_stays(version.service.name, NamedVersion.of(version), *actor)


def stays(world: World, name: str) -> list[tuple[str, str, bool]]:
    """(environment, host, still there?), the latest first."""
    version = world.service.versions.get(name=name)
    found = stays_of(version)
    return [
        (environment, stay.host, stay.until is None)
        for environment, of in found.items()
        for stay in of
    ]


def finished(rollout: Rollout, host: str) -> object:
    return Target.objects.get(rollout=rollout, host__name=host).finished_at


def test_a_version_that_ran_nowhere_has_no_history(world: World) -> None:
    assert stays_of(world.version("1.0")) == {}


def test_a_stay_begins_with_success_and_ends_with_the_next_versions(world: World) -> None:
    old, new = world.version("1.0"), world.version("1.1")
    first = world.run("deploy", old)
    second = world.run("upgrade", new, "web-1")
    [web_1] = [s for s in stays_of(old)["prod"] if s.host == "web-1"]
    assert web_1.since == finished(first, "web-1")
    assert web_1.until == finished(second, "web-1")
    assert web_1.rollout == first.pk
    assert stays(world, "1.0") == [("prod", "web-2", True), ("prod", "web-1", False)]
    assert stays(world, "1.1") == [("prod", "web-1", True)]


def test_what_is_there_says_when_it_was_seen_there(world: World) -> None:
    old = world.version("1.0")
    world.run("deploy", old)
    instance = world.instance("web-1")
    seen = {stay.host: stay.seen_at for stay in stays_of(old)["prod"]}
    assert seen["web-1"] == instance.seen_at is not None
    Instance.objects.filter(pk=instance.pk).update(seen_version="something else")
    assert {s.host: s.seen_at is None for s in stays_of(old)["prod"]} == {
        "web-1": True,
        "web-2": False,
    }


def test_restarts_and_retries_do_not_part_a_stay(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("restart")
    world.run("stop")
    world.run("start")
    assert stays(world, "1.0") == [("prod", "web-2", True), ("prod", "web-1", True)]


def test_a_removal_ends_a_stay_and_a_new_deploy_begins_another(world: World) -> None:
    version = world.version("1.0")
    world.run("deploy", version)
    world.run("delete", None, "web-1")
    world.run("deploy", version, "web-1")
    of_web_1 = [s for s in stays_of(version)["prod"] if s.host == "web-1"]
    assert [stay.until is None for stay in of_web_1] == [True, False]


def test_a_version_that_failed_was_not_there_and_interrupted_what_was(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    bad = world.start("upgrade", world.version("1.1"))
    world.finish(
        bad, taken_back=["web-1"], only=["web-1"], end=End.TAKEN_BACK, halted=Cause.VERSION
    )
    assert stays(world, "1.1") == []
    assert stays(world, "1.0") == [
        ("prod", "web-1", True),
        ("prod", "web-2", True),
        ("prod", "web-1", False),
    ]


def test_a_failure_that_touched_nothing_interrupts_nothing(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    upgrade = world.start("upgrade", world.version("1.1"))
    world.finish(upgrade, untouched=["web-1", "web-2"])
    assert stays(world, "1.0") == [("prod", "web-2", True), ("prod", "web-1", True)]


def test_stays_in_one_place_never_overlap(world: World) -> None:
    versions = [world.version(name) for name in ("1.0", "1.1", "1.2")]
    world.run("deploy", versions[0])
    for version in (versions[1], versions[0], versions[2], versions[1]):
        world.run("upgrade", version)
    upgrade = world.run("upgrade", versions[2])
    world.finish(returns.roll_back(rollout=upgrade, by=world.alice, now=world.clock()))
    found: list[Stay] = [s for v in versions for s in stays_of(v)["prod"]]
    for host in ("web-1", "web-2"):
        line = sorted((s for s in found if s.host == host), key=lambda stay: stay.since)
        assert len(line) == 7
        assert all(a.until is not None and a.until <= b.since for a, b in pairwise(line))
        assert [stay.until is None for stay in line] == [False] * 6 + [True]


def test_history_is_told_by_environment_in_their_order_to_who_may_see_it(world: World) -> None:
    version = world.version("1.0")
    test = world.make_environment("test")
    test.order = 0
    world.environment.order = 2
    test.save()
    world.environment.save()
    world.run("deploy", version)
    prod, world.environment = world.environment, test
    world.make_host("test-1")
    world.run("deploy", version, "test-1")
    world.environment = prod
    assert list(stays_of(version)) == ["test", "prod"]
    tester = person("tina", (Role.VIEWER, "", "test"))
    assert list(stays_of(version, tester)) == ["test"]
    running = history.running_versions(world.service, tester, now=world.clock())
    assert [one.environment for one in running] == ["test"]


# --- what an environment runs --------------------------------------------------------------------


def test_running_versions_are_counted_per_environment(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"), "web-1")
    Instance.objects.filter(host__name="web-1").update(healthy=False)
    Instance.objects.filter(host__name="web-2").update(seen_version="0.9")
    assert set(history.running_versions(world.service, now=world.clock())) == {
        RunningVersion("prod", "1.0", instances=1, healthy=1, drifted=1),
        RunningVersion("prod", "1.1", instances=1, healthy=0, drifted=0),
    }


def test_what_all_healthy_instances_run_is_the_version_to_promote(world: World) -> None:
    version = world.version("1.0")
    world.run("deploy", version)
    assert history.get_running_version(world.service, world.environment) == version
    # Who is not well has no say.
    world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1"], only=["web-1"])
    assert history.get_running_version(world.service, world.environment) == version


def test_a_mix_is_refused_and_named(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"), "web-1")
    with pytest.raises(MixedVersions) as refused:
        history.get_running_version(world.service, world.environment)
    assert "1.0 (1)" in refused.value.message
    assert "1.1 (1)" in refused.value.message


def test_what_was_seen_running_counts_more_than_what_should(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    Instance.objects.filter(host__name="web-1").update(seen_version="by-hand")
    with pytest.raises(MixedVersions, match="by-hand"):
        history.get_running_version(world.service, world.environment)
    Instance.objects.update(seen_version="by-hand")
    with pytest.raises(MixedVersions, match="by-hand"):
        history.get_running_version(world.service, world.environment)


def test_where_nobody_is_well_there_is_nothing_to_promote(world: World) -> None:
    with pytest.raises(NoInstances):
        history.get_running_version(world.service, world.environment)
    world.run("deploy", world.version("1.0"))
    world.run("stop")
    with pytest.raises(NoInstances):
        history.get_running_version(world.service, world.environment)


def test_a_rollout_under_way_changes_no_history(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    hand = Hand(world.start("upgrade", world.version("1.1")))
    hand.start(hand.places()[0])
    assert stays(world, "1.0") == [("prod", "web-2", True), ("prod", "web-1", True)]
