"""The page of one instance: how it is, what people say of it, and its lock."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

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
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.services.way.instances import instance_view
from slipway.records.fleet import queries
from slipway.records.fleet.instance_facts import InstanceFacts
from slipway.records.fleet.operations import instances

_DIGITS = 9


@require_http_methods(["GET", "POST"])
@pages.answered
def show_instance(request: HttpRequest, instance_id: int) -> HttpResponse:
    """Show it; a POST changes what was typed anew, and nothing on its host."""
    instance = queries.get_instance(instance_id, asker(request))
    kept = _texts(instance_id)
    if request.method == "GET":
        return _page(request, instance_id, opened(request, kept))
    form = sent(request, kept)
    try:
        changes: dict[str, Any] = {
            key: _meant(key, text) for key, text in typed_anew(form, kept).items()
        }
        instances.change_instance(
            instance=instance, by=asker(request), now=timezone.now(), **changes
        )
    except Refused as refused:
        return _page(request, instance_id, form, refused)
    if changes:
        notes.leave_done(request, _("%(place)s is changed.") % {"place": said(instance.said)})
    return HttpResponseRedirect(f"/instances/{instance_id}")


@require_POST
@pages.answered
def lock(request: HttpRequest, instance_id: int) -> HttpResponse:
    return _with_reason(request, instance_id, instances.lock_instance)


@require_POST
@pages.answered
def unlock(request: HttpRequest, instance_id: int) -> HttpResponse:
    return _with_reason(request, instance_id, instances.unlock_instance)


def _with_reason(request: HttpRequest, instance_id: int, operation: Any) -> HttpResponse:
    actor = asker(request)
    instance = queries.get_instance(instance_id, actor)
    return pages.attempt(
        request,
        lambda: operation(
            instance=instance,
            reason=pages.typed(request, "reason"),
            by=actor,
            now=timezone.now(),
        ),
        back=f"/instances/{instance_id}",
    )


def _texts(instance_id: int) -> dict[str, str]:
    """Return what is said of it, as it is typed."""
    instance = queries.get_instance(instance_id)
    return {
        "weight": str(instance.weight),
        "tag": instance.tag,
        "description": instance.description,
        "is_maintain": "1" if instance.is_maintain else "0",
    }


def _meant(key: str, text: str) -> object:
    """Return what was typed as the operation takes it. Raises Invalid."""
    if key == "is_maintain":
        return text == "1"
    if key != "weight":
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Invalid("{weight} is not a weight.", weight=f"“{text[:20]}”").at(key)
    return int(text)


def _inputs(form: dict[str, Field]) -> list[FormInput]:
    maintenance = _("Rollouts leave it out until maintenance is ended; what runs there goes on.")
    return [
        FormInput(
            "weight",
            _("Weight"),
            form["weight"],
            kind="number",
            note=_("From 0 to 1000; it reaches the host with the next apply, restart or upgrade."),
            longest=4,
            is_needed=True,
        ),
        FormInput("tag", _("Tag"), form["tag"], note=_("A word of your own."), longest=64),
        FormInput(
            "is_maintain",
            _("Maintenance"),
            form["is_maintain"],
            kind="choice",
            note=maintenance,
            choices=(("0", _("no")), ("1", _("yes"))),
        ),
    ]


def _page(
    request: HttpRequest, instance_id: int, form: dict[str, Field], refused: Refused | None = None
) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    instance = queries.get_instance(instance_id, actor)
    view = instance_view(InstanceFacts.of(instance, now), actor)
    reader = Reader(actor, view.environment, view.service)
    may_change, may_lock = reader.may(Action.DEPLOY), reader.may(Action.LOCK)
    form, told = told_at_its_field(
        form, refused, offered=form.keys() if may_change else (), now=_texts(instance_id)
    )
    is_anothers = bool(view.locked) and instance.locked_by != actor.user
    return pages.show(
        request,
        "web/instance.html",
        section="services",
        status=notes.status_of(refused) if refused else 200,
        notes=told,
        id=instance_id,
        instance=view,
        inputs=_inputs(form),
        description=FormInput("description", _("Description"), form["description"], kind="area"),
        locked_by=instance.locked_by.username if instance.locked_by else "",
        locked_at=instance.locked_at,
        is_anothers=is_anothers,
        may_change=may_change,
        may_lock=may_lock and not view.locked,
        may_release=reader.may(Action.BREAK_LOCK if is_anothers else Action.LOCK),
        whom_to_ask="" if may_change else reader.whom_to_ask(Action.DEPLOY),
        who_breaks=reader.whom_to_ask(Action.BREAK_LOCK) if is_anothers else "",
    )
