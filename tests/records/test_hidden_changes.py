"""A plan names the shared folders whose content a version changes where nobody sees it."""

from dataclasses import replace

import pytest

from slipway.core.release.contents import Contents, HeldFile
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations import versions
from slipway.records.rollouts.plan import planning
from tests.records.world import SPEC, World, stored
from tests.standing import made_once

pytestmark = pytest.mark.django_db


def version(world: World, name: str, shared: str, **files: int) -> Version:
    """`files` are folders with a file in each, by the checksum of what is in it."""
    held = {f"{folder}/app.yml": HeldFile(0o644, b"", (10, crc)) for folder, crc in files.items()}
    held["bin/billing"] = HeldFile(0o755)
    package = replace(
        stored(f"billing {name}", f"{SPEC}\nshared: [{shared}]\n"), contents=Contents(held)
    )
    made, _ = versions.take_version(
        service=world.service, stored=package, name=name, by=world.alice, now=world.clock()
    )
    return made


def said(world: World, goal: Version) -> list[str]:
    plan = planning.make_plan(world.wish("upgrade", goal), world.clock(), world.alice)
    return [each.english for each in plan.notes if each.code == "hidden_by_shared"]


@made_once
def standing() -> World:
    world = World(hosts=2)
    world.run("deploy", version(world, "1.0", "config, data", config=1, data=1, lib=1))
    return world


def test_a_shared_folder_that_hides_a_change_is_named(world: World) -> None:
    (note,) = said(world, version(world, "1.1", "config, data", config=2, data=1, lib=2))
    assert note.startswith("1.1 changes what it brings in config, which shared: hides")
    assert "${SHARED}" in note


def test_what_is_brought_for_the_first_time_is_hidden_too(world: World) -> None:
    world.run("upgrade", version(world, "1.1", "config, data", config=1))
    (note,) = said(world, version(world, "1.2", "config, data", config=1, data=1))
    assert "in data," in note


def test_nothing_is_said_where_nothing_is_hidden(world: World) -> None:
    assert said(world, version(world, "1.1", "config, data", config=1, data=1)) == []
    assert said(world, version(world, "1.2", "config, data")) == []
    # It is filled by what the version brings, as it was not shared before.
    assert said(world, version(world, "1.3", "config, lib", config=1, lib=2)) == []


def test_of_a_version_that_was_not_looked_at_nothing_is_said(world: World) -> None:
    goal = version(world, "1.1", "config, data", config=2)
    before = Version(
        service=world.service,
        name="0.9",
        status=2,
        package=goal.package,
        spec=goal.spec,
        created_at=world.clock(),
    )
    before.save(force_insert=True)
    world.run("upgrade", before)
    assert said(world, goal) == []
