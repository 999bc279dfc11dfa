"""The release spec of a service: written as YAML, checked by the server, wrong at its line."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from slipway.core.spec.parsing import parse_new_spec
from slipway.core.words.documents import LONGEST_TEXT, line_of, load
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import Field, opened, told_at_its_field, typed_anew
from slipway.interfaces.web.services.service import as_yaml
from slipway.records.catalog.operations.services import change_service
from slipway.records.catalog.queries.services import get_service

_SPEC = "spec"
# What is right for most of a kind as it stands: each is read as a spec by a test.
_STATIC = """run: python3 -m http.server ${PORT}
health: /
"""
_JAR = """run: java -jar ./app.jar --server.port=${PORT}
health: /actuator/health
"""
_PROGRAM = """run: ./bin/app --port ${PORT}
health: /healthz
"""
_SCRIPTS = """supervisor: script
scripts:
  start: ./bin/start.sh
  stop: ./bin/stop.sh
  status: ./bin/status.sh
"""


@dataclass(frozen=True, slots=True)
class SpecExample:
    """The lines of a usual kind of service."""

    kind: str
    note: str
    lines: str


@require_http_methods(["GET", "POST"])
@pages.answered
def show_spec(request: HttpRequest, name: str) -> HttpResponse:
    """Show the spec as text; a POST keeps it, or checks it and keeps nothing."""
    actor = asker(request)
    service = get_service(name, actor)
    actor.require(Action.MANAGE_SERVICE, service=service.name)
    kept = _kept(service.spec)
    if request.method == "GET":
        return _page(request, name, kept, opened(request, kept))
    form = {_SPEC: Field(_text(request, _SPEC), _text(request, f"was_{_SPEC}"))}
    is_checked = pages.typed(request, "do") == "check"
    try:
        spec = read_spec(form[_SPEC].value)
        if is_checked:
            return _page(request, name, kept, form, is_good=True)
        changes = {_SPEC: spec} if typed_anew(form, kept) else {}
        change_service(service=service, changes=changes, by=actor, now=timezone.now())
    except Refused as refused:
        return _page(request, name, _kept(get_service(name, actor).spec), form, refused)
    if changes:
        notes.leave_done(
            request,
            _("The release spec is kept."),
            _("What runs changes with the next rollout; its plan shows what."),
        )
    return HttpResponseRedirect(_back(request, service.name))


def _back(request: HttpRequest, service: str) -> str:
    """Return where somebody came from to change it, or the service's page."""
    came_from = pages.typed(request, "next") or request.GET.get("next", "")
    return pages.own_address(request, came_from, f"/services/{service}")


def _kept(spec: dict[str, Any]) -> dict[str, str]:
    return {_SPEC: as_yaml(spec).strip()}


def read_spec(text: str) -> dict[str, Any]:
    """Return what was written. Raises Invalid, at the field."""
    try:
        spec = dict(load(text))
        parse_new_spec(spec)
    except Invalid as refused:
        raise refused.at(_SPEC) from None
    return spec


def told_with_line(form: dict[str, Field], refused: Refused | None) -> dict[str, Field]:
    """Return the form with the line of the text that a refusal of the spec is about."""
    field = form[_SPEC]
    if refused is None or not field.problem or "line" in refused.values:
        return form
    line = line_of(field.value, str(refused.values.get("key", "")))
    if not line:
        return form
    told = _("Line %(line)s: %(problem)s") % {"line": line, "problem": field.problem}
    return {**form, _SPEC: Field(field.value, field.was, told, field.hint)}


def spec_examples() -> tuple[SpecExample, ...]:
    """Return the lines to begin with."""
    return (
        SpecExample(
            _("Static site"),
            _(
                "Files that a web server of the host gives out: this one, or what else is there,"
                " like busybox httpd with -f, its port by -p, and -h . for the files: they lie"
                " where it starts."
            ),
            _STATIC,
        ),
        SpecExample(
            _("Jar"),
            _(
                "For a jar inside of an archive. One that is the package by itself needs no run,"
                " only where its health is told; PORT is in its environment, too."
            ),
            _JAR,
        ),
        SpecExample(_("Program"), _("A path in the package, and its arguments."), _PROGRAM),
        SpecExample(
            _("Scripts of its own"),
            _("Where the host has no systemd, or the package brings how it is started."),
            _SCRIPTS,
        ),
    )


def _text(request: HttpRequest, name: str) -> str:
    return pages.typed(request, name)[: LONGEST_TEXT + 1]


def _page(
    request: HttpRequest,
    service: str,
    kept: dict[str, str],
    form: dict[str, Field],
    refused: Refused | None = None,
    *,
    is_good: bool = False,
) -> HttpResponse:
    form, said = told_at_its_field(form, refused, offered=form.keys(), now=kept)
    return pages.show(
        request,
        "web/spec.html",
        section="services",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        service=service,
        back=_back(request, service),
        spec=told_with_line(form, refused)[_SPEC],
        is_good=is_good,
        examples=spec_examples(),
    )
