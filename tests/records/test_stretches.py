"""Long lists are gone through by keys, forth and back, and nothing moves meanwhile."""

from datetime import timedelta

import pytest
from django.db import connection

from slipway.core.finding.where import EVERYTHING
from slipway.core.words.refusal import Invalid
from slipway.records.catalog.models import Service
from slipway.records.catalog.queries.services import list_services
from slipway.records.rollouts.ask.overview import find_services
from slipway.records.rollouts.ask.queries import find_rollouts, list_rollouts
from slipway.records.rollouts.models import Rollout
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.finding.grouped import BY_TEAM
from slipway.records.rows.pages import Bookmark
from tests.emptying import rules_away
from tests.records.people import NOW
from tests.records.world import World
from tests.standing import made_once

TOP = Bookmark()
ALL = Asking(EVERYTHING, NOW + timedelta(hours=1))


@made_once
def standing() -> World:
    """Seven services; billing was deployed and upgraded."""
    world = World(hosts=1)
    for name in ("search", "shop", "svc-0", "svc-1", "svc-2", "svc-3"):
        world.make_service(name)
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("2.0"))
    return world


def test_a_list_is_gone_through_forth_and_back(world: World) -> None:
    first = find_services(world.boss, ALL, 3, TOP)
    assert (first.total, first.before, first.after) == (7, "", "shop")
    second = find_services(world.boss, ALL, 3, Bookmark(first.after))
    assert [each.name for each in second] == ["svc-0", "svc-1", "svc-2"]
    last = find_services(world.boss, ALL, 3, Bookmark(second.after))
    assert ([each.name for each in last], last.total, last.after) == (["svc-3"], 7, "")
    back = find_services(world.boss, ALL, 3, Bookmark(last.before, is_before=True))
    assert [each.name for each in back] == [each.name for each in second]
    top = find_services(world.boss, ALL, 3, Bookmark(back.before, is_before=True))
    assert ([each.name for each in top], top.before) == ([each.name for each in first], "")


def test_a_list_in_groups_is_gone_through_forth_and_back(world: World) -> None:
    """Whatever is asked, and wherever a page ends; what has no team comes last."""
    teams = {"billing": "trade", "search": "base", "shop": "trade", "svc-1": "base", "svc-3": ""}
    for name, team in teams.items():
        Service.objects.filter(name=name).update(labels={"team": team})
    whole = ["svc-3", "search", "svc-1", "billing", "shop", "svc-0", "svc-2"]
    for size in (1, 2, 3, 7):
        forth, at = [], TOP
        while True:
            part = find_services(world.boss, ALL, size, at, BY_TEAM)
            forth += [each.name for each in part]
            if not part.after:
                break
            at = Bookmark(part.after)
        assert forth == whole
        back = [each.name for each in part]
        while part.before:
            at = Bookmark(part.before, is_before=True)
            part = find_services(world.boss, ALL, size, at, BY_TEAM)
            back = [*(each.name for each in part), *back]
        assert back == whole
    gone = find_services(world.boss, ALL, 9, Bookmark("gone"), BY_TEAM)
    assert [each.name for each in gone] == whole


def test_what_is_new_moves_no_row_to_another_part(world: World) -> None:
    with rules_away(connection):
        Rollout.objects.update(created_at=NOW)  # alike: their numbers keep them apart
    first = find_rollouts(world.boss, ALL, 1, TOP)
    world.start("upgrade", world.version("4.0"))
    rest = find_rollouts(world.boss, ALL, 5, Bookmark(first.after))
    assert [each.kind for each in (*first, *rest)] == ["upgrade", "deploy"]
    newer = find_rollouts(world.boss, ALL, 5, Bookmark(rest.before, is_before=True))
    assert [each.version.name for each in newer if each.version] == ["4.0", "2.0"]


def test_a_part_goes_on_after_a_row_whatever_comes_or_goes(world: World) -> None:
    first = list_services(world.boss, limit=3)
    assert (first.total, first.after) == (7, "shop")
    world.make_service("an-early-one")
    rest = list_services(world.boss, limit=5, after=first.after)
    assert ([each.name for each in rest], rest.total, rest.after) == (
        ["svc-0", "svc-1", "svc-2", "svc-3"],
        8,
        "",
    )
    newest = list_rollouts(world.boss, limit=1)
    world.start("upgrade", world.version("4.0"))
    older = list_rollouts(world.boss, after=newest.after)
    assert [each.kind for each in (*newest, *older)] == ["upgrade", "deploy"]
    assert list_rollouts(world.boss, limit=1, offset=1)[0].pk == newest[0].pk
    # It is known where it was, also where it is not asked for any more.
    assert list_rollouts(world.boss, state="running", after=newest.after) == []


@pytest.mark.parametrize("key", ["0", "nonsense", "\0", "9" * 40, "-1"])
def test_a_part_after_nothing_is_refused(world: World, key: str) -> None:
    with pytest.raises(Invalid, match="This list cannot go on after"):
        list_rollouts(world.boss, after=key)


@pytest.mark.parametrize("key", ["0", "nonsense", "\0", "9" * 40, "-1"])
def test_a_bookmark_that_leads_nowhere_shows_the_beginning(world: World, key: str) -> None:
    assert len(find_rollouts(world.boss, ALL, 5, Bookmark(key))) == 2
    assert find_services(world.boss, ALL, 5, Bookmark(key)).total == 7
