"""The commits that a plan brings: read where they are known, and never a part of its hash."""

from datetime import timedelta

import pytest

from slipway.core.builds.seen import Commit
from slipway.core.builds.seen import Comparison as Found
from slipway.core.words.refusal import Refused
from slipway.records.builds.operations import comparisons
from slipway.records.catalog.models import BuildServer, Comparison, Version
from slipway.records.catalog.operations import versions
from slipway.records.rollouts.ask.changes import (
    ChangesState,
    changes_between,
    changes_of,
)
from slipway.records.rollouts.plan import planning
from tests.records.people import NOW
from tests.records.world import World, stored
from tests.standing import made_once

pytestmark = pytest.mark.django_db
ONE, TWO, THREE = ("1" * 40, "2" * 40, "3" * 40)


@made_once
def standing() -> World:
    world = World(hosts=2)
    world.service.build_server = BuildServer.objects.create(
        name="gitlab",
        kind="gitlab",
        base_url="https://gitlab.example.com",
        created_at=NOW,
        updated_at=NOW,
    )
    world.service.build_project = "shop/billing"
    world.service.save()
    return world


def made(world: World, name: str, commit: str) -> Version:
    version, _ = versions.take_version(
        service=world.service,
        stored=stored(name),
        name=name,
        commit=commit,
        by=world.alice,
        now=world.clock(),
    )
    return version


def ask(world: World, base: str, head: str) -> Comparison:
    asked = comparisons.request_comparison(
        service=world.service, base=base, head=head, now=world.clock()
    )
    assert asked is not None
    return asked


def test_each_pair_of_versions_has_its_own_changes(world: World) -> None:
    one, two, three = made(world, "1", ONE), made(world, "2", TWO), made(world, "3", THREE)
    ask(world, ONE, THREE)
    found = changes_between(world.service, [(one, three), (two, three)])
    assert [(each.from_version, each.state) for each in found] == [
        (one, ChangesState.ASKED),
        (two, ChangesState.UNASKED),
    ]
    assert Comparison.objects.count() == 1, "reading asks for nothing"


def test_a_plan_tells_the_commits_between_what_runs_and_what_shall_run(world: World) -> None:
    one, two = made(world, "1", ONE), made(world, "2", TWO)
    world.run("deploy", one)
    plan = planning.make_plan(world.wish("upgrade", two), now=world.clock())
    before = plan.hash
    assert [each.state for each in changes_of(world.service, plan)] == ["unasked"]
    asked = ask(world, ONE, TWO)
    commit = Commit(TWO, "Round to cents", "Alice", NOW, "https://gitlab.example.com/c/2")
    comparisons.finish_comparison(
        comparison_id=asked.pk, found=Found((commit,), 1, "https://x"), now=world.clock()
    )
    again = planning.make_plan(world.wish("upgrade", two), now=world.clock())
    [changes] = changes_of(world.service, again)
    found = changes.comparison
    assert found is not None
    assert (changes.state, found.total, found.base, found.head) == ("ready", 1, ONE, TWO)
    assert (changes.from_version, changes.to_version) == (one, two)
    assert [each["title"] for each in found.commits] == ["Round to cents"]
    assert again.hash == before


def test_a_server_that_does_not_say_leaves_it_unknown_with_a_reason(world: World) -> None:
    one, two = made(world, "1", ONE), made(world, "2", TWO)
    ask(world, ONE, TWO)
    for _ in range(6):
        later = world.clock() + timedelta(days=1)
        [waiting] = comparisons.list_comparisons_to_make(now=later, limit=5)
        comparisons.put_off_comparison(
            comparison=waiting, problem=Refused("No answer."), now=world.clock()
        )
    [changes] = changes_between(world.service, [(one, two)])
    assert (changes.state, str(changes.problem)) == (ChangesState.UNKNOWN, "No answer.")


def test_where_nobody_can_be_asked_it_is_said(world: World) -> None:
    one, same, none = made(world, "1", ONE), made(world, "1b", ONE), made(world, "0", "")
    assert state(world, one, same) is ChangesState.SAME
    assert state(world, none, one) is ChangesState.UNKNOWN
    world.service.build_server = None
    assert state(world, one, made(world, "2", TWO)) is ChangesState.UNKNOWN


def state(world: World, base: Version, head: Version) -> ChangesState:
    [changes] = changes_between(world.service, [(base, head)])
    return changes.state


def test_first_deploys_and_restarts_bring_no_commits(world: World) -> None:
    one = made(world, "1", ONE)
    deploy = world.wish("deploy", one, "web-1")
    assert changes_of(world.service, planning.make_plan(deploy, now=world.clock())) == []
    world.run("deploy", one)
    restart = planning.make_plan(world.wish("restart"), now=world.clock())
    assert changes_of(world.service, restart) == []
