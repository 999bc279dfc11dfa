"""One's own settings: looks, rights, tokens."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Role
from slipway.interfaces.entrance.admission import asker, source_of
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.people.audit import day_choices
from slipway.interfaces.web.people.passwords import FIELDS, typed_twice
from slipway.interfaces.web.people.tokens import revoked
from slipway.records.accounts import queries
from slipway.records.accounts.operations import logins, people
from slipway.records.accounts.operations import tokens as token_operations
from slipway.records.accounts.token_facts import TokenFacts
from slipway.records.fleet.queries import list_environments

_DAYS = (7, 30, 90, 365)
_EMPTY = {"name": "", "role": Role.DEPLOYER.value, "service": "", "environment": "", "days": "90"}


@require_GET
@pages.answered
def show_me(request: HttpRequest) -> HttpResponse:
    return _page(request)


@sensitive_post_parameters("current_password", *FIELDS)
@require_POST
@pages.answered
def change_password(request: HttpRequest) -> HttpResponse:
    """Give oneself another password, for the present one; this session goes on, others end."""
    actor = asker(request)
    try:
        password = typed_twice(request)
        user = logins.prove_password(
            username=actor.name,
            password=request.POST.get("current_password", ""),
            source=source_of(request),
            now=timezone.now(),
        )
        people.set_password(user=user, password=password, by=actor, now=timezone.now())
    except logins.WrongPassword:
        wrong = notes.Note(_("The present password is another."), _("Nothing was changed."))
        return _page(request, notes=[wrong], status=422)
    except Refused as refused:
        return _page(request, notes=[notes.note_of(refused)], status=notes.status_of(refused))
    update_session_auth_hash(request, user)
    notes.leave_done(request, _("Your password is changed; other sessions and tokens have ended."))
    return HttpResponseRedirect("/me")


@require_POST
@pages.answered
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    actor, form = asker(request), {name: request.POST.get(name, "").strip() for name in _EMPTY}
    try:
        _token, secret = token_operations.create_token(
            user=asker(request).person,
            name=form["name"],
            role=_role(form["role"]),
            service=form["service"],
            environment=form["environment"],
            expires_in=timedelta(days=_days(form["days"])),
            by=actor,
            now=timezone.now(),
        )
    except Refused as refused:
        note = notes.note_of(refused)
        return _page(request, form=form, notes=[note], status=notes.status_of(refused))
    return _page(request, secret=secret)


@require_POST
@pages.answered
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    return revoked(request, asker(request).person.get_username(), prefix, back="/me")


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    actor = asker(request)
    tokens = queries.list_tokens(actor.person)
    shared: dict[str, Any] = {
        "form": _EMPTY | notes.take_typed(request, "/me/tokens"),
        "rights": actor.rights,
        "roles": list(Role),
        "days": day_choices(_DAYS),
        "tokens": [TokenFacts.of(each, timezone.now()) for each in tokens],
        "languages": settings.LANGUAGES,
        "environments": [environment.name for environment in list_environments(actor)],
    }
    status = context.pop("status", 200)
    assert isinstance(status, int)
    return pages.show(request, "web/me.html", status=status, **(shared | context))


def _role(text: str) -> Role:
    if text not in set(Role):
        raise Invalid("There is no role {role}.", role=text[:20])
    return Role(text)


def _days(text: str) -> int:
    return int(text) if text in {str(day) for day in _DAYS} else _DAYS[0]
