"""What was tried in vain is told in the audit, by whom or from where: once in a while."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.db import Error as DatabaseTrouble
from django.http import HttpRequest
from django.utils import timezone

from slipway.core.network.customers import customer_of
from slipway.interfaces.entrance.buckets import Buckets, Rate
from slipway.records.accounts.authentication import find_token, why_worthless
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import (
    ONCE_IN,
    WORTHLESS_TOKEN,
    record_refused,
    record_stranger,
)
from slipway.records.rows.database.outages import is_away

LOG = logging.getLogger("slipway.attempts")
FORBIDDEN = 403
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
# What was told a moment ago is not written again: a flood costs no rows.
ONCE = Rate(per_second=1 / ONCE_IN.total_seconds(), burst=1)
TOLD = Buckets(monotonic)


def tell_refused(request: HttpRequest, status: int) -> None:
    """Whoever tries what they may not do leaves a trace, who asks to see it, too. A page that only
    leaves out what its reader may not leaves none."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.refused:
        return
    if request.method not in _CHANGING and status != FORBIDDEN:
        return
    with _logged(f"what {actor.name} was refused"):
        record_refused(actor, actor.refused, timezone.now(), _asked(request))


def tell_worthless(request: HttpRequest, source: str) -> None:
    """Keep that a token was shown that is none, or none any more; and which, where it was one."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return
    with _logged("that a token is worthless"):
        token = find_token(text.strip())
        if token is None:
            tell_stranger(WORTHLESS_TOKEN, source)
            return
        why = why_worthless(token, timezone.now())
        after = {"why": why, "owner": token.user.get_username()}
        tell_stranger(WORTHLESS_TOKEN, source, (token.prefix, str(token)), after)


def tell_stranger(
    deed: str, source: str, thing: tuple[str, str] = ("", ""), after: dict[str, Any] | None = None
) -> None:
    """Keep what somebody tried whom nobody knows; `thing` is its id and name."""
    if TOLD.take(f"{deed} {customer_of(source)} {thing[0]}", ONCE):
        return
    with _logged(f"{deed} from {source}"):
        record_stranger(deed, source=source, now=timezone.now(), thing=thing, after=after)


def _asked(request: HttpRequest) -> str:
    """Return the request as a pattern of ours: nothing in it was sent."""
    match = request.resolver_match
    if match is None:
        return ""
    method = request.method if request.method in _CHANGING else "GET"
    return f"{method} /{match.route}"


@contextmanager
def _logged(what: str) -> Iterator[None]:
    try:
        yield
    except DatabaseTrouble as error:
        level = logging.WARNING if is_away(error) else logging.ERROR
        LOG.log(level, "%s was not kept", what, exc_info=error)
