"""A version from the browser: a package dropped there, sent with a bar, or by a plain form."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from slipway.core.words.names import check_version_name
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.interfaces import doors
from slipway.interfaces.digests import compared
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import (
    Field,
    FormInput,
    opened,
    said_at,
    sent,
    told_at_its_field,
)
from slipway.interfaces.web.frame.words import size
from slipway.records.catalog.operations.versions import take_version
from slipway.records.catalog.queries.services import get_service

_CHUNK = 64 * 1024  # bytes
_EMPTY = {"version": "", "ref": "", "commit": "", "description": "", "sha256": ""}
_SHA256 = re.compile(r"[0-9a-f]{64}")


@require_http_methods(["GET", "POST"])
@pages.answered
def add(request: HttpRequest, name: str) -> HttpResponse:
    """Show where a package is dropped; a POST takes in the one that came with the form."""
    actor = asker(request)
    service = get_service(name, actor)
    actor.require(Action.UPLOAD, service=service.name)
    if request.method == "GET":
        return _page(request, name, opened(request, _EMPTY))
    form = sent(request, _EMPTY)
    try:
        version, is_new = _taken(request, name, form)
    except Refused as refused:
        return _page(request, name, form, refused)
    if not is_new:
        notes.leave_done(request, _("The very same was there already."))
    return HttpResponseRedirect(f"/services/{service.name}/versions/{version}")


def _taken(request: HttpRequest, service: str, form: dict[str, Field]) -> tuple[str, bool]:
    """Return the name of the version, and whether it was made just now."""
    file = request.FILES.get("file")
    if file is None or not file.name:
        raise Invalid("No package was chosen.", hint="Drop one there, or choose it.").at("file")
    name = form["version"].value
    if name:
        check_version_name(name)
    chunks = compared(file.chunks(_CHUNK), _digest(form["sha256"].value))
    with said_at("file"):
        stored = doors.packages().ingest(chunks, filename=file.name[:255])
        version, is_new = take_version(
            service=get_service(service, asker(request)),
            stored=stored,
            name=name,
            ref=form["ref"].value,
            commit=form["commit"].value,
            description=form["description"].value,
            by=asker(request),
            now=timezone.now(),
        )
    return version.name, is_new


def _digest(text: str) -> str:
    """Return the sha256 that was typed, "" where none was. Raises Invalid."""
    digest = text.lower()
    if digest and not _SHA256.fullmatch(digest):
        raise Invalid("That is no sha256.", hint="It has 64 characters: 0 to 9, and a to f.").at(
            "sha256"
        )
    return digest


def _page(
    request: HttpRequest,
    service: str,
    form: dict[str, Field],
    refused: Refused | None = None,
) -> HttpResponse:
    form = form | {"file": Field("", "")}
    form, said = told_at_its_field(form, refused, offered=form.keys(), now={})
    most = min(int(settings.SLIPWAY_PACKAGE_LIMIT), doors.largest(by_form=True))
    return pages.show(
        request,
        "web/version_new.html",
        section="services",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        service=service,
        file=form["file"],
        most=size(most),
        most_bytes=most,
        inputs=[
            FormInput(
                "version",
                _("Name"),
                form["version"],
                note=_("Empty: one is made of time, branch and commit."),
                longest=128,
            ),
            FormInput("ref", _("Branch or tag"), form["ref"], example="main"),
            FormInput("commit", _("Commit"), form["commit"], longest=64),
            FormInput("description", _("What is in it"), form["description"], longest=4000),
            FormInput(
                "sha256",
                _("Its sha256"),
                form["sha256"],
                note=_("Another package than that is refused; empty: any is taken."),
                longest=64,
            ),
        ],
    )
