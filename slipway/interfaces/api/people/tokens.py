"""Tokens: keys for programs, shown once."""

from datetime import datetime, timedelta
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Empty,
    Input,
    Limit,
    Listed,
    Name,
    Offset,
    Word,
    answers,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts import queries
from slipway.records.accounts.operations import tokens

router = Router(tags=["tokens"])
YEAR = 365 * 24 * 3600


class TokenOut(Schema):
    prefix: str
    name: str
    role: str
    service: str
    environment: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewToken(Input):
    name: Word
    role: Word
    service: Word = ""
    environment: Word = ""
    # In seconds; where it is not said 90 days, or as long as the token that makes it.
    expires: Annotated[int, Field(ge=1, le=YEAR)] | None = None


class MadeToken(TokenOut):
    token: str


@router.get("", response=answers(Listed[TokenOut]))
@policy(None, Over.ITSELF)
def list_tokens(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> dict[str, object]:
    """List one's own live tokens."""
    return part(queries.list_tokens(asker(request).person), limit, offset)


@router.post("", response=answers(MadeToken, 201))
@policy(None, Over.ITSELF)
def create_token(request: HttpRequest, body: NewToken) -> Status[object]:
    """Make a token of one's own. Its text is in this answer and nowhere else."""
    actor = asker(request)
    token, text = tokens.create_token(
        user=actor.person,
        name=body.name,
        role=body.role,
        service=body.service,
        environment=body.environment,
        expires_in=None if body.expires is None else timedelta(seconds=body.expires),
        by=actor,
        now=timezone.now(),
    )
    return Status(201, {**TokenOut.from_orm(token).dict(), "token": text})


@router.delete("/{prefix}", response=answers(Empty))
@policy(None, Over.ITSELF)
def revoke_token(request: HttpRequest, prefix: Name) -> dict[str, object]:
    """Make a token worthless at once."""
    actor = asker(request)
    token = queries.visible_token(prefix, actor)
    tokens.revoke_token(token=token, by=actor, now=timezone.now())
    return {}
