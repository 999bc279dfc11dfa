"""What an event is about is read from the row: its kind, and which service and environment."""

from collections.abc import Callable

import pytest
from django.db.models import Model

from slipway.records.accounts.models import Token
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import BuildServer, Version
from slipway.records.fleet.models import Instance
from slipway.records.releasing.models import ReleaseRule, RetentionRun
from slipway.records.rollouts.models import Rollout
from tests.records.people import NOW
from tests.records.world import World

OF_BOTH = ("billing", "prod")
ROWS: dict[str, tuple[Callable[[World], Model], tuple[str, str]]] = {
    "service": (lambda world: world.service, ("billing", "")),
    "environment": (lambda world: world.environment, ("", "prod")),
    "host": (lambda world: world.hosts[0], ("", "prod")),
    "user": (lambda world: world.alice.user or pytest.fail("she has no user"), ("", "")),
    "build_server": (lambda _: BuildServer(pk=1, name="ci"), ("", "")),
    "version": (lambda world: Version(pk=1, service=world.service, name="2.0"), ("billing", "")),
    "retention_run": (lambda world: RetentionRun(pk=1, service=world.service), ("billing", "")),
    "release_rule": (lambda world: ReleaseRule(pk=1, **of_both(world)), OF_BOTH),
    "rollout": (lambda world: Rollout(pk=1, **of_both(world)), OF_BOTH),
    "instance": (lambda world: Instance(pk=1, host=world.hosts[0], **of_both(world)), OF_BOTH),
    "token": (lambda _: Token(pk=1, service="billing", environment="prod"), OF_BOTH),
}


def of_both(world: World) -> dict[str, Model]:
    return {"service": world.service, "environment": world.environment}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ROWS)
def test_an_event_says_what_its_row_is_about(kind: str) -> None:
    row_in, about = ROWS[kind]
    row = row_in(World(hosts=1))
    event = record_of(f"{kind}.changed", row, by=Actor.system(), now=NOW)
    assert (event.thing_kind, event.thing_id, event.thing_name) == (kind, str(row.pk), str(row))
    assert (event.service, event.environment) == about


@pytest.mark.django_db
def test_a_run_over_all_services_is_about_none() -> None:
    event = record_of("retention.requested", RetentionRun(pk=1), by=Actor.system(), now=NOW)
    assert (event.service, event.environment) == ("", "")


@pytest.mark.django_db
def test_what_is_said_besides_wins() -> None:
    service = World(hosts=1).service
    event = record_of("lock.taken", service, by=Actor.system(), now=NOW, environment="prod")
    assert (event.service, event.environment) == OF_BOTH
