"""Freeze windows of an environment, one by one."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Empty,
    Input,
    Limit,
    Line,
    Listed,
    Name,
    Offset,
    Word,
    answers,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.fleet.operations import windows
from slipway.records.fleet.queries import visible_environment

router = Router(tags=["environments"])


class NewWindow(Input):
    begin: Word = Field(alias="from")
    until: Word
    reason: Line = ""


class WindowOut(Schema):
    id: str
    begin: str = Field(alias="from")
    until: str
    reason: str


@router.get("/{name}/windows", response=answers(Listed[WindowOut]), by_alias=True)
@policy(Action.VIEW, Over.VISIBLE)
def list_windows(
    request: HttpRequest, name: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List the freeze windows of an environment, the first to begin first."""
    environment = visible_environment(name, asker(request))
    return part(windows.windows_of(environment), limit, offset)


@router.post("/{name}/windows", response=answers(WindowOut, 201), by_alias=True)
@policy(Action.MANAGE_ENVIRONMENT, Over.ENVIRONMENT)
def add_window(request: HttpRequest, name: Name, body: NewWindow) -> Status[object]:
    """Let nothing new go to an environment for a time; the same window twice is one."""
    actor = asker(request)
    added = windows.add_window(
        environment=visible_environment(name, actor),
        begin=body.begin,
        until=body.until,
        reason=body.reason,
        by=actor,
        now=timezone.now(),
    )
    return Status(201, added)


@router.delete("/{name}/windows/{window}", response=answers(Empty))
@policy(Action.MANAGE_ENVIRONMENT, Over.ENVIRONMENT)
def remove_window(request: HttpRequest, name: Name, window: Name) -> dict[str, object]:
    """Take a freeze window away, by its id."""
    actor = asker(request)
    windows.remove_window(
        environment=visible_environment(name, actor), window=window, by=actor, now=timezone.now()
    )
    return {}
