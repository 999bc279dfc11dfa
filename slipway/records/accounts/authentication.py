"""Whom a token speaks for, and why one is no good any more."""

import hmac
from datetime import datetime, timedelta

from slipway.records.accounts.models import Token
from slipway.records.accounts.operations.tokens import MARK, digest
from slipway.records.accounts.rights import Actor, actor_of
from slipway.records.rows.texts import is_storable

USE_NOTED_EVERY = timedelta(minutes=1)


def authenticate_token(text: str, now: datetime, source: str = "") -> Actor | None:
    """Return who the token speaks for, None when it is no good (any more)."""
    token = find_token(text)
    if token is None or why_worthless(token, now):
        return None
    _note_use(token, now)
    return actor_of(token.user, source, token)


def find_token(text: str) -> Token | None:
    """Return the token that this is, whether it is good any more or not."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not secret or len(text) > 128 or not is_storable(text):
        return None
    token = Token.objects.select_related("user").filter(prefix=prefix).first()
    # Compared also when there is no such token: the time taken must not tell.
    same = hmac.compare_digest(digest(secret), token.digest if token else digest(""))
    return token if same else None


def why_worthless(token: Token, now: datetime) -> str:
    """Return why the token is no good any more; "" when it is."""
    if token.revoked_at:
        return "revoked"
    if token.expires_at <= now:
        return "expired"
    return "" if token.user.is_active else "disabled"


def _note_use(token: Token, now: datetime) -> None:
    # A write per request would make every reader a writer.
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
