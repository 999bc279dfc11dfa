"""The builds of one service: asked for, listed; and what webhooks told of it."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.builds.builds import BuildOut, shown_build
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Input,
    Limit,
    Line,
    Listed,
    Name,
    Offset,
    Text,
    Word,
    answers,
    listed,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.builds.build_facts import BuildFacts
from slipway.records.builds.operations import builds
from slipway.records.builds.queries import builds as build_queries
from slipway.records.catalog.queries import services
from slipway.records.rows.sentences import told

router = Router(tags=["builds"])


class NewBuild(Input):
    """`ref`: a branch or tag, else the service's default. `commit`: no other will do. `force`:
    also when the commit is built already."""

    ref: Line = ""
    commit: Word = ""
    variables: Annotated[dict[Line, Text], Field(max_length=64)] = {}
    description: Text = ""
    force: bool = False


class DeliveryOut(Schema):
    """What a webhook told: a hint to look. `outcome` says what came of it."""

    id: int
    source: str
    event: str
    external_id: str
    ref: str
    commit: str
    server: str
    source_address: str
    received_at: datetime
    handled_at: datetime | None
    outcome: str
    outcome_code: str
    outcome_values: dict[str, Any]
    build: int | None


@router.post("/{name}/builds", response=answers(BuildOut, 202))
@policy(Action.BUILD, Over.SERVICE)
def request_build(request: HttpRequest, name: Name, body: NewBuild) -> Status[object]:
    """Have a version built. A commit that is built already ends at once as `duplicate`."""
    actor = asker(request)
    build = builds.request_build(
        service=services.get_service(name, actor), **body.dict(), by=actor, now=timezone.now()
    )
    return Status(202, shown_build(BuildFacts.of(build)))


@router.get("/{name}/builds", response=answers(Listed[BuildOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_service_builds(
    request: HttpRequest, name: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List a service's builds, the newest first."""
    actor = asker(request)
    service = services.get_service(name, actor)
    found = build_queries.list_builds(actor, service, limit, offset)
    return listed(found, lambda build: shown_build(BuildFacts.of(build)))


@router.get("/{name}/deliveries", response=answers(Listed[DeliveryOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_deliveries(
    request: HttpRequest, name: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List what webhooks told of the service in the last seven days, the newest first."""
    actor = asker(request)
    service = services.get_service(name, actor)
    found = build_queries.list_deliveries(actor, service, limit, offset)
    return listed(found, lambda delivery: _delivery(build_queries.DeliveryFacts.of(delivery)))


def _delivery(delivery: build_queries.DeliveryFacts) -> dict[str, Any]:
    return asdict(delivery) | told("outcome", delivery.outcome)
