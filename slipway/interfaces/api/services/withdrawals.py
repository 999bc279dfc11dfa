"""Versions that are no way back and no source of promotion in an environment."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Empty,
    Input,
    Limit,
    Listed,
    Name,
    Offset,
    Text,
    answers,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.queries import services
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.operations import withdrawals
from slipway.records.rollouts.taking_part.withdrawals import WithdrawnVersion
from slipway.records.rollouts.taking_part.withdrawals import list_withdrawals as list_withdrawn

router = Router(tags=["versions"])


class Withdraw(Input):
    environment: Name
    reason: Text


class Clear(Input):
    environment: Name
    reason: Text = ""


class WithdrawalOut(Schema):
    """`rollout`: in which it failed; none where a person, `by`, has withdrawn it."""

    version: str
    environment: str
    rollout: int | None
    by: str
    reason: str
    since: datetime


@router.get("/{name}/withdrawals", response=answers(Listed[WithdrawalOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_withdrawals(
    request: HttpRequest, name: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List the versions that are withdrawn now, in the environments one may see."""
    actor = asker(request)
    service = services.get_service(name, actor)
    return part(list_withdrawn(service.name, actor), limit, offset)


@router.post("/{name}/versions/{version}/withdraw", response=answers(WithdrawalOut))
@policy(Action.DEPLOY, Over.BOTH)
def withdraw_version(request: HttpRequest, name: Name, version: Name, body: Withdraw) -> object:
    """Let a version be no way back and no source of promotion in an environment."""
    actor = asker(request)
    held = withdrawals.withdraw_version(
        version=services.get_version(services.get_service(name, actor), version),
        environment=visible_environment(body.environment, actor),
        reason=body.reason,
        by=actor,
        now=timezone.now(),
    )
    return WithdrawnVersion.of(held)


@router.post("/{name}/versions/{version}/clear", response=answers(Empty))
@policy(Action.DEPLOY, Over.BOTH)
def clear_withdrawal(
    request: HttpRequest, name: Name, version: Name, body: Clear
) -> dict[str, object]:
    """Let a withdrawn version be a way back and a source of promotion again."""
    actor = asker(request)
    withdrawals.clear_withdrawal(
        version=services.get_version(services.get_service(name, actor), version),
        environment=visible_environment(body.environment, actor),
        reason=body.reason,
        by=actor,
        now=timezone.now(),
    )
    return {}
