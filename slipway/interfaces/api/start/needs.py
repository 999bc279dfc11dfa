"""What needs whoever asks: the same that home shows, for programs and the command line."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Limit, Listed, Offset, answers
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.sentences import in_json
from slipway.records.rollouts.needs.needs import NeedKind, OpenNeed, list_needs

router = Router(tags=["needs"])


class NeedOut(Schema):
    """Something open. `id`: the number of a rollout, build or instance, null of a host. `commands`
    of the command line, for whoever asks, the best one first. `at`: since when, where known."""

    kind: NeedKind
    id: int | None
    service: str
    environment: str
    host: str
    port: int
    code: str
    message: str
    hint: str
    values: dict[str, Any]
    commands: list[str]
    at: datetime | None


@router.get("", response=answers(Listed[NeedOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_open_needs(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """List what needs somebody, worst first: rollouts that wait, and that went wrong within a day;
    instances not as wanted; hosts that do not answer; builds that went wrong. Nothing settled."""
    found = list_needs(asker(request), timezone.now(), limit, offset)
    return {"items": [shown_need(need) for need in found.items], "total": found.total}


def shown_need(need: OpenNeed) -> dict[str, Any]:
    """Return the JSON of something open."""
    return {
        "kind": need.kind,
        "id": need.id or None,
        "service": need.service,
        "environment": need.environment,
        "host": need.host,
        "port": need.port,
        **in_json(need.said),
        "commands": list(need.commands),
        "at": need.at,
    }
