"""What is said about a service, changed field by field; and a service that was never used, gone."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from slipway.core.words.refusal import Refused
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
from slipway.interfaces.web.shown.of_services.languages import languages
from slipway.records.catalog.operations.services import change_service, delete_service
from slipway.records.catalog.queries.services import get_service


@require_http_methods(["GET", "POST"])
@pages.answered
def change(request: HttpRequest, name: str) -> HttpResponse:
    """Show the form; a POST changes what was typed anew."""
    actor = asker(request)
    service = get_service(name, actor)
    actor.require(Action.MANAGE_SERVICE, service=service.name)
    kept = {
        "description": service.description,
        "language": service.language,
        "build_url": service.build_url,
        "labels": labels_text(service.labels),
    }
    if request.method == "GET":
        return _page(request, service.name, opened(request, kept), kept)
    form = sent(request, kept)
    try:
        changes: dict[str, Any] = dict(typed_anew(form, kept))
        if "labels" in changes:
            changes["labels"] = labels_of(changes["labels"])
        change_service(service=service, changes=changes, by=actor, now=timezone.now())
    except Refused as refused:
        return _page(request, service.name, form, kept, refused)
    if changes:
        notes.leave_done(request, _("%(service)s is changed.") % {"service": service.name})
    return HttpResponseRedirect(f"/services/{service.name}")


@require_POST
@pages.answered
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Forget a service that was never used."""
    actor = asker(request)
    service = get_service(name, actor)
    actor.require(Action.MANAGE_SERVICE, service=service.name)
    try:
        delete_service(service=service, by=actor, now=timezone.now())
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        return HttpResponseRedirect(f"/services/{name}/change")
    notes.leave_done(request, _("%(service)s is removed.") % {"service": name})
    return HttpResponseRedirect("/services")


def _page(
    request: HttpRequest,
    name: str,
    form: dict[str, Field],
    kept: dict[str, str],
    refused: Refused | None = None,
) -> HttpResponse:
    form, said = told_at_its_field(form, refused, offered=form.keys(), now=kept)
    return pages.show(
        request,
        "web/service_form.html",
        section="services",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        service=name,
        inputs=[
            FormInput("description", _("What it is"), form["description"], "area", longest=4000),
            FormInput(
                "language",
                _("Language"),
                form["language"],
                kind="choice",
                choices=languages(),
            ),
            FormInput(
                "build_url",
                _("Its page on the CI"),
                form["build_url"],
                longest=1024,
                example="https://",
            ),
        ],
        labels=labels_input(form["labels"], "team=data"),
    )
