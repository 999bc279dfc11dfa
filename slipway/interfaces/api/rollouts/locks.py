"""Locks: stop signs on a service in an environment."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.reasons import WithReason
from slipway.interfaces.api.frame.values import (
    Empty,
    Input,
    Limit,
    Listed,
    Name,
    Offset,
    Seconds,
    Text,
    answers,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.queries import services
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.ask import queries
from slipway.records.rollouts.operations import locks
from slipway.records.rollouts.wish.gates import LockFacts

router = Router(tags=["locks"])


class NewLock(Input):
    service: Name
    environment: Name
    reason: Text
    for_: Seconds | None = Field(None, alias="for")  # none: until somebody releases it


class Release(Input):
    service: Name
    environment: Name
    reason: Text = ""


class LockOut(WithReason):
    service: str
    environment: str
    holder: str
    rollout: int | None
    since: datetime
    until: datetime | None


@router.get("", response=answers(Listed[LockOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_locks(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, object]:
    """List the locks that hold now and that one may see."""
    return part(queries.list_locks(asker(request)), limit, offset)


@router.post("", response=answers(LockOut, 201))
@policy(Action.LOCK, Over.BOTH)
def lock_service(request: HttpRequest, body: NewLock) -> Status[object]:
    """Let nobody start an operation there."""
    actor, now = asker(request), timezone.now()
    lock = locks.lock_service(
        service=services.get_service(body.service, actor),
        environment=visible_environment(body.environment, actor),
        reason=body.reason,
        until=None if body.for_ is None else now + timedelta(seconds=body.for_),
        by=actor,
        now=now,
    )
    return Status(201, LockFacts.of(lock))


@router.post("/release", response=answers(Empty))
@policy(Action.LOCK, Over.BOTH)
def unlock_service(request: HttpRequest, body: Release) -> dict[str, object]:
    """Release a lock; another's needs the right to, and a reason."""
    actor = asker(request)
    locks.unlock_service(
        service=services.get_service(body.service, actor),
        environment=visible_environment(body.environment, actor),
        by=actor,
        now=timezone.now(),
        reason=body.reason,
    )
    return {}
