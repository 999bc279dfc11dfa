"""Builds: how far they are, what they print, how they are ended, and late successes."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.spec.hidden_values import without_credentials
from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Count,
    Id,
    Limit,
    Listed,
    Offset,
    answers,
    listed,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts.rights import SYSTEM
from slipway.records.builds.build_facts import BuildFacts
from slipway.records.builds.operations import builds
from slipway.records.builds.queries import builds as build_queries
from slipway.records.rows.sentences import told

router = Router(tags=["builds"])


class BuildOut(Schema):
    """`status` is that of its version. `says`: what its server says of it; `problem`: why that
    could not be asked just now; `reason`: why there is no version. `late_at`: a success came then,
    after the end, and can be taken."""

    id: int
    service: str
    version: str
    ref: str
    commit: str
    status: str
    stage: str
    server: str
    project: str
    url: str
    says: str
    says_code: str
    says_values: dict[str, Any]
    reason: str
    reason_code: str
    reason_values: dict[str, Any]
    hint: str
    problem: str
    problem_code: str
    problem_values: dict[str, Any]
    problem_hint: str
    duplicate_of: str
    late_at: datetime | None
    originator: str
    created_by: str
    created_at: datetime
    started_at: datetime | None
    deadline_at: datetime
    cancel_requested_at: datetime | None
    finished_at: datetime | None


class BuildLogOut(Schema):
    """A piece of the log in characters; `next` is the `start` of the one that follows."""

    text: str
    next: int
    size: int
    is_over: bool


@router.get("", response=answers(Listed[BuildOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_builds(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, object]:
    """List the builds one may see, the newest first."""
    return listed(
        build_queries.list_builds(asker(request), limit=limit, offset=offset),
        lambda build: shown_build(BuildFacts.of(build)),
    )


@router.get("/{id}", response=answers(BuildOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_build(request: HttpRequest, id: Id) -> dict[str, Any]:
    """Show a build."""
    return shown_build(BuildFacts.of(build_queries.get_build(id, asker(request))))


@router.get("/{id}/log", response=answers(BuildLogOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_build_log(request: HttpRequest, id: Id, start: Count = 0) -> object:
    """Show what the build printed from the character `start` on, at most 256 Ki characters. All
    of it was shown when `is_over` and `next` is `size`."""
    return build_queries.get_log(build_queries.get_build(id, asker(request)), start)


@router.post("/{id}/cancel", response=answers(BuildOut))
@policy(Action.BUILD, Over.SERVICE)
def cancel_build(request: HttpRequest, id: Id) -> dict[str, Any]:
    """Have it ended, on its server, too."""
    actor = asker(request)
    build = build_queries.get_build(id, actor)
    builds.cancel_build(build=build, by=actor, now=timezone.now())
    return shown_build(BuildFacts.of(build_queries.get_build(id, actor)))


@router.post("/{id}/take", response=answers(BuildOut, 202))
@policy(Action.BUILD, Over.SERVICE)
def take_late_success(request: HttpRequest, id: Id) -> Status[object]:
    """Make a new version of a build that ended well after it was given up."""
    actor = asker(request)
    taken = builds.take_late_success(
        build=build_queries.get_build(id, actor), by=actor, now=timezone.now()
    )
    return Status(202, shown_build(BuildFacts.of(taken)))


def shown_build(build: BuildFacts) -> dict[str, Any]:
    """Return the JSON of a build."""
    return {
        "id": build.id,
        "service": build.service,
        "version": build.version,
        "ref": build.ref,
        "commit": build.commit,
        "status": build.status.word,
        "stage": build.stage,
        "server": build.server,
        "project": without_credentials(build.project),
        "url": without_credentials(build.url),
        **told("says", build.says),
        **told("reason", build.reason, hint="hint"),
        **told("problem", build.problem, hint="problem_hint"),
        "duplicate_of": build.duplicate_of,
        "late_at": build.late_at,
        "originator": build.originator,
        "created_by": build.by or SYSTEM,
        "created_at": build.created_at,
        "started_at": build.ordered_at,
        "deadline_at": build.deadline_at,
        "cancel_requested_at": build.cancel_requested_at,
        "finished_at": build.finished_at,
    }
