"""One environment: times in which nothing new goes there, as whom services run, keys of hosts."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.fleet import environment_form
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import Field, told_at_its_field
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.zones import zone_called
from slipway.interfaces.web.shown.windows import window_view
from slipway.records.fleet.environment_facts import EnvironmentFacts
from slipway.records.fleet.operations import environments
from slipway.records.fleet.operations import windows as window_operations
from slipway.records.fleet.queries import keys_of, list_keys, visible_environment

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_TEXTS = ("from", "until", "reason")
_WITHOUT_ZONE = 16  # letters: 2026-12-24T00:00, as browsers send a moment


@require_http_methods(["GET", "POST"])
@pages.answered
def show_environment(request: HttpRequest, name: str) -> HttpResponse:
    """Show the windows of an environment; a POST adds one."""
    actor = asker(request)
    environment = visible_environment(name, actor)
    if request.method == "GET":
        typed = notes.take_typed(request)
        with timezone.override(zone_called(typed.get("zone", "")) or _zone_here()):
            form = {key: Field(typed.get(key, ""), "") for key in _TEXTS}
            return _page(request, EnvironmentFacts.of(environment), form)
    # A cookie that came meanwhile, or another one, does not change what its labels said.
    shown = zone_called(pages.typed(request, "zone")) or _zone_here()
    with timezone.override(shown):
        return _added(request, actor, name)


def _zone_here() -> tzinfo:
    return timezone.get_current_timezone()


def _added(request: HttpRequest, actor: "Actor", name: str) -> HttpResponse:
    environment = visible_environment(name, actor)
    form = {key: Field(pages.typed(request, key)[:300], "") for key in _TEXTS}
    try:
        window_operations.add_window(
            environment=environment,
            begin=_moment(form["from"].value),
            until=_moment(form["until"].value),
            reason=form["reason"].value,
            by=actor,
            now=timezone.now(),
        )
    except Refused as refused:
        return _page(request, EnvironmentFacts.of(environment), form, refused)
    notes.leave_done(request, _("The freeze window is kept."))
    return HttpResponseRedirect(f"/environments/{name}")


@require_POST
@pages.answered
def remove_window(request: HttpRequest, name: str, window: str) -> HttpResponse:
    actor = asker(request)
    environment = visible_environment(name, actor)
    return pages.attempt(
        request,
        lambda: window_operations.remove_window(
            environment=environment, window=window, by=actor, now=timezone.now()
        ),
        back=f"/environments/{environment.name}",
        done=_("The freeze window is gone."),
    )


@require_POST
@pages.answered
def ask_for_named_users(request: HttpRequest, name: str) -> HttpResponse:
    """Let nothing come that runs as root, or let it come again."""
    actor = asker(request)
    environment = visible_environment(name, actor)
    return pages.attempt(
        request,
        lambda: environments.change_environment(
            environment=environment,
            changes={"named_user_needed": pages.typed(request, "on") == "1"},
            by=actor,
            now=timezone.now(),
        ),
        back=f"/environments/{environment.name}",
    )


def _moment(text: str) -> str:
    """A field of a browser has no zone: it is the reader's, as its label says."""
    if len(text) != _WITHOUT_ZONE:
        return text
    try:
        return timezone.make_aware(datetime.fromisoformat(text)).isoformat()
    except (ValueError, OverflowError):
        return text


def _page(
    request: HttpRequest,
    environment: EnvironmentFacts,
    form: dict[str, Field],
    refused: Refused | None = None,
) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    form, said = told_at_its_field(form, refused, offered=form.keys(), now={})
    windows = [window_view(each, now) for each in environment.freeze_windows]
    reader = Reader(actor, environment.name)
    texts, told = environment_form.texts_of(environment), environment_form.captions()
    may_manage = reader.may(Action.MANAGE_ENVIRONMENT)
    return pages.show(
        request,
        "web/environment.html",
        section="hosts",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        environment=environment.name,
        is_guarded=environment.is_guarded,
        named_user_needed=environment.named_user_needed,
        rules=[(*told[key], texts[key]) for key in environment_form.SAID],
        switches=[(told[key][0], texts[key] == "1") for key in environment_form.SWITCHES],
        windows=windows,
        begin=form["from"],
        until=form["until"],
        reason=form["reason"],
        zone=timezone.get_current_timezone_name(),
        may_manage=may_manage,
        whom_to_ask="" if may_manage else reader.whom_to_ask(Action.MANAGE_ENVIRONMENT),
        **_keys(environment.name, actor),
    )


def _keys(environment: str, actor: "Actor") -> dict[str, object]:
    """What keys there are, is for who gives them; which are granted, for who adds hosts."""
    may_grant = actor.may(Action.MANAGE_HOST)
    sees = actor.may(Action.MANAGE_HOST, environment=environment)
    granted = keys_of(environment) if sees else []
    others = [key.name for key in list_keys() if key.name not in granted] if may_grant else []
    return {"sees_keys": sees, "may_grant": may_grant, "granted": granted, "other_keys": others}
