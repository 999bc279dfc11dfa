"""Tokens are made, shown once, and revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from slipway.core.words.refusal import Forbidden, Invalid, Refused
from slipway.core.words.roles import Action, Role
from slipway.records.accounts import queries
from slipway.records.accounts.models import Token, User
from slipway.records.accounts.operations import logins
from slipway.records.accounts.operations.grants import checked_role
from slipway.records.accounts.rights import Actor, Right, actor_of
from slipway.records.audit.operations import record_of
from slipway.records.rows.texts import checked_text
from slipway.records.rows.writing.uniqueness import refused_if_taken

LONGEST_LIFE = timedelta(days=365)
USUAL_LIFE = timedelta(days=90)
LOGIN_LIFE = timedelta(days=30)
MARK = "slw"


class TokenExists(Refused):
    """The owner has a live token of that name."""

    code = "token_exists"


def log_in_for_token(
    *, username: str, password: str, token_name: str, source: str, now: datetime
) -> tuple[Token, str]:
    """Return a token for a name and a password, and its text; one of the same name is replaced by
    it. Raises, and is not to be called inside a transaction, as `log_in`."""
    user = logins.log_in(username=username, password=password, source=source, now=now)
    return _replace_token(user, token_name.strip() or "login", actor_of(user, source), now)


@transaction.atomic
def _replace_token(user: User, name: str, by: Actor, now: datetime) -> tuple[Token, str]:
    for old in queries.list_tokens(user):
        if old.name == name:
            revoke_token(token=old, by=by, now=now)
    return create_token(
        user=user,
        name=name,
        role=Role.ADMIN,  # cut to what the person may at the moment of use
        service="",
        environment="",
        expires_in=LOGIN_LIFE,
        by=by,
        now=now,
    )


@transaction.atomic
def create_token(
    *,
    user: User,
    name: str,
    role: str,
    service: str,
    environment: str,
    expires_in: timedelta | None,
    by: Actor,
    now: datetime,
) -> tuple[Token, str]:
    """Return the token and its text, which is kept nowhere. Raises Invalid, TokenExists, Forbidden.

    It allows what both the token and its owner are allowed at the moment of use. Where nobody says
    for how long, it lives for the usual time, or as long as the token that makes it.
    """
    if expires_in is None:
        expires_in = min(USUAL_LIFE, by.token.expires_at - now) if by.token else USUAL_LIFE
    if not timedelta(0) < expires_in <= LONGEST_LIFE:
        raise Invalid("A token lives for at most 365 days.", hint="Say for example 90d.")
    wanted = Right(checked_role(role), service, environment)
    _require_leave(by, user, wanted, now + expires_in)
    secret, prefix = secrets.token_urlsafe(32), secrets.token_hex(6)
    token = Token(
        user=user,
        parent=by.token,
        name=_checked_name(name),
        prefix=prefix,
        digest=digest(secret),
        role=wanted.role,
        service=checked_text(service, what="service", limit=64),
        environment=checked_text(environment, what="environment", limit=64),
        created_at=now,
        expires_at=now + expires_in,
    )
    taken = TokenExists(
        "{owner} has a token called {name} already.",
        hint="Revoke it first, or choose another name.",
        owner=user.get_username(),
        name=name,
    )
    with refused_if_taken(taken):
        token.save()
    _tell("token.created", token, by=by, now=now)
    return token, f"{MARK}_{prefix}_{secret}"


@transaction.atomic
def revoke_token(*, token: Token, by: Actor, now: datetime) -> None:
    """Make a token worthless at once, and those that were made with it. Raises Forbidden."""
    _require_leave_to_revoke(token, by)
    _revoke([token], by, now)


def _require_leave_to_revoke(token: Token, by: Actor) -> None:
    if by.user is None or by.user.pk != token.user_id:
        by.require(Action.MANAGE_ACCESS)
    is_other = by.token is not None and by.token.pk != token.pk
    if by.token is not None and is_other and not _reaches(by.token, _right_of(token)):
        raise Forbidden(
            "A token cannot revoke one that may do more than itself.",
            hint="Log in as the person.",
        )


def revoke_tokens_of(user: User, *, by: Actor, now: datetime) -> None:
    """Revoke all of somebody's, but the one that asks for it: who knew the password may have made
    any of them. Part of a transaction."""
    tokens = user.tokens.filter(revoked_at=None)
    _revoke(list(tokens.exclude(pk=by.token.pk) if by.token else tokens), by, now)


def _revoke(tokens: list[Token], by: Actor, now: datetime) -> None:
    """And what was made with them, and with that: who was given less time or rights has them no
    longer than who gave them."""
    while tokens:
        for token in tokens:
            if token.revoked_at is None:
                token.revoked_at = now
                token.save(update_fields=["revoked_at"])
                _tell("token.revoked", token, by=by, now=now)
        made = Token.objects.filter(parent__in=[token.pk for token in tokens])
        tokens = list(made.select_related("user"))


def digest(secret: str) -> str:
    """Return what is kept of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_leave(by: Actor, user: User, wanted: Right, until: datetime) -> None:
    own = by.user is not None and by.user.pk == user.pk
    if not own:
        by.require(Action.MANAGE_ACCESS)
        if user.is_superuser and not by.is_root:
            raise Forbidden("Only a superuser makes tokens for a superuser.")
    if by.token is None:
        return
    if not _reaches(by.token, wanted) or until > by.token.expires_at:
        raise Forbidden(
            "A token cannot make one that may do more, or lives longer, than itself.",
            hint="Make it in the web UI (Settings and tokens), or ask for less.",
        )


def _right_of(token: Token) -> Right:
    return Right(Role(token.role), token.service, token.environment)


def _reaches(token: Token, wanted: Right) -> bool:
    return wanted.within(_right_of(token)) == wanted


def _checked_name(name: str) -> str:
    if not name.strip():
        raise Invalid("A token needs a name.", hint="Name it after the program that uses it.")
    return checked_text(name, what="token name", limit=64)


def _tell(verb: str, token: Token, *, by: Actor, now: datetime) -> None:
    record_of(
        verb,
        token,
        by=by,
        now=now,
        after={
            "owner": token.user.get_username(),
            "role": token.role,
            "service": token.service,
            "environment": token.environment,
            "expires_at": token.expires_at.isoformat(),
        },
    )
