"""Logging in, and who one is."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Input, Name, Secret, Word, answers
from slipway.interfaces.entrance.admission import asker, source_of
from slipway.records.accounts.operations import tokens

router = Router(tags=["access"])


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
    token, text = tokens.log_in_for_token(
        username=body.username,
        password=body.password,
        token_name=body.token_name,
        source=source_of(request),
        now=timezone.now(),
    )
    return Status(201, {"token": text, "expires_at": token.expires_at})


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
