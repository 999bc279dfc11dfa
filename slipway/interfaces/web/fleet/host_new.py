"""A new host: how it is reached, and whether its key is believed at the first contact."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from slipway.core.words.names import check_host_name
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.fleet.host_form import inputs_of, meant
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import (
    Field,
    FormInput,
    labels_input,
    opened,
    sent,
    told_at_its_field,
)
from slipway.records.catalog.queries.services import list_services
from slipway.records.fleet.operations.checks import request_checks
from slipway.records.fleet.operations.hosts import DEFAULT_ROOT, add_host
from slipway.records.fleet.queries import get_host, list_environments, list_keys_for

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


@require_http_methods(["GET", "POST"])
@pages.answered
def add(request: HttpRequest) -> HttpResponse:
    """Show the form; a POST adds the host and, where its key is accepted, has it reached."""
    actor = asker(request)
    actor.require_somewhere(Action.MANAGE_HOST)
    empty = _empty(request, actor)
    if request.method == "GET":
        return _page(request, opened(request, empty))
    form = sent(request, empty)
    try:
        _add(form, actor)
    except Refused as refused:
        return _page(request, form, refused)
    host = get_host(form["name"].value, actor)
    if pages.typed(request, "learn_key") == "1":
        request_checks(hosts=[host], learn_key=True, by=actor, now=timezone.now())
        done = _("%(host)s is added, and reached now to learn its key and to check it.")
        notes.leave_done(request, done % {"host": host.name}, *next_step(actor))
    else:
        notes.leave_done(
            request,
            _("%(host)s is added.") % {"host": host.name},
            _("Nobody goes there before its key is learnt."),
        )
    return HttpResponseRedirect(f"/hosts/{host.name}")


def next_step(actor: "Actor") -> tuple[str, str]:
    """Return what follows the first hosts, and where: "" once there is a service to release."""
    if list_services(actor, limit=1) or not actor.may(Action.MANAGE_SERVICE):
        return "", ""
    return _("Next: a service."), "/services/-/new"


def managed_environments(actor: "Actor") -> list[str]:
    """Return where `actor` may add hosts."""
    names = [each.name for each in list_environments(actor)]
    return [name for name in names if actor.may(Action.MANAGE_HOST, environment=name)]


def _add(form: Mapping[str, Field], actor: "Actor") -> None:
    texts = {key: field.value for key, field in form.items()}
    name = check_host_name(texts.pop("name"))
    fields = {key: meant(key, text, actor) for key, text in texts.items()}
    add_host(name=name, **fields, by=actor, now=timezone.now())  # type: ignore[arg-type]


def _empty(request: HttpRequest, actor: "Actor") -> dict[str, str]:
    """Return what stands in the form at first: nothing is guessed that could be wrong."""
    wanted, places = request.GET.get("environment", "")[:64], managed_environments(actor)
    place = wanted if wanted in places else places[0] if places else ""
    keys = list_keys_for(actor)
    return {
        "name": "",
        "address": "",
        "port": "22",
        "user": "root",
        "root": DEFAULT_ROOT,
        "become": "none",
        "environment": place,
        "key": "default" if "default" in keys or not keys else keys[0],
        "labels": "",
    }


def _inputs(form: Mapping[str, Field], actor: "Actor") -> list[FormInput]:
    name = FormInput("name", _("Name"), form["name"], longest=128, is_needed=True, example="web-1")
    reached = inputs_of(
        form,
        environments=managed_environments(actor),
        keys=list_keys_for(actor),
        note=_("Host name or IP address; empty where it is the name."),
    )
    return [name, *reached]


def _page(
    request: HttpRequest, form: dict[str, Field], refused: Refused | None = None
) -> HttpResponse:
    actor = asker(request)
    form, said = told_at_its_field(form, refused, offered=form.keys(), now={})
    return pages.show(
        request,
        "web/host_new.html",
        section="hosts",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        inputs=_inputs(form, actor),
        labels=labels_input(form["labels"], "rack=a"),
        has_environments=bool(managed_environments(actor)),
        has_keys=bool(list_keys_for(actor)),
        may_make=actor.may(Action.MANAGE_HOST),
    )
