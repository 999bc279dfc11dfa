"""Retention: which packages nothing needs any more, and the runs that let them go."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, permit, policy
from slipway.interfaces.api.frame.values import (
    Id,
    Input,
    Limit,
    Line,
    Listed,
    Offset,
    Word,
    answers,
    listed,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.queries import services
from slipway.records.releasing import retention
from slipway.records.releasing.operations import retention as retention_operations
from slipway.records.rows.sentences import told

if TYPE_CHECKING:
    from slipway.records.releasing.retention import Fate

router = Router(tags=["retention"])


class FateOut(Schema):
    """What becomes of a version's package. `need`: what it is kept for, "" when it goes."""

    service: str
    version: str
    created_at: datetime
    sha256: str
    size: int
    need: str

    @staticmethod
    def resolve_need(fate: "Fate") -> str:
        return fate.need.value if fate.need else ""


class RetentionOut(Schema):
    """What a run would do now; `packages` and `freed_bytes` count each package once."""

    items: list[FateOut]
    total: int
    packages: int
    freed_bytes: int


class NewRun(Input):
    service: Word = ""  # none: all


class RetentionRunOut(Schema):
    id: int
    service: str | None
    daily: bool
    requested_at: datetime
    requested_by: str | None
    finished_at: datetime | None
    packages: int
    freed_bytes: int
    problem: str
    problem_code: str
    problem_values: dict[str, Any]
    problem_hint: str


@router.get("", response=answers(RetentionOut))
@policy(Action.VIEW, Over.VISIBLE)
def preview_retention(
    request: HttpRequest,
    service: Line = "",
    kept: bool = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, object]:
    """Show which packages would be let go, and nothing is; with `kept` also those that stay, and
    what for."""
    actor = asker(request)
    wanted = services.get_service(service, actor) if service else None
    found = retention.preview_retention(wanted, actor)
    fates = retention.list_fates(wanted, actor) if kept else found.going
    return {
        "items": fates[offset : offset + limit],
        "total": len(fates),
        "packages": len(found.package_ids),
        "freed_bytes": found.freed_bytes,
    }


@router.post("/run", response=answers(RetentionRunOut, 202))
@policy(Action.MANAGE_SERVICE, Over.SERVICE)
def request_retention_run(request: HttpRequest, body: NewRun) -> Status[object]:
    """Have a worker do it now, of one service or of all, instead of once a day."""
    actor = asker(request)
    run = retention_operations.request_retention_run(
        service=services.get_service(body.service, actor) if body.service else None,
        by=actor,
        now=timezone.now(),
    )
    return Status(202, shown_run(retention.RunFacts.of(run)))


@router.get("/runs", response=answers(Listed[RetentionRunOut]))
@policy(Action.MANAGE_SERVICE, Over.EVERYTHING)
def list_retention_runs(
    request: HttpRequest, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List the runs, the newest first."""
    permit(request, Action.MANAGE_SERVICE)
    runs = retention.list_retention_runs(limit, offset)
    return listed(runs, lambda run: shown_run(retention.RunFacts.of(run)))


@router.get("/runs/{id}", response=answers(RetentionRunOut))
@policy(Action.MANAGE_SERVICE, Over.SERVICE)
def get_retention_run(request: HttpRequest, id: Id) -> dict[str, Any]:
    """Show how a run went."""
    actor = asker(request)
    run = retention.RunFacts.of(retention.get_retention_run(id, actor))
    actor.require(Action.MANAGE_SERVICE, service=run.service or "")
    return shown_run(run)


def shown_run(run: retention.RunFacts) -> dict[str, Any]:
    """Return the JSON of a run."""
    return asdict(run) | told("problem", run.problem, hint="problem_hint")
