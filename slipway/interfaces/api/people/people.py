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
from slipway.interfaces.api.people.tokens import TokenOut
from slipway.interfaces.entrance.admission import asker, source_of
from slipway.records.accounts import queries
from slipway.records.accounts.access import explain_access
from slipway.records.accounts.operations import grants, logins, people

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
    """`current_password`: one's own, where a browser's session asks for another."""

    password: Secret
    current_password: Secret | None = None


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


class WayOut(Schema):
    """What was given to somebody; `grant` is its number, null for being a superuser."""

    role: str
    service: str
    environment: str
    grant: int | None
    given_by: str
    given_at: datetime | None


class AllowedOut(Schema):
    username: str
    ways: list[WayOut]
    tokens: list[str]


class NotAllowedOut(Schema):
    """`why`: disabled, role, elsewhere, both, nothing; `nearest` is what comes nearest to it, null
    where what a disabled one has would be enough."""

    username: str
    why: str
    nearest: WayOut | None


class AccessOut(Schema):
    action: str
    service: str
    environment: str
    least: str  # role that is enough
    allowed: list[AllowedOut]
    not_allowed: list[NotAllowedOut]


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
    but the one that asks for it. One's own takes `current_password` from a browser's session."""
    actor, now = asker(request), timezone.now()
    if actor.name != name:
        actor.require(Action.MANAGE_ACCESS)
    elif actor.token is None:  # whoever finds a browser open is not yet who signed in there
        logins.prove_password(
            username=name,
            password=body.current_password or "",
            source=source_of(request),
            now=now,
        )
    user = queries.get_user(name)
    people.set_password(user=user, password=body.password, by=actor, now=now)
    return {}


@router.delete("/users/{name}", response=answers(Empty))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def disable_user(request: HttpRequest, name: Name) -> dict[str, object]:
    """Take every right from somebody. The account and its history stay."""
    actor = permit(request, Action.MANAGE_ACCESS)
    people.disable_user(user=queries.get_user(name), by=actor, now=timezone.now())
    return {}


@router.post("/users/{name}/enable", response=answers(Empty))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def enable_user(request: HttpRequest, name: Name) -> dict[str, object]:
    """Let somebody in again who was disabled: their roles and tokens hold as before."""
    actor = permit(request, Action.MANAGE_ACCESS)
    people.enable_user(user=queries.get_user(name), by=actor, now=timezone.now())
    return {}


@router.get("/users/{name}/tokens", response=answers(Listed[TokenOut]))
@policy(Action.MANAGE_ACCESS, Over.EVERYTHING)
def list_tokens_of(
    request: HttpRequest, name: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List somebody's live tokens, without their secrets."""
    permit(request, Action.MANAGE_ACCESS)
    return part(queries.list_tokens(queries.get_user(name)), limit, offset)


@router.get("/access", response=answers(AccessOut))
@policy(Action.MANAGE_ACCESS, Over.BOTH)
def explain(
    request: HttpRequest, action: Action, service: Word = "", environment: Word = ""
) -> object:
    """Say who may do something there, and why: by every way; and who may not, with what comes
    nearest."""
    actor = permit(request, Action.MANAGE_ACCESS, service=service, environment=environment)
    return explain_access(action, service, environment, by=actor, now=timezone.now())


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
