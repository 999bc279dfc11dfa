"""Who may come in: nobody, unless a session or a token says who it is, or the route is public."""

import logging
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import get_language

from slipway.core.words.reach import of_none, read_by
from slipway.core.words.refusal import Refused
from slipway.interfaces.entrance import traffic
from slipway.interfaces.entrance.attempts import tell_refused, tell_worthless
from slipway.interfaces.entrance.buckets import Buckets, Rate
from slipway.interfaces.entrance.login_redirect import way_back
from slipway.interfaces.entrance.proof import has_proof
from slipway.interfaces.entrance.turnstile import KNOWN
from slipway.interfaces.entrance.typed import typed_before
from slipway.interfaces.sentences import (
    BAD_FORGERY_TOKEN,
    BROKEN,
    DATABASE_AWAY,
    NOT_ADMITTED,
    SENTENCES,
    TOO_OFTEN,
    sentence,
)
from slipway.records.accounts.authentication import authenticate_token
from slipway.records.accounts.rights import Actor, actor_of
from slipway.records.fleet.reach import knows_reach
from slipway.records.rows.database.outages import is_away

# Webhooks say who they are by a secret of their own; see interfaces.hooks.
HOOK_ROUTES = frozenset({"hooks/gitlab", "hooks/jenkins", "hooks/generic"})
# The only routes that answer strangers: patterns of our own, never text that was sent to us.
PUBLIC_ROUTES = frozenset({"healthz", "login", "api/v1/login"}) | HOOK_ROUTES
STATIC_ROUTE = "static/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
CONTENT_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
PERSON = Rate(per_second=50, burst=500)
STRANGER = Rate(per_second=20, burst=200)
# A build server tells of everything that it does, at times all at once. Turning it away would lose
# that; a forged one costs a look at one row and one comparison.
HOOK = Rate(per_second=500, burst=20_000)
BUCKETS = Buckets(monotonic)
LOG = logging.getLogger("slipway.admission")


class NotAdmitted(Refused):
    """Nobody said who is asking (HTTP 401)."""

    code = "unauthorized"


def asker(request: HttpRequest) -> Actor:
    """Return who is asking. Raises NotAdmitted on a public route without credentials."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        said = SENTENCES[NOT_ADMITTED]
        raise NotAdmitted(said.template, hint=said.hint)
    return actor


def source_of(request: HttpRequest) -> str:
    """Return the address the request came from."""
    return str(request.META.get("REMOTE_ADDR") or "")[:64]


def speaks_json(request: HttpRequest) -> bool:
    """Return whether a program is asking: it gets JSON, never a page."""
    path = request.path_info.lower()
    return path.startswith(("/api/", "/metrics")) or path == "/api"


def admitted(request: HttpRequest) -> Actor | None:
    """Return who the credentials stand for at this moment; asked again while a stream is open."""
    header = request.headers.get("Authorization", "")
    if header:  # A program: whatever cookies came along do not count.
        scheme, _, text = header.partition(" ")
        # Only where every right is asked of the actor: the admin pages ask the token's owner.
        if scheme.lower() != "bearer" or not speaks_json(request):
            return None
        return authenticate_token(text.strip(), timezone.now(), source_of(request))
    return _actor_of(request.user, source_of(request))


def _actor_of(user: Any, source: str) -> Actor | None:
    is_let_in = user.is_authenticated and user.is_active
    return actor_of(user, source) if is_let_in else None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request came with: as little of it as tells who asks, while a stream is open."""

    header: str = field(repr=False)
    session: str | None = field(repr=False)
    source: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        header = request.headers.get("Authorization", "")
        return cls(header, None if header else request.session.session_key, source_of(request))


def admitted_again(credentials: Credentials) -> Actor | None:
    """Return who they stand for now: sessions end and tokens are revoked meanwhile."""
    if credentials.header:
        text = credentials.header.partition(" ")[2].strip()
        return authenticate_token(text, timezone.now(), credentials.source)
    again = HttpRequest()
    again.session = SessionStore(credentials.session)
    return _actor_of(get_user(again), credentials.source)


