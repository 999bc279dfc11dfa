"""Instances: what should run where, and what was seen running."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    NO_REASON,
    Id,
    Input,
    Limit,
    Line,
    Listed,
    Offset,
    Text,
    Why,
    Word,
    answers,
    given,
    listed,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.queries import services
from slipway.records.fleet import queries
from slipway.records.fleet.instance_facts import WholeInstance
from slipway.records.fleet.operations import instances
from slipway.records.fleet.queries import visible_environment
from slipway.records.rows.sentences import told

router = Router(tags=["instances"])
Weight = Annotated[int, Field(ge=0, le=1000)]


class InstanceChange(Input):
    weight: Weight = 100
    tag: Word = ""
    description: Text = ""
    is_maintain: bool = False


class InstanceOut(Schema):
    id: int
    service: str
    environment: str
    host: str
    port: int
    version: str | None
    seen_version: str
    seen_at: datetime | None
    previous_version: str | None
    status: str
    why: str
    why_code: str
    why_values: dict[str, Any]
    hint: str
    healthy: bool | None
    locked: bool
    locked_by: str | None
    locked_reason: str
    is_maintain: bool
    weight: int
    tag: str
    description: str
    created_at: datetime


@router.get("", response=answers(Listed[InstanceOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_instances(
    request: HttpRequest,
    service: Line = "",
    environment: Line = "",
    host: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, object]:
    """List the instances one may see."""
    actor = asker(request)
    page = queries.list_instances(
        actor,
        service=services.get_service(service, actor) if service else None,
        environment=visible_environment(environment, actor) if environment else None,
        host=queries.get_host(host, actor) if host else None,
        limit=limit,
        offset=offset,
    )
    now = timezone.now()
    return listed(page, lambda instance: shown_instance(WholeInstance.of(instance, now)))


@router.get("/{id}", response=answers(InstanceOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_instance(request: HttpRequest, id: Id) -> object:
    """Show an instance."""
    return _shown(id, asker(request))


@router.patch("/{id}", response=answers(InstanceOut))
@policy(Action.DEPLOY, Over.BOTH)
def change_instance(request: HttpRequest, id: Id, body: InstanceChange) -> object:
    """Change what is said about an instance; nothing is done on its host."""
    actor = asker(request)
    instance = queries.get_instance(id, actor)
    instances.change_instance(instance=instance, by=actor, now=timezone.now(), **given(body))
    return _shown(id, actor)


@router.post("/{id}/lock", response=answers(InstanceOut))
@policy(Action.LOCK, Over.BOTH)
def lock_instance(request: HttpRequest, id: Id, body: Why) -> object:
    """Let no rollout touch this instance."""
    actor = asker(request)
    instance = queries.get_instance(id, actor)
    instances.lock_instance(instance=instance, reason=body.reason, by=actor, now=timezone.now())
    return _shown(id, actor)


@router.post("/{id}/unlock", response=answers(InstanceOut))
@policy(Action.LOCK, Over.BOTH)
def unlock_instance(request: HttpRequest, id: Id, body: Why = NO_REASON) -> object:
    """Let rollouts touch it again; another's lock needs the right to, and a reason."""
    actor = asker(request)
    instance = queries.get_instance(id, actor)
    instances.unlock_instance(instance=instance, reason=body.reason, by=actor, now=timezone.now())
    return _shown(id, actor)


def _shown(instance_id: int, actor: Actor) -> object:
    found = queries.get_instance(instance_id, actor)
    return shown_instance(WholeInstance.of(found, timezone.now()))


def shown_instance(whole: WholeInstance) -> dict[str, Any]:
    """Return the JSON of an instance."""
    instance = whole.facts
    return {
        "id": instance.id,
        "service": instance.service,
        "environment": instance.environment,
        "host": instance.host,
        "port": instance.port,
        "version": instance.version_name or None,
        "seen_version": instance.seen_version,
        "seen_at": instance.seen_at,
        "previous_version": instance.previous or None,
        "status": instance.status.word,
        **told("why", instance.status.why, hint="hint"),
        "healthy": instance.healthy,
        "locked": bool(instance.locked_by),
        "locked_by": instance.locked_by or None,
        "locked_reason": instance.locked_reason,
        "is_maintain": whole.is_maintain,
        "weight": instance.weight,
        "tag": instance.tag,
        "description": whole.description,
        "created_at": whole.created_at,
    }
