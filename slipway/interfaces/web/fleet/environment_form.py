"""The form of an environment: a new one, or what the API can change of its rules."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from slipway.core.words.durations import format_duration, parse_duration
from slipway.core.words.names import check_environment_name
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import (
    Field,
    FormInput,
    opened,
    sent,
    told_at_its_field,
    typed_anew,
)
from slipway.interfaces.web.frame.readers import Reader
from slipway.records.fleet.environment_facts import EnvironmentFacts
from slipway.records.fleet.operations.environments import (
    change_environment,
    create_environment,
    with_defaults,
)
from slipway.records.fleet.queries import list_keys, visible_environment

_NUMBERS = ("order", "canary_budget")
_SHARES = ("batches", "max_unavailable", "failure_budget", "left_out_budget")
_TIMES = ("bake_time", "progress_deadline", "watch_time", "patience")
_FLAGS = ("promotion_needed", "automatic_rollback", "named_user_needed")
SAID = (*_NUMBERS, *_SHARES, *_TIMES)
SWITCHES = ("promotion_needed", "automatic_rollback")
_DIGITS = 9


@require_http_methods(["GET", "POST"])
@pages.answered
def add(request: HttpRequest) -> HttpResponse:
    """Show the form of a new environment; a POST makes it."""
    actor = asker(request)
    actor.require(Action.MANAGE_ENVIRONMENT)
    kept = {"name": ""} | texts_of(EnvironmentFacts.of(with_defaults()))
    if request.method == "GET":
        return _page(request, opened(request, kept))
    form = sent(request, kept)
    try:
        texts = {key: field.value for key, field in form.items()}
        name = check_environment_name(texts.pop("name"))
        create_environment(name=name, **_meant(texts), by=actor, now=timezone.now())
    except Refused as refused:
        return _page(request, form, refused)
    onward, link = _("Next: its hosts."), f"/hosts/-/new?environment={name}"
    if not list_keys():
        onward, link = _("Next: an SSH key that opens its hosts."), "/keys"
    notes.leave_done(request, _("%(environment)s is made.") % {"environment": name}, onward, link)
    return HttpResponseRedirect(f"/environments/{name}")


@require_http_methods(["GET", "POST"])
@pages.answered
def change(request: HttpRequest, name: str) -> HttpResponse:
    """Show the rules as a form; a POST changes those that were typed anew."""
    actor = asker(request)
    environment = visible_environment(name, actor)
    known = EnvironmentFacts.of(environment)
    kept = texts_of(known)
    if request.method == "GET":
        return _page(request, opened(request, kept), environment=known)
    actor.require(Action.MANAGE_ENVIRONMENT, environment=environment.name)
    form = sent(request, kept)
    try:
        changes = _meant(typed_anew(form, kept))
        change_environment(environment=environment, changes=changes, by=actor, now=timezone.now())
    except Refused as refused:
        return _page(request, form, refused, EnvironmentFacts.of(visible_environment(name, actor)))
    if changes:
        done = _("%(environment)s is changed.") % {"environment": environment.name}
        held = _("Rollouts that run keep the rules they began with.")
        notes.leave_done(request, done, held)
    return HttpResponseRedirect(f"/environments/{environment.name}")


def texts_of(environment: EnvironmentFacts) -> dict[str, str]:
    """Return the rules as they are typed."""
    times: dict[str, timedelta] = {key: getattr(environment, key) for key in _TIMES}
    return {
        **{key: str(getattr(environment, key)) for key in (*_NUMBERS, *_SHARES)},
        **{key: format_duration(time) for key, time in times.items()},
        **{key: "1" if getattr(environment, key) else "0" for key in _FLAGS},
    }


def captions() -> dict[str, tuple[str, str]]:
    """Return what each rule is called, and what it means."""
    return {
        "order": (_("Order"), _("Lists begin with the lowest; from 30 on it is guarded.")),
        "batches": (_("Batches"), _("Hosts at once, one batch after the other; the last repeats.")),
        "max_unavailable": (_("At a time"), _("At most so many of what runs there.")),
        "failure_budget": (_("May fail"), _("One more halts the rollout.")),
        "left_out_budget": (
            _("May be left out"),
            _("So many hosts that are not reached are left out."),
        ),
        "canary_budget": (_("May fail in the first batch"), ""),
        "bake_time": (_("Bake time"), _("So long a batch stays well before the next begins.")),
        "progress_deadline": (_("Time to get healthy"), _("So long an instance has for it.")),
        "watch_time": (_("Watch"), _("So long the last batch is watched.")),
        "patience": (_("Patience"), _("So long it waits for a host that does not answer.")),
        "promotion_needed": (_("A person lets each batch go on"), ""),
        "automatic_rollback": (_("What failed goes back by itself"), ""),
        "named_user_needed": (_("Services run as a user who is named, and is not root"), ""),
    }


def _meant(texts: Mapping[str, str]) -> dict[str, Any]:
    return {key: _value(key, text) for key, text in texts.items()}


def _value(key: str, text: str) -> object:
    if key in _FLAGS:
        return text == "1"
    if key in _TIMES:
        try:
            return parse_duration(text)
        except Invalid as refused:
            raise refused.at(key) from None
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if key in _NUMBERS and is_number else text


def _inputs(form: Mapping[str, Field]) -> list[FormInput]:
    yes_or_no = (("1", _("yes")), ("0", _("no")))
    return [
        FormInput(
            key,
            label,
            form[key],
            kind="choice" if key in _FLAGS else "number" if key in _NUMBERS else "text",
            note=note,
            choices=yes_or_no if key in _FLAGS else (),
            longest=64,
            is_needed=True,
        )
        for key, (label, note) in captions().items()
    ]


def _page(
    request: HttpRequest,
    form: dict[str, Field],
    refused: Refused | None = None,
    environment: EnvironmentFacts | None = None,
) -> HttpResponse:
    actor = asker(request)
    now = texts_of(environment) if environment else {}
    form, said = told_at_its_field(form, refused, offered=form.keys(), now=now)
    reader = Reader(actor, environment.name if environment else "")
    may_manage = environment is None or reader.may(Action.MANAGE_ENVIRONMENT)
    name = FormInput(
        "name",
        _("Name"),
        form.get("name", Field("", "")),
        note=_("Small letters, digits and dashes."),
        longest=64,
        is_needed=True,
        example="test",
    )
    return pages.show(
        request,
        "web/environment_form.html",
        section="hosts",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        environment=environment.name if environment else "",
        name=name,
        inputs=_inputs(form),
        may_manage=may_manage,
        whom_to_ask="" if may_manage else reader.whom_to_ask(Action.MANAGE_ENVIRONMENT),
    )
