"""Signing in and out, and the looks a person wants: language and theme."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from slipway.core.words.refusal import Refused
from slipway.interfaces.entrance.admission import asker, source_of
from slipway.interfaces.entrance.typed import brought_along
from slipway.interfaces.web.frame import notes, pages
from slipway.records.accounts.operations import logins, people

_YEAR = 365 * 24 * 3600  # seconds


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or let somebody in."""
    target = pages.own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.GET.get("language"):
        answer: HttpResponse = redirect_to_login(target, settings.LOGIN_URL)
        _remember_language(answer, request.GET["language"])
        return answer
    if request.method == "GET":
        return _form(request, target)
    username = request.POST.get("username", "").strip()
    typed = brought_along(request.POST)
    try:
        user = logins.log_in(
            username=username,
            password=request.POST.get("password", ""),
            source=source_of(request),
            now=timezone.now(),
        )
    except Refused as refused:
        status = notes.status_of(refused)
        return _form(
            request,
            target,
            status,
            username=username,
            notes=[notes.note_of(refused)],
            typed_text=typed.as_text if typed else "",
        )
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if typed:
        notes.resume(request, typed)
    answer = HttpResponseRedirect(target)
    if user.language:
        _remember_language(answer, user.language)
    return answer


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(settings.LOGIN_URL)


@require_POST
def set_looks(request: HttpRequest) -> HttpResponse:
    """Keep the language or the theme that was chosen; the other stays as it is."""
    user = asker(request).user
    assert user is not None  # a session is a person's
    language = request.POST.get("language", user.language)
    theme = request.POST.get("theme", user.theme)
    answer = pages.attempt(
        request,
        lambda: people.set_preferences(user, language, "" if theme == "system" else theme),
        back=pages.own_address(request, request.POST.get("next", "")),
    )
    _remember_language(answer, language)
    return answer


def _form(request: HttpRequest, target: str, status: int = 200, **context: Any) -> HttpResponse:
    return pages.show(request, "web/login.html", status=status, next=target, **context)


def _remember_language(answer: HttpResponse, language: str) -> None:
    if language in dict(settings.LANGUAGES):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=_YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
