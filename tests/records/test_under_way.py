"""What is under way is found by an index of its own: what is over is not read for it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.records.accounts.actors import Actor
from slipway.records.rollouts.ask.figures import list_forsaken_rollouts
from slipway.records.rollouts.ask.overview import list_active
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


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_over_is_not_read_to_find_what_is_under_way(
    asked: str, is_postgresql: bool
) -> None:
    world = World(hosts=1)
    with CaptureQueriesContext(connection) as queries:
        ASKED[asked](world)
    (query,) = [each["sql"] for each in queries if 'FROM "rollouts_rollout"' in each["sql"]]
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a few rows it would rather read
        cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN'} {query}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert any(name in plan for name in INDEXES), plan
