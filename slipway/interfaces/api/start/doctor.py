"""What is wrong with this installation, and what to do about it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, permit, policy
from slipway.interfaces.api.frame.values import Limit, Listed, Offset, answers
from slipway.interfaces.doctor.findings import findings
from slipway.interfaces.sentences import in_json
from slipway.records.rollouts.ask.driving import list_workers_at_work

router = Router(tags=["doctor"])


class FindingOut(Schema):
    code: str
    ok: bool
    message: str
    hint: str
    values: dict[str, Any]


class Findings(Schema):
    items: list[FindingOut]


class InHandOut(Schema):
    """A rollout, or a build, whose environment is ""."""

    number: int
    service: str
    environment: str


class WorkerOut(Schema):
    """A worker: `is_heard` where it beats, `is_dead` where that was declared, at most a day ago."""

    id: str
    name: str
    version: str | None
    started_at: datetime
    heard_at: datetime | None
    is_heard: bool
    is_dead: bool
    taken_over_by: str
    rollouts: list[InHandOut]
    builds: list[InHandOut]


@router.get("/workers", response=answers(Listed[WorkerOut]))
@policy(Action.MANAGE_ENVIRONMENT, Over.EVERYTHING)
def list_workers(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, object]:
    """List the workers that live, and those that died within a day, with what each has in hand."""
    permit(request, Action.MANAGE_ENVIRONMENT)
    workers = list_workers_at_work(timezone.now(), limit, offset)
    return {"items": list(workers), "total": workers.total}


@router.get("", response=answers(Findings))
@policy(Action.MANAGE_ENVIRONMENT, Over.EVERYTHING)
def examine(request: HttpRequest) -> dict[str, object]:
    """Look at everything this installation needs."""
    permit(request, Action.MANAGE_ENVIRONMENT)
    found = findings(timezone.now())
    return {"items": [{"ok": finding.ok, **in_json(finding.said)} for finding in found]}
