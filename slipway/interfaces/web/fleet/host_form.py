"""The form of a host: what the API can change of it, field by field."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from slipway.core.words.refusal import Invalid, NotFound, Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import (
    Field,
    FormInput,
    labels_input,
    labels_of,
    labels_text,
    opened,
    sent,
    told_at_its_field,
    typed_anew,
)
from slipway.interfaces.web.frame.readers import Reader
from slipway.records.fleet.known_hosts import KnownHost
from slipway.records.fleet.operations.hosts import change_host
from slipway.records.fleet.queries import (
    get_host,
    list_environments,
    list_keys,
    visible_environment,
    visible_key,
)

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


@require_http_methods(["GET", "POST"])
@pages.answered
def show_form(request: HttpRequest, name: str) -> HttpResponse:
    """Show the form; a POST changes what was typed anew, and leaves alone what others changed."""
    actor = asker(request)
    host = get_host(name, actor)
    known = KnownHost.of(host)
    actor.require(Action.VIEW_HOST, environment=known.environment)
    kept = _texts(known)
    if request.method == "GET":
        return _page(request, known, opened(request, kept))
    actor.require(Action.MANAGE_HOST, environment=known.environment)
    form = sent(request, kept)
    try:
        changes = _changes(form, kept, actor)
        change_host(host=host, changes=changes, by=actor, now=timezone.now())
    except Refused as refused:
        return _page(request, KnownHost.of(get_host(name, actor)), form, refused)
    if changes:
        notes.leave_done(request, _("%(host)s is changed.") % {"host": host.name})
    return HttpResponseRedirect(f"/hosts/{host.name}")


def _texts(host: KnownHost) -> dict[str, str]:
    return {
        "address": host.address,
        "port": str(host.port),
        "user": host.user,
        "root": host.root,
        "become": host.become,
        "environment": host.environment,
        "key": host.key,
        "labels": labels_text(host.labels),
    }


def _changes(form: dict[str, Field], kept: dict[str, str], actor: "Actor") -> dict[str, Any]:
    """Return what was typed anew. Raises Invalid, NotFound, ChangedMeanwhile."""
    return {key: meant(key, text, actor) for key, text in typed_anew(form, kept).items()}


def meant(key: str, text: str, actor: "Actor") -> object:
    """Return what was typed as the operations take it. Raises Invalid, NotFound."""
    try:
        match key:
            case "port":
                return _port(text)
            case "environment":
                return visible_environment(text, actor)
            case "key":
                return visible_key(text, actor)
            case "labels":
                return labels_of(text)
    except (Invalid, NotFound) as refused:
        raise refused.at(key) from None
    return text


def inputs_of(
    form: Mapping[str, Field], *, environments: Sequence[str], keys: Sequence[str], note: str = ""
) -> list[FormInput]:
    """Return how a host is reached as fields; without `keys` there is none for its key. `note` is
    what is said beside its address."""
    become = (("none", _("not at all")), ("sudo", "sudo"))
    places = tuple((each, each) for each in environments)
    address = form["address"]
    found = [
        FormInput("address", _("Address"), address, note=note, longest=253, example="10.0.0.11"),
        FormInput("port", _("SSH port"), form["port"], kind="number", longest=5, is_needed=True),
        FormInput("user", _("User"), form["user"], longest=64, is_needed=True),
        FormInput("become", _("Becomes root"), form["become"], kind="choice", choices=become),
        FormInput("root", _("Folder"), form["root"], note=_("Releases are put below it.")),
        FormInput(
            "environment", _("Environment"), form["environment"], kind="choice", choices=places
        ),
    ]
    if keys:
        choices = tuple((each, each) for each in keys)
        found.append(FormInput("key", _("SSH key"), form["key"], kind="choice", choices=choices))
    return found


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid("{port} is not a port.", port=f"“{text[:20]}”")
    return int(text)


def _page(
    request: HttpRequest,
    host: KnownHost,
    form: dict[str, Field],
    refused: Refused | None = None,
) -> HttpResponse:
    actor = asker(request)
    reader = Reader(actor, host.environment)
    may_manage = reader.may(Action.MANAGE_HOST)
    may_choose_key = actor.may(Action.MANAGE_HOST)
    offered = form.keys() if may_choose_key else form.keys() - {"key"}
    form, said = told_at_its_field(form, refused, offered=offered, now=_texts(host))
    environments = [each.name for each in list_environments(actor)]
    keys = [key.name for key in list_keys()] if may_choose_key else []
    return pages.show(
        request,
        "web/host_form.html",
        section="hosts",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        host=host.name,
        inputs=inputs_of(form, environments=environments, keys=keys),
        labels=labels_input(form["labels"], "rack=a"),
        key="" if keys else host.key,
        environment=host.environment,
        may_manage=may_manage,
        whom_to_ask="" if may_manage else reader.whom_to_ask(Action.MANAGE_HOST),
    )
