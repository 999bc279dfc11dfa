"""A plan is made of the settings of its moment, and says value by value where each comes from."""

from typing import Any

import pytest

from slipway.core.spec.origins import Origin
from slipway.core.words.refusal import Invalid
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations import services
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import returns
from slipway.records.rollouts.plan import planning
from tests.records.people import person
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    world = World(hosts=2)
    world.run("deploy", world.version("1.0"))
    return world


def change_spec(world: World, **spec: Any) -> None:
    services.change_service(
        service=world.service, changes={"spec": spec}, by=world.boss, now=world.clock()
    )


def settings(world: World, kind: str, version: Version | None = None, by: Actor | None = None):  # type: ignore[no-untyped-def]
    plan = planning.make_plan(world.wish(kind, version), world.clock(), by or world.alice)
    (said,) = plan.settings
    return plan, said, {each.key: each for each in said.settings}


def notes(plan: Any) -> list[str]:
    return [each.code for each in plan.notes]


def test_a_changed_spec_reaches_a_version_that_was_uploaded_before(world: World) -> None:
    version = world.version("1.1")
    change_spec(world, limits={"memory": "1G"})
    plan, said, found = settings(world, "upgrade", version)
    assert (said.version, said.is_kept) == ("1.1", False)
    memory = found["limits.memory"]
    assert (memory.value, memory.origin, memory.at_upload) == ("1G", Origin.SERVICE, "")
    assert found["health.http"].origin is Origin.PACKAGE
    (release,) = [each for each in plan.plan.releases.values() if each.value.version == "1.1"]
    assert release.spec.limits.memory_max == "1G"
    (note,) = [each for each in plan.notes if each.code == "settings_since_upload"]
    assert "limits.memory" in note.english


def test_without_a_change_nothing_is_said_to_have_changed(world: World) -> None:
    plan, _, found = settings(world, "upgrade", world.version("1.1"))
    assert not [each for each in found.values() if each.at_upload is not None]
    assert "settings_since_upload" not in notes(plan)


def test_the_same_version_with_changed_settings_is_brought(world: World) -> None:
    change_spec(world, limits={"memory": "1G"})
    for kind, version in (("upgrade", Version.objects.get(name="1.0")), ("apply", None)):
        plan = planning.make_plan(world.wish(kind, version), world.clock(), world.alice)
        assert [each.settings_change for each in plan.targets] == [True, True]


def test_the_cause_is_mended_in_the_spec_and_a_retry_has_it(world: World) -> None:
    rollout = world.start("upgrade", world.version("1.1"))
    world.finish(rollout, untouched=["web-1", "web-2"])
    change_spec(world, stop_timeout="1m")
    again = returns.retry_rollout(
        rollout=Rollout.objects.get(pk=rollout.pk), by=world.alice, now=world.clock()
    )
    (spec,) = [each["spec"] for each in again.plan["releases"].values() if "1.1" in str(each)]
    assert spec["stop_timeout"] == "1m"


def test_what_goes_back_is_brought_as_it_was_well_and_says_so(world: World) -> None:
    world.run("upgrade", world.version("1.1"))
    change_spec(world, limits={"memory": "1G"})
    plan, said, found = settings(world, "revert")
    assert (said.version, said.is_kept) == ("1.0", True)
    assert {each.origin for each in found.values()} == {Origin.WELL_STATE}
    assert found["limits.memory"].value == ""
    assert "settings_kept" in notes(plan)


def test_what_names_no_user_says_as_whom_it_runs(world: World) -> None:
    _, _, found = settings(world, "upgrade", world.version("1.1"))
    assert (found["user"].value, found["user"].origin) == ("root", Origin.DEFAULT)
    change_spec(world, supervisor="script", scripts={"start": "./up", "stop": "./down"})
    world.hosts[0].__class__.objects.update(user="deploy")
    _, _, found = settings(world, "upgrade", world.version("1.2"))
    assert found["user"].value == "deploy"


def test_that_it_runs_as_root_is_said_first_and_whether_anybody_said_so(world: World) -> None:
    version = world.version("1.1")
    assert notes(settings(world, "upgrade", version)[0])[0] == "root_by_default"
    assert "root_by_default" not in notes(settings(world, "restart")[0])  # it is there so already
    change_spec(world, user="root")
    assert notes(settings(world, "upgrade", version)[0])[0] == "root_as_said"
    change_spec(world, user="app")
    assert not {"root_by_default", "root_as_said"} & set(
        notes(settings(world, "upgrade", version)[0])
    )


def test_values_of_variables_are_for_those_who_deploy(world: World) -> None:
    change_spec(world, environment={"TOKEN": "secret"})
    version = world.version("1.1")
    _, _, found = settings(world, "upgrade", version)
    assert found["environment.TOKEN"].value == "secret"
    looker = person("dora", ("viewer", "", ""))  # type: ignore[arg-type]
    _, _, found = settings(world, "upgrade", version, looker)
    assert found["environment.TOKEN"].value == "***"


def test_root_at_the_word_of_the_package_alone_is_refused_in_the_plan(world: World) -> None:
    change_spec(world, user="root")
    version = world.version("1.1", spec="run: ./app\nuser: root\n")
    change_spec(world, limits={"memory": "1G"})  # and the service says nothing of a user any more
    plan = planning.make_plan(world.wish("upgrade", version), world.clock(), world.alice)
    assert [each.blocking for each in plan.obstacles if "root" in each.message] == [True]
    with pytest.raises(Invalid, match="as root"):
        world.start("upgrade", version)
    change_spec(world, user="root")
    plan, _, found = settings(world, "upgrade", version)
    assert not plan.is_blocked
    assert (found["user"].value, found["user"].origin) == ("root", Origin.SERVICE)


def test_each_rule_says_who_says_it(world: World) -> None:
    wish = world.wish("upgrade", world.version("1.1"), batches="1")
    plan = planning.make_plan(wish, world.clock(), world.boss)
    rules = {each.key: (each.value, each.origin) for each in plan.rules}
    assert rules["batches"] == ("1", "wish")
    assert rules["max_unavailable"] == ("1", "environment")
    back = planning.make_plan(world.wish("restart"), world.clock(), world.boss)
    assert {each.origin for each in back.rules} == {"environment"}
