"""What is shown of rollouts and instances costs the same for few of them and for many."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.interfaces.api.fleet.instances import shown_instance
from slipway.interfaces.api.rollouts.whole_rollouts import whole_rollout
from slipway.interfaces.live.shown import look, shown_rollout
from slipway.records.fleet.instance_facts import WholeInstance
from slipway.records.fleet.queries import list_instances
from slipway.records.rollouts.ask.queries import list_rollouts
from slipway.records.rollouts.rollout_facts import RolloutFacts
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    world = World(hosts=8)
    world.run("deploy", world.version("1.0"))
    return world


def test_questions_do_not_grow_with_what_is_shown(world: World) -> None:
    few = count_queries(world)
    for number in range(9, 25):
        world.hosts.append(world.make_host(f"web-{number}"))
    world.run("deploy", world.version("1.0b"), *(host.name for host in world.hosts[8:]))
    assert count_queries(world) == few


def count_queries(world: World) -> dict[str, int]:
    latest = list_rollouts(world.boss)[0]
    questions: dict[str, Callable[[], object]] = {
        "rollout": lambda: whole_rollout(latest.pk),
        "rollouts": lambda: [
            shown_rollout(RolloutFacts.of(each)) for each in list_rollouts(world.boss, limit=200)
        ],
        "changes": lambda: look(latest.pk, 0).told(),
        "instances": lambda: [
            shown_instance(WholeInstance.of(each, world.clock()))
            for each in list_instances(world.boss, limit=200)
        ],
    }
    counts = {}
    for name, ask in questions.items():
        with CaptureQueriesContext(connection) as captured:
            ask()
        counts[name] = len(captured)
    return counts
