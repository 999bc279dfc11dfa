"""What a release rule looks at: no late successes, and of other refs as little as can be."""

from datetime import timedelta

import pytest

from slipway.core.builds.state import BuildStage
from slipway.core.words.versions import VersionStatus
from slipway.records.builds.operations import builds
from slipway.records.builds.operations.endings import end_with_package
from slipway.records.catalog.models import Build, Version
from slipway.records.releasing.operations import rules as release_rules
from slipway.records.releasing.rules import list_candidates, list_due_rules
from tests.records.rules import Rules
from tests.records.world import stored
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> Rules:
    return Rules()


def given_up(world: Rules, ref: str) -> Build:
    """A build of `ref` that ran into its limit, and ended well afterwards."""
    now = world.clock()
    version = Version.objects.create(
        service=world.service,
        name="1.1",
        ref=ref,
        commit="a" * 40,
        status=VersionStatus.TIMEOUT,
        created_at=now,
    )
    return Build.objects.create(
        version=version,
        service=world.service,
        correlation="given-up",
        originator="asked",
        stage=BuildStage.OVER,
        created_at=now,
        deadline_at=now,
        finished_at=now,
        late_at=now,
    )


def take(world: Rules, late: Build) -> Version:
    taken = builds.take_late_success(build=late, by=world.boss, now=world.clock())
    end_with_package(build=taken, stored=stored("billing 1.1"), now=world.clock())
    version = Version.objects.get(pk=taken.version_id)
    assert version.status == VersionStatus.SUCCESS
    return version


def test_a_late_success_that_is_taken_does_not_take_the_environment_back(world: Rules) -> None:
    late = given_up(world, "main")
    world.made("1.2")
    newer = world.follow()
    assert newer is not None
    world.finish(newer)
    old = take(world, late)
    assert world.follow() is None
    assert set(world.versions().values()) == {"1.2"}
    world.run("upgrade", old)
    assert set(world.versions().values()) == {old.name}


def test_a_late_success_whose_commit_comes_to_main_afterwards_is_released(world: Rules) -> None:
    old = take(world, given_up(world, "feature/x"))
    assert world.follow() is None
    world.merge(old, into="main")
    rollout = world.follow()
    assert rollout is not None
    assert rollout.version == old


def test_of_other_refs_and_of_what_was_released_nothing_is_loaded(world: Rules) -> None:
    world.set_rule("main", "release/*", "v?", "x[y]")
    for number in range(3):
        world.made(f"1.{number}-x", ref="feature/x")
        world.merge(world.made(f"1.{number}-m"), into="feature/y")
    rollout = world.follow()
    assert rollout is not None
    assert rollout.version is not None
    world.finish(rollout)
    for number in range(3):
        world.made(f"2.{number}-x", ref="feature/x")
    fitting = [world.made(f"3-{ref[-1]}", ref=ref) for ref in ("release/1", "v2", "xy")]
    loaded = {each.id for each in list_candidates(world.fresh())}
    assert loaded == {rollout.version.pk, *(version.pk for version in fitting)}
    chosen = world.follow()
    assert chosen is not None
    assert chosen.version == fitting[-1]


def test_where_only_other_refs_have_something_new_it_is_looked_again_after_ten_seconds(
    world: Rules,
) -> None:
    world.made("1.1", ref="feature/x")
    assert world.follow() is None
    now = world.clock.now
    fitting = world.made("1.2")
    assert list_due_rules(now + timedelta(seconds=9)) == []
    (rule,) = list_due_rules(now + timedelta(seconds=10))
    rollout = release_rules.follow_release_rule(rule_id=rule, now=now + timedelta(seconds=10))
    assert rollout is not None
    assert rollout.version == fitting
