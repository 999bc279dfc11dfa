"""Environments and the rules that hold there."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Count,
    Input,
    InSeconds,
    Limit,
    Line,
    Listed,
    Name,
    Offset,
    Seconds,
    Small,
    Word,
    answers,
    given,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.fleet import queries
from slipway.records.fleet.environment_facts import EnvironmentFacts
from slipway.records.fleet.operations import environments

router = Router(tags=["environments"])
DURATIONS = ("bake_time", "progress_deadline", "watch_time", "patience")


class EnvironmentChange(Input):
    order: Small = 0
    approvals_needed: Small = 0
    freeze_windows: list[dict[str, Line]] = []
    batches: Word = "1 25%"
    max_unavailable: Word = "25%"
    failure_budget: Word = "10%"
    left_out_budget: Word = "10%"
    canary_budget: Small = 0
    bake_time: Seconds = 0
    progress_deadline: Seconds = 600
    watch_time: Seconds = 60
    patience: Seconds = 600
    promotion_needed: bool = False
    automatic_rollback: bool = True
    named_user_needed: bool = False


class NewEnvironment(EnvironmentChange):
    name: Name


class EnvironmentOut(Schema):
    """`guarded`: what starts or widens work there is confirmed by a name."""

    name: str
    order: int
    guarded: bool
    approvals_needed: int
    freeze_windows: list[dict[str, Any]]
    batches: str
    max_unavailable: str
    failure_budget: str
    left_out_budget: str
    canary_budget: Count
    bake_time: InSeconds
    progress_deadline: InSeconds
    watch_time: InSeconds
    patience: InSeconds
    promotion_needed: bool
    automatic_rollback: bool
    named_user_needed: bool

    @staticmethod
    def resolve_guarded(environment: EnvironmentFacts) -> bool:
        return environment.is_guarded


@router.get("", response=answers(Listed[EnvironmentOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_environments(
    request: HttpRequest, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List the environments one may see, in their order."""
    actor = asker(request)
    found = list(map(EnvironmentFacts.of, queries.list_environments(actor)))
    return part(found, limit, offset)


@router.post("", response=answers(EnvironmentOut, 201))
@policy(Action.MANAGE_ENVIRONMENT, Over.ENVIRONMENT)
def create_environment(request: HttpRequest, body: NewEnvironment) -> Status[object]:
    """Make an environment; what the body leaves out gets its default."""
    environment = environments.create_environment(
        **_changes(body), by=asker(request), now=timezone.now()
    )
    return Status(201, EnvironmentFacts.of(environment))


@router.get("/{name}", response=answers(EnvironmentOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_environment(request: HttpRequest, name: Name) -> object:
    """Show an environment."""
    return EnvironmentFacts.of(queries.visible_environment(name, asker(request)))


@router.patch("/{name}", response=answers(EnvironmentOut))
@policy(Action.MANAGE_ENVIRONMENT, Over.ENVIRONMENT)
def change_environment(request: HttpRequest, name: Name, body: EnvironmentChange) -> object:
    """Change what the body holds; its freeze_windows take the place of all that are there, and
    .../windows changes them one by one. Rollouts that run keep the rules they began with."""
    actor = asker(request)
    changed = environments.change_environment(
        environment=queries.visible_environment(name, actor),
        changes=_changes(body),
        by=actor,
        now=timezone.now(),
    )
    return EnvironmentFacts.of(changed)


def _changes(body: Schema) -> dict[str, Any]:
    changes = given(body)
    for name in DURATIONS:
        if name in changes:
            changes[name] = timedelta(seconds=changes[name])
    return changes
