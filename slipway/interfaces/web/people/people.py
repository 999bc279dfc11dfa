"""People: who there is, somebody with their roles and tokens, and who lets them in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action, Role
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.words import OK
from slipway.interfaces.web.people.passwords import FIELDS, made_one, typed_twice
from slipway.interfaces.web.people.tokens import revoked
from slipway.records.accounts import queries
from slipway.records.accounts.operations import people
from slipway.records.accounts.token_facts import TokenFacts
from slipway.records.catalog.queries.services import service_names
from slipway.records.fleet.queries import list_environments

_FEW = 3  # roles that are named in a line of the list


@dataclass(frozen=True, slots=True)
class PersonRow:
    username: str
    is_superuser: bool
    is_active: bool
    roles: tuple[tuple[str, str, str], ...]
    more: int
    last_login: datetime | None


@require_GET
@pages.answered
def show_people(request: HttpRequest) -> HttpResponse:
    """List everybody, for whoever manages access everywhere."""
    actor = asker(request)
    actor.require(Action.MANAGE_ACCESS)
    search = request.GET.get("search", "").strip()[:100]
    offset = (pages.page_number(request) - 1) * pages.PAGE
    found = queries.search_users(search, limit=pages.PAGE, offset=offset)
    return pages.show(
        request,
        "web/people.html",
        section="people",
        rows=[
            PersonRow(
                user.username,
                user.is_superuser,
                user.is_active,
                *_roles(
                    [(each.role, each.service, each.environment) for each in user.grants.all()]
                ),
                user.last_login,
            )
            for user in found
        ],
        search=search,
        total=found.total,
        answer=_answer(*queries.count_people()),
        pages=pages.pages_of(request, found.total),
    )


@sensitive_post_parameters(*FIELDS)
@require_http_methods(["GET", "POST"])
@pages.answered
def add_person(request: HttpRequest) -> HttpResponse:
    """Show the form, or make an account; a password that nobody chose is shown, this once."""
    actor = asker(request)
    actor.require(Action.MANAGE_ACCESS)
    if request.method == "GET":
        return _form(request, notes.take_typed(request))
    name = pages.typed(request, "username")
    try:
        chosen = typed_twice(request)
        made = "" if chosen else made_one()
        people.create_user(
            username=name,
            password=chosen or made,
            is_superuser=request.POST.get("is_superuser") == "1",
            by=actor,
            now=timezone.now(),
        )
    except Refused as refused:
        return _form(request, dict(request.POST.items()), refused)
    notes.forget_typed(request)
    if made:
        return _page(request, name, password=made)
    done = _("%(name)s may sign in now, and has no role yet.") % {"name": name}
    return pages.attempt(request, lambda: None, back=f"/people/{name}", done=done)


@require_GET
@pages.answered
def show_person(request: HttpRequest, name: str) -> HttpResponse:
    asker(request).require(Action.MANAGE_ACCESS)
    return _page(request, name)


@require_POST
@pages.answered
def set_signing_in(request: HttpRequest, name: str) -> HttpResponse:
    """Let somebody in no more, or again."""
    actor, is_on = asker(request), request.POST.get("on") == "1"
    actor.require(Action.MANAGE_ACCESS)
    user = queries.get_user(name)
    operation: Callable[..., None] = people.enable_user if is_on else people.disable_user
    done = _("%(name)s may sign in again.") if is_on else _("%(name)s may do nothing any more.")
    return pages.attempt(
        request,
        lambda: operation(user=user, by=actor, now=timezone.now()),
        back=f"/people/{name}",
        done=done % {"name": name},
    )


@sensitive_post_parameters(*FIELDS)
@require_POST
@pages.answered
def set_password(request: HttpRequest, name: str) -> HttpResponse:
    """Give somebody a new password; one that nobody chose is shown, this once."""
    actor = asker(request)
    actor.require(Action.MANAGE_ACCESS)
    user = queries.get_user(name)
    try:
        if user == actor.user:
            raise Invalid(
                "One's own password is changed for the present one.",
                hint="Change it in Settings.",
            )
        chosen = typed_twice(request)
        made = "" if chosen else made_one()
        people.set_password(user=user, password=chosen or made, by=actor, now=timezone.now())
    except Refused as refused:
        status, note = notes.status_of(refused), notes.note_of(refused)
        return _page(request, name, status=status, notes=[note])
    said = _("%(name)s has a new password; sessions and tokens have ended.") % {"name": name}
    return _page(request, name, password=made, notes=[notes.Note(said, mark=OK)])


@require_POST
@pages.answered
def revoke_token(request: HttpRequest, name: str, prefix: str) -> HttpResponse:
    """Make somebody's token worthless."""
    asker(request).require(Action.MANAGE_ACCESS)
    return revoked(request, name, prefix, back=f"/people/{name}")


def _roles(given: list[tuple[str, str, str]]) -> tuple[tuple[tuple[str, str, str], ...], int]:
    """Return those that are named in a line, and how many more there are."""
    return tuple(given[:_FEW]), max(0, len(given) - _FEW)


def _answer(total: int, disabled: int) -> str:
    """Return the first line: how many there are, and how many of them may not sign in."""
    there = ngettext("%(count)s person", "%(count)s people", total) % {"count": total}
    if not disabled:
        return _("%(people)s, all of whom may sign in.") % {"people": there}
    return _("%(people)s, of whom %(count)s may not sign in.") % {
        "people": there,
        "count": disabled,
    }


def _form(
    request: HttpRequest, typed: dict[str, Any], refused: Refused | None = None
) -> HttpResponse:
    return pages.show(
        request,
        "web/person_form.html",
        section="people",
        status=notes.status_of(refused) if refused else 200,
        notes=[notes.note_of(refused)] if refused else [],
        username=typed.get("username", ""),
        is_superuser=typed.get("is_superuser") == "1",
        may_make_superusers=asker(request).is_root,
    )


def _page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    actor, user = asker(request), queries.get_user(name)
    is_self = actor.user is not None and actor.user.pk == user.pk
    return pages.show(
        request,
        "web/person.html",
        section="people",
        status=status,
        who=user,
        is_self=is_self,
        may_change=(actor.is_root or not user.is_superuser) and not is_self,
        grants=queries.grants_of(user),
        tokens=[TokenFacts.of(each, timezone.now()) for each in queries.list_tokens(user)],
        form=notes.take_typed(request, "/people/-/grants"),
        roles=list(Role),
        services=service_names(actor),
        environments=[environment.name for environment in list_environments(actor)],
        **context,
    )
