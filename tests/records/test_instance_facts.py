"""The facts of many instances, read as plain rows, are those of each of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.hosts.drift_words import Drift, What, kept
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.instance_facts import InstanceFacts, facts_of, hosts_to_choose
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.rollouts.ask.overview import list_not_as_wanted
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=2)


@made_once
def standing() -> World:
    world = World(hosts=3)
    world.run("deploy", world.version("1.0"))
    world.run("upgrade", world.version("1.1"))
    return world


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"seen_version": "1.0"},
        {"seen_link": "1.0"},
        {"seen_version": "", "healthy": False, "seen_why": Sentence.of("said", "it died")},
        {"healthy": None},
        {"seen_drift": kept((Drift(What.FILES, 1, "bin/app"),))},
        {"seen_drift": kept((Drift(What.UNREAD),))},
        {"seen_at": None},
        {"status": InstanceStatus.STOPPED},
        {"status": InstanceStatus.UPGRADE_FAILED, "previous_version": None},
        {"version": None, "seen_version": ""},
        {"tag": "blue", "weight": 20, "port": 8080},
    ],
)
@pytest.mark.parametrize("later", [timedelta(0), LONG_AGO])
def test_they_are_those_of_each(world: World, seen: dict[str, Any], later: timedelta) -> None:
    now = world.clock()
    Instance.objects.update(seen_at=now, seen_version="1.1", seen_link="1.1", healthy=True)
    Instance.objects.filter(host__name="web-2").update(**seen)
    Instance.objects.filter(host__name="web-3").update(
        locked_by=world.boss.person, locked_at=now, locked_reason="mine"
    )
    rows = Instance.objects.order_by("host__name")
    one_by_one = [InstanceFacts.of(row, now + later) for row in rows]
    assert facts_of(rows, now + later) == one_by_one
    assert [each.locked_by != "" for each in one_by_one] == [False, False, True]


def test_what_is_asked_does_not_grow_with_them(world: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            facts_of(Instance.objects.order_by("host__name"), world.clock())
        return len(statements)

    all_of_them = asked()
    Instance.objects.exclude(host__name="web-1").update(status=InstanceStatus.STOPPED)
    assert asked() == all_of_them == 3


def test_a_host_with_two_instances_is_to_be_chosen_once(world: World) -> None:
    Instance.objects.filter(host__name="web-2").update(host=Host.objects.get(name="web-1"), port=1)
    Host.objects.filter(name="web-3").update(state=HostState.UNREACHABLE)
    hosts = hosts_to_choose(Instance.objects.all())
    assert [(each.name, each.state) for each in hosts] == [
        ("web-1", "ok"),
        ("web-3", "unreachable"),
    ]


def test_those_that_are_not_as_wanted_are_found_in_parts_and_counted(world: World) -> None:
    Instance.objects.update(seen_at=world.clock(), seen_version="0.9")
    Instance.objects.filter(host__name="web-3").update(healthy=False)
    parts = [list_not_as_wanted(Actor.system(), world.clock(), 2, offset) for offset in (0, 2, 4)]
    names = [[each.host.name for each in part] for part in parts]
    assert names == [["web-3", "web-1"], ["web-2"], []]
    assert [part.total for part in parts] == [3, 3, 3]
