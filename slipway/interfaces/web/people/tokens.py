"""Tokens as pages show them, and one made worthless: one's own, or somebody's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from slipway.core.words.refusal import NotFound
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.records.accounts.operations import tokens as token_operations

if TYPE_CHECKING:
    from slipway.records.accounts.models import Token


@dataclass(frozen=True, slots=True)
class TokenView:
    name: str
    prefix: str
    role: str
    service: str
    environment: str
    last_used_at: datetime | None
    expires_at: datetime
    is_over: bool


def token_view(token: "Token") -> TokenView:
    """Return a token as pages show it."""
    return TokenView(
        token.name,
        token.prefix,
        token.role,
        token.service,
        token.environment,
        token.last_used_at,
        token.expires_at,
        token.expires_at <= timezone.now(),
    )


def revoked(
    request: HttpRequest, tokens: "Iterable[Token]", prefix: str, back: str
) -> HttpResponse:
    """Make that one of somebody's tokens worthless, and lead back. Raises NotFound."""
    token = next((each for each in tokens if each.prefix == prefix), None)
    if token is None:
        raise NotFound("There is no such token.")
    return pages.attempt(
        request,
        lambda: token_operations.revoke_token(token=token, by=asker(request), now=timezone.now()),
        back=back,
        done=_("The token %(name)s is revoked.") % {"name": token.name},
    )
