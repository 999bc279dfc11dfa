"""Release on build: the same gates as for people, and never a step back."""

import pytest

from slipway.core.builds.orders import ServerKind
from slipway.core.builds.state import BuildStage
from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.refusal import Forbidden, Invalid, NotFound
from slipway.core.words.roles import Role
from slipway.core.words.versions import VersionStatus
from slipway.records.audit.models import Event
from slipway.records.catalog.models import Build, BuildServer, Version
from slipway.records.releasing.operations import rules as release_rules
from slipway.records.releasing.rules import list_release_rules
from slipway.records.rollouts.models import Lock, Rollout
from slipway.records.rollouts.operations import returns
from tests.records.people import alice, charlie, person
from tests.records.rules import Rules
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> Rules:
    return Rules()


# --- releasing -----------------------------------------------------------------------------------


def test_a_new_version_of_the_ref_is_released_and_the_reason_names_rule_ref_and_version(
    world: Rules,
) -> None:
    version = world.made("1.1")
    rollout = world.follow()
    assert rollout is not None
    assert (rollout.kind, rollout.version, rollout.created_by) == ("upgrade", version, None)
    assert str(rollout.cause) == "release rule main: 1.1 was built of main"
    assert rollout.batches == world.environment.batches
    rule = world.fresh()
    assert (rule.last_version, rule.last_rollout, rule.problem) == (version, rollout, None)
    started = Event.objects.get(verb="rollout.started", thing_id=str(rollout.pk))
    assert started.by_name == "slipway"


def test_a_version_is_released_once(world: Rules) -> None:
    world.made("1.1")
    rollout = world.follow()
    assert rollout is not None
    assert world.follow() is None
    world.finish(rollout)
    assert world.follow() is None
    assert Rollout.objects.filter(kind="upgrade").count() == 1


def test_of_several_new_versions_the_newest_is_released(world: Rules) -> None:
    world.made("1.1")
    newest = world.made("1.2")
    rollout = world.follow()
    assert rollout is not None
    assert rollout.version == newest
    world.finish(rollout)
    assert world.follow() is None


def test_other_refs_are_left_to_people(world: Rules) -> None:
    world.made("1.1", ref="feature/x")
    assert world.follow() is None
    world.set_rule("main", "release/*")
    world.made("1.2", ref="release/1")
    rollout = world.follow()
    assert rollout is not None
    assert str(rollout.cause) == "release rule release/*: 1.2 was built of release/1"


@pytest.mark.parametrize("ref", ["PR-7", "MR-7-head", "origin/pr/7/merge", "pull/7"])
@pytest.mark.parametrize("kind", list(ServerKind))
def test_a_change_request_that_was_kept_as_a_branch_is_none(
    world: Rules, ref: str, kind: ServerKind
) -> None:
    world.set_rule("*")
    version, now = world.made("1.1", ref=ref), world.clock()
    server = BuildServer.objects.create(
        name="ci", kind=kind, base_url="https://ci.example.com", created_at=now, updated_at=now
    )
    Build.objects.create(
        version=version,
        service=world.service,
        server=server,
        correlation=version.name,
        originator="server",
        stage=BuildStage.OVER,
        created_at=now,
        deadline_at=now,
        finished_at=now,
    )
    assert (world.follow() is None) == (kind is ServerKind.JENKINS)


def test_what_was_made_before_the_rule_is_left_to_people(world: Rules) -> None:
    release_rules.remove_release_rule(
        service=world.service, environment=world.environment, by=world.boss, now=world.clock()
    )
    world.made("1.1")
    world.set_rule("main")
    assert world.follow() is None


def test_a_late_success_of_an_older_version_does_not_take_the_environment_back(
    world: Rules,
) -> None:
    late = Version(
        service=world.service,
        name="1.1",
        ref="main",
        status=VersionStatus.BUILDING,
        created_at=world.clock(),
    )
    late.save(force_insert=True)
    newer = world.made("1.2", ref="hotfix")
    world.run("upgrade", newer)
    late.status, late.package = VersionStatus.SUCCESS, newer.package
    late.save()
    assert world.follow() is None
    assert set(world.versions().values()) == {"1.2"}


def test_a_commit_that_was_built_for_a_branch_is_released_when_it_comes_to_main(
    world: Rules,
) -> None:
    """A merge that only moves main on makes a duplicate: nothing is built, the version is there."""
    version = world.made("1.1", ref="feature/x")
    assert world.follow() is None
    world.merge(version, into="feature/y")
    assert world.follow() is None
    world.merge(version, into="main")
    rollout = world.follow()
    assert rollout is not None
    assert rollout.version == version
    assert str(rollout.cause) == "release rule main: 1.1 was built of main"
    world.finish(rollout)
    assert world.follow() is None
    assert world.said() == ""


