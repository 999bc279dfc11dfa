"""A rollout's log, and its changes as they happen."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Field, Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Id, Limit, Word, answers
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.live.shown import shown_line
from slipway.interfaces.live.streams import FROM_THE_BEGINNING, rollout_events
from slipway.records.rollouts.ask import queries
from slipway.records.rows.sentences import told

router = Router(tags=["rollouts"])
Attempt = Annotated[int, Field(ge=1, le=2**31 - 1)]
Rev = Annotated[int, Field(ge=0, le=2**63 - 1)]
EVENTS: dict[str, Any] = {
    "responses": {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
}


class LogLineOut(Schema):
    id: int
    rev: int
    at: datetime
    host: str | None
    port: int | None
    step: str
    level: str
    text: str
    text_code: str
    text_values: dict[str, Any]


class StepOutput(Schema):
    output: str


class LogPart(Schema):
    """`next` is what to send as `after` for the lines that follow."""

    items: list[LogLineOut]
    next: int


@router.get("/{id}/log", response=answers(LogPart))
@policy(Action.VIEW, Over.VISIBLE)
def list_lines(
    request: HttpRequest,
    id: Id,
    after: Rev = 0,
    target: Id | None = None,
    limit: Limit = 200,
) -> dict[str, object]:
    """List lines after a revision, the oldest first."""
    rollout = queries.get_rollout(id, asker(request))
    lines = queries.list_lines(rollout, after_rev=after, limit=limit, target=target)
    return {
        "items": [shown_line(line) for line in lines],
        "next": max((line.rev for line in lines), default=after),
    }


@router.get("/{id}/targets/{target}/output", response=answers(StepOutput))
@policy(Action.VIEW, Over.VISIBLE)
def get_step_output(
    request: HttpRequest, id: Id, target: Id, step: Word, attempt: Attempt = 1
) -> dict[str, object]:
    """Show what a step printed on the host, its end."""
    rollout = queries.get_rollout(id, asker(request))
    return {"output": queries.get_step_output(rollout, target, step, attempt)}


@router.get("/{id}/events", response=answers(None), openapi_extra=EVENTS)
@policy(Action.VIEW, Over.VISIBLE)
async def watch_rollout(request: HttpRequest, id: Id, after: Rev | None = None) -> HttpResponseBase:
    """Server-sent events: `delta` with what changed, `end` when it is over. The header
    Last-Event-ID, or `after`, continues where a broken stream ended."""
    start = FROM_THE_BEGINNING if after is None else after
    return await rollout_events(request, id, start, getattr(request, "tell", told))
