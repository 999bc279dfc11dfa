"""Logging in, and who one is."""

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.words.roles import Role
from slipway.interfaces.api.policy import Over, policy
from slipway.interfaces.api.values import Input, Name, Secret, Word, answers
from slipway.interfaces.entrance.admission import asker, source_of
from slipway.records.accounts import queries
from slipway.records.accounts.models import User
from slipway.records.accounts.operations import logins, tokens
from slipway.records.accounts.rights import Actor, actor_of

router = Router(tags=["access"])
LOGIN_TIME = timedelta(days=30)


class Login(Input):
    username: Name
    password: Secret
    token_name: Word = "login"


class LoggedIn(Schema):
    token: str
    expires_at: datetime


class Right(Schema):
    role: str
    service: str
    environment: str


class Me(Schema):
    username: str
    is_superuser: bool
    token: str
    language: str
    theme: str
    rights: list[Right]


@router.post("/login", response=answers(LoggedIn, 201), auth=None)
@policy(None, Over.ITSELF)
def log_in(request: HttpRequest, body: Login) -> Status[object]:
    """Give a token for a name and a password. A token of the same name is replaced by it."""
    now = timezone.now()
    user = logins.log_in(
        username=body.username, password=body.password, source=source_of(request), now=now
    )
    by = actor_of(user, source_of(request))
    return Status(201, _new_token(user, body.token_name.strip() or "login", by, now))


@router.get("/me", response=answers(Me))
@policy(None, Over.ITSELF)
def get_me(request: HttpRequest) -> dict[str, object]:
    """Say who is asking, and what they may do."""
    actor = asker(request)
    user = actor.user
    return {
        "username": actor.name,
        "is_superuser": bool(user and user.is_superuser),
        "token": actor.token.name if actor.token else "",
        "language": user.language if user else "",
        "theme": user.theme if user else "",
        "rights": [
            {"role": right.role, "service": right.service, "environment": right.environment}
            for right in actor.rights
        ],
    }


@transaction.atomic
def _new_token(user: User, name: str, by: Actor, now: datetime) -> dict[str, object]:
    for old in queries.list_tokens(user):
        if old.name == name:
            tokens.revoke_token(token=old, by=by, now=now)
    token, text = tokens.create_token(
        user=user,
        name=name,
        role=Role.ADMIN,  # cut to what the person may at the moment of use
        service="",
        environment="",
        expires_in=LOGIN_TIME,
        by=by,
        now=now,
    )
    return {"token": text, "expires_at": token.expires_at}
