"""Private keys that open hosts: given or made once, never shown again."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, permit, policy
from slipway.interfaces.api.frame.values import (
    Empty,
    Input,
    Limit,
    Listed,
    LongText,
    Name,
    Offset,
    answers,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.fleet import queries
from slipway.records.fleet.operations import keys

router = Router(tags=["keys"])


class NewKey(Input):
    name: Name
    private_key: LongText | None = None  # none: one is made here


class KeyOut(Schema):
    name: str
    public_key: str
    created_at: datetime
    environments: list[str]  # whose hosts may be opened by it


class KeyGrant(Input):
    environment: Name


@router.get("", response=answers(Listed[KeyOut]))
@policy(Action.MANAGE_HOST, Over.EVERYTHING)
def list_keys(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, object]:
    """List the keys by their public halves."""
    permit(request, Action.MANAGE_HOST)
    return part(list(map(queries.KeyFacts.of, queries.list_keys())), limit, offset)


@router.get("/{name}", response=answers(KeyOut))
@policy(Action.MANAGE_HOST, Over.EVERYTHING)
def get_key(request: HttpRequest, name: Name) -> object:
    """Show a key by its public half."""
    permit(request, Action.MANAGE_HOST)
    return queries.KeyFacts.of(queries.get_key(name))


@router.post("", response=answers(KeyOut, 201))
@policy(Action.MANAGE_HOST, Over.EVERYTHING)
def add_key(request: HttpRequest, body: NewKey) -> Status[object]:
    """Keep a private key, encrypted; without one, make it here."""
    actor, now = asker(request), timezone.now()
    if body.private_key is not None:  # an empty file is no wish for a new one
        key = keys.add_key(name=body.name, private_key=body.private_key, by=actor, now=now)
    else:
        key = keys.generate_key(name=body.name, by=actor, now=now)
    return Status(201, queries.KeyFacts.of(key))


@router.delete("/{name}", response=answers(Empty))
@policy(Action.MANAGE_HOST, Over.EVERYTHING)
def remove_key(request: HttpRequest, name: Name) -> dict[str, object]:
    """Forget a key for good; refused while a host is opened by it."""
    actor = permit(request, Action.MANAGE_HOST)
    keys.remove_key(key=queries.get_key(name), by=actor, now=timezone.now())
    return {}


@router.post("/{name}/environments", response=answers(KeyOut))
@policy(Action.MANAGE_HOST, Over.EVERYTHING)
def grant_key(request: HttpRequest, name: Name, body: KeyGrant) -> object:
    """Let hosts of an environment be opened by a key."""
    actor = permit(request, Action.MANAGE_HOST)
    keys.grant_key(
        key=queries.get_key(name),
        environment=queries.visible_environment(body.environment, actor),
        by=actor,
        now=timezone.now(),
    )
    return queries.KeyFacts.of(queries.get_key(name))


@router.delete("/{name}/environments/{environment}", response=answers(KeyOut))
@policy(Action.MANAGE_HOST, Over.EVERYTHING)
def revoke_key(request: HttpRequest, name: Name, environment: Name) -> object:
    """Let no host of an environment be opened by a key any more; refused while one is."""
    actor = permit(request, Action.MANAGE_HOST)
    keys.revoke_key(
        key=queries.get_key(name),
        environment=queries.visible_environment(environment, actor),
        by=actor,
        now=timezone.now(),
    )
    return queries.KeyFacts.of(queries.get_key(name))
