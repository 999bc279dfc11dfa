"""What is under way is found by an index of its own: what is over is not read for it."""

from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.ask.figures import list_forsaken_rollouts
from slipway.records.rollouts.ask.overview import list_active
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.run.state import list_undriven
from slipway.records.rollouts.wish.gates import active_rollout
from tests.records.world import World

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, tzinfo=UTC)
INDEXES = (
    "rollouts_to_be_driven",
    "one_active_rollout_per_service_and_environment",
    "rollouts_by_their_end",
)
ASKED: dict[str, Callable[[World], object]] = {
    "by the sweep": lambda world: list_undriven(worker_id="w", driving=(5,)),
    "before a start": lambda world: active_rollout(world.wish("upgrade")),
    "by the home page": lambda world: list_active(Actor.system()),
    "by the doctor": lambda world: list_forsaken_rollouts(NOW),
}


def plant_what_is_over(world: World, many: int = 1000) -> None:
    """So many that reading them all costs more than the index: with a few rows, either will do."""
    over = world.run("deploy", world.version("1.0"))
    assert over.finished_at is not None
    copies = [copy(over) for _ in range(many)]
    for number, each in enumerate(copies):
        each.pk, each.finished_at = None, over.finished_at + timedelta(minutes=number)
    Rollout.objects.bulk_create(copies)


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_over_is_not_read_to_find_what_is_under_way(
    asked: str, is_postgresql: bool
) -> None:
    world = World(hosts=1)
    plant_what_is_over(world)
    with CaptureQueriesContext(connection) as queries:
        ASKED[asked](world)
    (query,) = [each["sql"] for each in queries if 'FROM "rollouts_rollout"' in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE rollouts_rollout")  # the planner chooses by what it counted
        cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN'} {query}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert any(name in plan for name in INDEXES), plan
