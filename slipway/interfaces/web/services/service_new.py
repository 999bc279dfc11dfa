"""A new service: its name is enough; how it is run may come with each package."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from slipway.core.words.names import check_service_name
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import (
    Field,
    FormInput,
    labels_input,
    labels_of,
    opened,
    sent,
    told_at_its_field,
)
from slipway.interfaces.web.services.spec import read_spec, spec_examples, told_with_line
from slipway.interfaces.web.shown.of_services.languages import languages
from slipway.records.catalog.operations.services import create_service

_EMPTY = {
    "name": "",
    "language": "other",
    "description": "",
    "default_ref": "main",
    "labels": "",
    "spec": "",
}


@require_http_methods(["GET", "POST"])
@pages.answered
def add(request: HttpRequest) -> HttpResponse:
    """Show the form; a POST makes the service, and leads to its first version."""
    actor = asker(request)
    actor.require(Action.MANAGE_SERVICE)
    if request.method == "GET":
        return _page(request, opened(request, _EMPTY))
    form = sent(request, _EMPTY)
    name = form["name"].value
    try:
        check_service_name(name)
        labels = labels_of(form["labels"].value)
        create_service(
            name=name,
            language=form["language"].value,
            description=form["description"].value,
            default_ref=form["default_ref"].value,
            labels=labels,
            spec=read_spec(form["spec"].value),
            by=actor,
            now=timezone.now(),
        )
    except Refused as refused:
        return _page(request, form, refused)
    done = _("%(service)s is made.") % {"service": name}
    notes.leave_done(request, done, _("Next: its first version."))
    return HttpResponseRedirect(f"/services/{name}/versions/-/new")


def _inputs(form: Mapping[str, Field]) -> list[FormInput]:
    return [
        FormInput(
            "name",
            _("Name"),
            form["name"],
            note=_("Small letters, digits and dashes."),
            longest=64,
            is_needed=True,
            example="billing",
        ),
        FormInput(
            "language",
            _("Language"),
            form["language"],
            kind="choice",
            choices=languages(),
        ),
        FormInput("default_ref", _("Branch it is released from"), form["default_ref"]),
        FormInput("description", _("What it is"), form["description"], longest=4000),
    ]


def _page(
    request: HttpRequest, form: dict[str, Field], refused: Refused | None = None
) -> HttpResponse:
    form, said = told_at_its_field(form, refused, offered=form.keys(), now={})
    form = told_with_line(form, refused)
    return pages.show(
        request,
        "web/service_new.html",
        section="services",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        inputs=_inputs(form),
        labels=labels_input(form["labels"], "team=data"),
        spec=form["spec"],
        examples=spec_examples(),
    )