class AdmissionMiddleware(MiddlewareMixin):
    """Deny by default; count; limit; and put the headers on every answer."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        """Let the request go on with its `actor`, or answer it here."""
        request.arrived = monotonic()  # type: ignore[attr-defined]
        match = _route_of(request)
        try:
            actor = admitted(request)
        except DatabaseTrouble as error:
            return _database_trouble(request, error)
        request.actor = actor  # type: ignore[attr-defined]
        read_by(knows_reach(actor) if actor else of_none)
        _note_known(request, actor)
        if request.headers.get("Authorization"):
            request.user = AnonymousUser()
        return (
            _slow_down(request, actor, match)
            or _turn_away(request, actor, match)
            or _refuse_forgery(request)
        )

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the security headers, and turn Django's error pages into JSON for programs."""
        read_by(None)  # in the thread that comes next nobody reads yet
        tell_refused(request, response.status_code)
        response = _in_json(request, response)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if speaks_json(request):
            response.headers.setdefault("Cache-Control", "no-store")
        traffic.observe(request, response, getattr(request, "arrived", monotonic()))
        return response


def _database_trouble(request: HttpRequest, error: DatabaseTrouble) -> HttpResponse:
    if not is_away(error):
        LOG.error("nobody can say who asks for %s", request.path, exc_info=error)
        return sentence(request, BROKEN)
    LOG.warning("the database did not say who asks for %s: %s", request.path, error)
    return sentence(request, DATABASE_AWAY)


def _note_known(request: HttpRequest, actor: Actor | None) -> None:
    authorization, cookie = (request.headers.get(name, "") for name in ("Authorization", "Cookie"))
    KNOWN.note(authorization, cookie, is_good=actor is not None)


def _route_of(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _is_public(match: ResolverMatch | None) -> bool:
    if match is None:
        return False
    return match.route in PUBLIC_ROUTES or match.route.lstrip("^").startswith(STATIC_ROUTE)


def _slow_down(
    request: HttpRequest, actor: Actor | None, match: ResolverMatch | None
) -> HttpResponse | None:
    if match is not None and match.route.lstrip("^").startswith(STATIC_ROUTE):
        return None
    rates = getattr(settings, "SLIPWAY_RATES", (PERSON, STRANGER))
    if match is not None and match.route in HOOK_ROUTES:
        wait = BUCKETS.take(f"hooks {source_of(request)}", HOOK)
    elif actor is not None and actor.user is not None:
        wait = BUCKETS.take(f"person {actor.user.pk}", rates[0])
    else:
        wait = BUCKETS.take(f"address {source_of(request)}", rates[1])
    if not wait:
        return None
    answer = sentence(request, TOO_OFTEN)
    answer.headers["Retry-After"] = str(int(wait) + 1)
    return answer


def _turn_away(
    request: HttpRequest, actor: Actor | None, match: ResolverMatch | None
) -> HttpResponseBase | None:
    if actor is not None:
        is_unknown = match is None and speaks_json(request)
        return sentence(request, 404) if is_unknown else None
    if _is_public(match):
        return None
    if speaks_json(request):
        tell_worthless(request, source_of(request))
        answer = sentence(request, NOT_ADMITTED)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    return _to_login(request, match)


def _to_login(request: HttpRequest, match: ResolverMatch | None) -> HttpResponseBase:
    if match is not None and (typed := typed_before(request, match.route, match.kwargs)):
        # No address is long enough for it, and what strangers send is kept nowhere.
        context = {"next": typed.page, "typed_text": typed.as_text, "language": get_language()}
        answer = render(request, "web/login.html", context, status=401)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    back = way_back(request)
    login = redirect_to_login(back, settings.LOGIN_URL) if back else None
    if request.headers.get("HX-Request"):  # a fragment must not be replaced by a login page
        answer = HttpResponse(status=401)
        answer.headers["HX-Redirect"] = login.url if login else settings.LOGIN_URL
        return answer
    return login or HttpResponseRedirect(settings.LOGIN_URL)


def _refuse_forgery(request: HttpRequest) -> HttpResponse | None:
    return sentence(request, BAD_FORGERY_TOKEN) if is_forged(request) else None


def is_forged(request: HttpRequest) -> bool:
    """Whether a browser asks the API for a change without saying that a page of ours wanted it."""
    # The API's views are exempt from Django's own check, because programs send no cookie.
    is_by_cookie = not request.headers.get("Authorization") and request.user.is_authenticated
    if not is_by_cookie or not speaks_json(request) or request.method in SAFE_METHODS:
        return False
    return not has_proof(request)


def _in_json(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    is_page = not response.headers.get("Content-Type", "").startswith("application/json")
    if not (speaks_json(request) and is_page and response.status_code in SENTENCES):
        return response
    answer = sentence(request, response.status_code)
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer
