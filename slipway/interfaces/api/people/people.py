"""People and their roles."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, permit, policy
from slipway.interfaces.api.frame.values import (
    Empty,
    Id,
    Input,
    Limit,
    Listed,
    Name,
    Named,
    Offset,
    Secret,
    Word,
    answers,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts import queries
from slipway.records.accounts.operations import grants, people

router = Router(tags=["people"])


class Person(Schema):
    username: str
    is_superuser: bool
    is_active: bool


class NewPerson(Input):
    username: Word
    password: Secret
    is_superuser: bool = False


class NewPassword(Input):
    password: Secret


class GrantOut(Schema):
    id: int
    user: Named
    role: str
    service: str
    environment: str
    created_at: datetime


class NewGrant(Input):
    user: Name
    role: Word
    service: Word = ""
    environment: Word = ""


@router.get("/users", response=answers(Listed[Person]))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def list_users(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, object]:
    """List everybody."""
    permit(request, Action.MANAGE_ACCESS)
    return part(queries.list_users(), limit, offset)


@router.post("/users", response=answers(Person, 201))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def create_user(request: HttpRequest, body: NewPerson) -> Status[object]:
    """Make an account."""
    actor = permit(request, Action.MANAGE_ACCESS)
    user = people.create_user(
        username=body.username,
        password=body.password,
        is_superuser=body.is_superuser,
        by=actor,
        now=timezone.now(),
    )
    return Status(201, user)


@router.post("/users/{name}/password", response=answers(Empty))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def set_password(request: HttpRequest, name: Name, body: NewPassword) -> dict[str, object]:
    """Give oneself or somebody else a new password; all their sessions end, and all their tokens
    but the one that asks for it."""
    actor = asker(request)
    if actor.name != name:
        actor.require(Action.MANAGE_ACCESS)
    user = queries.get_user(name)
    people.set_password(user=user, password=body.password, by=actor, now=timezone.now())
    return {}


@router.delete("/users/{name}", response=answers(Empty))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def disable_user(request: HttpRequest, name: Name) -> dict[str, object]:
    """Take every right from somebody. The account and its history stay."""
    actor = permit(request, Action.MANAGE_ACCESS)
    people.disable_user(user=queries.get_user(name), by=actor, now=timezone.now())
    return {}


@router.get("/grants", response=answers(Listed[GrantOut]))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def list_grants(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, object]:
    """List who has which role where."""
    permit(request, Action.MANAGE_ACCESS)
    return part(queries.list_grants(), limit, offset)


@router.post("/grants", response=answers(GrantOut, 201))
@policy(Action.MANAGE_ACCESS, Over.BOTH)
def grant_role(request: HttpRequest, body: NewGrant) -> Status[object]:
    """Give somebody a role: everywhere, for a service, in an environment, or both."""
    actor = permit(
        request, Action.MANAGE_ACCESS, service=body.service, environment=body.environment
    )
    grant = grants.grant_role(
        user=queries.get_user(body.user),
        role=body.role,
        service=body.service,
        environment=body.environment,
        by=actor,
        now=timezone.now(),
    )
    return Status(201, grant)


@router.delete("/grants", response=answers(Empty))
@policy(Action.MANAGE_ACCESS, Over.BOTH)
def revoke_role(request: HttpRequest, body: NewGrant) -> dict[str, object]:
    """Take back the role that was given with the same words."""
    actor = permit(
        request, Action.MANAGE_ACCESS, service=body.service, environment=body.environment
    )
    grants.revoke_role(**body.dict(), by=actor, now=timezone.now())
    return {}


@router.delete("/grants/{id}", response=answers(Empty))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def revoke_grant(request: HttpRequest, id: Id) -> dict[str, object]:
    """Take a role back, at once."""
    actor = permit(request, Action.MANAGE_ACCESS)
    grants.revoke_grant(grant=queries.get_grant(id), by=actor, now=timezone.now())
    return {}
