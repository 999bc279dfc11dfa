"""What a commit costs does not grow with the places whose turn it is."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.words.instances import InstanceStatus
from slipway.records.rollouts.models import Rollout, Target
from tests.hand import Hand
from tests.records.world import World

pytestmark = pytest.mark.django_db

HOSTS = 6


@pytest.fixture
def upgrade() -> Rollout:
    world = World(hosts=HOSTS)
    world.run("deploy", world.version("1.0"))
    for number, host in enumerate(world.hosts):
        host.name = f"app-{HOSTS - number}"  # plans go by names, not by the order of rows
        host.save()
    return world.start("upgrade", world.version("1.1"))


def said_of(table: str, column: str, asked: CaptureQueriesContext) -> list[str]:
    """The changes of a column, each said once for all of its rows."""
    said = [one["sql"].rpartition("times: ")[2] for one in asked]
    return [sql for sql in said if sql.startswith(f'UPDATE "{table}" SET') and f'"{column}"' in sql]


def test_what_places_were_before_is_written_for_all_at_once(upgrade: Rollout) -> None:
    hand = Hand(upgrade)
    with CaptureQueriesContext(connection) as asked:
        hand.start(*hand.places())
    before = Target.objects.filter(rollout=upgrade).values_list("status_before", flat=True)
    assert list(before) == [InstanceStatus.RUNNING] * HOSTS
    assert len(said_of("rollouts_target", "status_before", asked)) == 1


def test_what_is_wanted_since_a_success_is_written_once(upgrade: Rollout) -> None:
    hand = Hand(upgrade)
    hand.start("app-1")
    with CaptureQueriesContext(connection) as asked:
        hand.succeed("app-1")
    assert len(said_of("micro_service_instance", "previous_version_id", asked)) == 1


def test_places_are_locked_in_the_order_in_which_looks_lock_them(upgrade: Rollout) -> None:
    hand = Hand(upgrade)
    locked: list[int] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if many and sql.startswith('UPDATE "micro_service_instance" SET "status"'):
            locked.extend(row[-1] for row in params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        hand.start(*hand.places())
    assert len(locked) == HOSTS
    assert locked == sorted(locked)