def test_what_runs_already_is_not_released_because_it_came_to_main(world: Rules) -> None:
    version = world.made("1.1", ref="feature/x")
    world.run("upgrade", version)
    world.merge(version, into="main")
    assert world.follow() is None
    assert world.said() == ""


def test_a_version_whose_package_was_removed_is_not_released(world: Rules) -> None:
    version = world.made("1.1")
    assert version.package is not None
    version.package.removed_at = world.clock()
    version.package.save(update_fields=["removed_at"])
    assert world.follow() is None


def test_a_rule_that_is_switched_off_releases_nothing_and_forgets_what_came_meanwhile(
    world: Rules,
) -> None:
    world.set_rule("main", enabled=False)
    world.made("1.1")
    assert world.follow() is None
    world.set_rule("main")
    assert world.follow() is None
    world.made("1.2")
    assert world.follow() is not None


# --- never again ---------------------------------------------------------------------------------


def test_a_version_that_was_rolled_back_by_itself_is_not_released_again(world: Rules) -> None:
    world.made("1.1")
    bad = world.follow()
    assert bad is not None
    world.finish(
        bad, taken_back=["web-1"], only=["web-1"], end=End.TAKEN_BACK, halted=Cause.VERSION
    )
    assert world.follow() is None
    Lock.objects.update(released_at=world.clock())
    assert world.follow() is None
    assert Rollout.objects.filter(kind="upgrade").count() == 1


def test_a_version_that_people_released_and_took_back_is_not_released_again(world: Rules) -> None:
    version = world.made("1.1", ref="main")
    upgrade = world.run("upgrade", version)
    world.finish(returns.roll_back(rollout=upgrade, by=world.alice, now=world.clock()))
    assert set(world.versions().values()) == {"1.0"}
    assert world.follow() is None
    assert world.fresh().last_version == version
    world.made("1.2")
    assert world.follow() is not None


# --- setting -------------------------------------------------------------------------------------


def test_setting_the_same_rule_again_changes_nothing(world: Rules) -> None:
    before, events = world.fresh(), Event.objects.count()
    world.set_rule("main")
    assert world.fresh().since == before.since
    assert Event.objects.count() == events


def test_rules_are_set_changed_and_removed_and_all_of_it_is_audited(world: Rules) -> None:
    world.set_rule("main", "release/*")
    world.set_rule("main", "release/*", enabled=False)
    release_rules.remove_release_rule(
        service=world.service, environment=world.environment, by=world.boss, now=world.clock()
    )
    with pytest.raises(NotFound, match="no release rule in prod"):
        world.fresh()
    told = Event.objects.filter(verb__startswith="release_rule.").order_by("id")
    assert [(event.verb, event.before, event.after) for event in told] == [
        ("release_rule.set", None, {"refs": ["main"], "enabled": True}),
        (
            "release_rule.set",
            {"refs": ["main"], "enabled": True},
            {"refs": ["main", "release/*"], "enabled": True},
        ),
        (
            "release_rule.set",
            {"refs": ["main", "release/*"], "enabled": True},
            {"refs": ["main", "release/*"], "enabled": False},
        ),
        ("release_rule.removed", {"refs": ["main", "release/*"], "enabled": False}, None),
    ]
    assert {(event.service, event.environment) for event in told} == {("billing", "prod")}


def test_who_may_only_deploy_sets_no_rule(world: Rules) -> None:
    admin_elsewhere = person("dora", (Role.ADMIN, "billing", "prod"))
    for actor in (alice(), charlie(), admin_elsewhere):
        with pytest.raises(Forbidden):
            release_rules.set_release_rule(
                service=world.service,
                environment=world.environment,
                refs=["*"],
                by=actor,
                now=world.clock(),
            )
        with pytest.raises(Forbidden):
            release_rules.remove_release_rule(
                service=world.service, environment=world.environment, by=actor, now=world.clock()
            )


@pytest.mark.parametrize("refs", [[], ["main", ""], ["nul\0"], ["half \ud83d"]])
def test_refs_that_cannot_be_meant_are_refused(world: Rules, refs: list[str]) -> None:
    with pytest.raises(Invalid):
        world.set_rule(*refs)


def test_people_see_the_rules_of_what_they_may_see(world: Rules) -> None:
    found = [(rule.service, rule.environment) for rule in list_release_rules(alice())]
    assert found == [("billing", "prod")]
    assert list_release_rules(charlie()) == []
    assert list_release_rules(alice(), service="shop") == []
    rule = world.fresh()
    assert (rule.refs, rule.enabled, str(rule.updated_by)) == (["main"], True, "bob")
