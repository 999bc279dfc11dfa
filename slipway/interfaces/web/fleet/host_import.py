"""Many hosts at once, from a file of another tool: first what it would do, then it is done."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from slipway.core.reading.inventory.encodings import decoded
from slipway.core.reading.inventory.reading import FORMATS, parse_hosts
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.fleet.host_new import managed_environments, next_step
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import (
    Field,
    FormInput,
    labels_input,
    labels_of,
    opened,
    said_at,
    told_at_its_field,
)
from slipway.interfaces.web.frame.saying import said as sentence_said
from slipway.records.fleet.operations.checks import request_checks
from slipway.records.fleet.operations.imports import DEFAULT_KEY, ImportReport
from slipway.records.fleet.operations.imports import import_hosts as bring
from slipway.records.fleet.queries import list_keys_for, visible_environment, visible_key

if TYPE_CHECKING:
    from slipway.core.words.sentence import Sentence

_TOLD = 5  # of what was refused, behind the redirect
_LONGEST = 700_000  # characters; a form of ours is a little longer than what is in it
_EMPTY = {
    "text": "",
    "filename": "",
    "environment": "",
    "key": "",
    "user": "",
    "become": "",
    "root": "",
    "format": "",
    "labels": "",
    "update": "",
}


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the file would do, or did."""

    report: ImportReport
    format: str
    left_out: "tuple[Sentence, ...]"

    @property
    def count(self) -> int:
        return len(self.report.planned)


@require_http_methods(["GET", "POST"])
@pages.answered
def import_hosts(request: HttpRequest) -> HttpResponse:
    """Show the form; a POST says what the file would do, and does it where that was asked for."""
    actor = asker(request)
    actor.require_somewhere(Action.MANAGE_HOST)
    if request.method == "GET":
        return _page(request, opened(request, _EMPTY))
    form = {key: Field(pages.typed(request, key)[:_LONGEST], "") for key in _EMPTY if key != "text"}
    form["text"] = Field(request.POST.get("text", "").replace("\r\n", "\n"), "")
    is_dry = pages.typed(request, "do") not in ("import", "learn")
    try:
        form |= _uploaded(request)
        if len(form["text"].value) > _LONGEST:
            raise _too_long()
        view = _report(request, form, is_dry=is_dry)
    except Refused as refused:
        return _page(request, form, refused)
    if is_dry or not view.count:
        return _page(request, form, view=view)
    learnt = _learn(request, view)
    _say_done(request, view, learnt)
    return HttpResponseRedirect("/hosts")


def _uploaded(request: HttpRequest) -> dict[str, Field]:
    """Return the text of a file that came along: from then on it is what was typed."""
    file = request.FILES.get("file")
    if file is None or not file.size:
        return {}
    if file.size > _LONGEST:
        raise _too_long()
    text, _encoding = decoded(file.read())
    return {"text": Field(text, ""), "filename": Field((file.name or "")[:255], "")}


def _too_long() -> Invalid:
    return Invalid("The file is longer than {most} characters.", most=_LONGEST).at("text")


def _report(request: HttpRequest, form: dict[str, Field], *, is_dry: bool) -> ReportView:
    actor = asker(request)
    values = {key: field.value for key, field in form.items()}
    place = values["environment"]
    with said_at("environment"):
        environment = visible_environment(place, actor) if place else None
    if environment:
        actor.require(Action.MANAGE_HOST, environment=environment.name)
    with said_at("key"):
        key = visible_key(values["key"], actor) if values["key"] else None
    with said_at("text"):
        hosts = parse_hosts(values["text"], values["filename"], values["format"])
    report = bring(
        entries=hosts,
        environment=environment,
        key=key,
        user=values["user"],
        become=values["become"],
        root=values["root"],
        labels=labels_of(values["labels"]),
        update=values["update"] == "1",
        dry_run=is_dry,
        by=actor,
        now=timezone.now(),
    )
    return ReportView(report, hosts.format, (*hosts.left_out, *report.notes))


def _learn(request: HttpRequest, view: ReportView) -> bool:
    """Have the new ones reached, and their keys believed, where the button said so."""
    added = [host for action, host in view.report.planned if action == "add"]
    if pages.typed(request, "do") != "learn" or not added:
        return False
    request_checks(hosts=added, learn_key=True, by=asker(request), now=timezone.now())
    return True


def _say_done(request: HttpRequest, view: ReportView, learnt: bool) -> None:
    said = ngettext("%(n)s host is imported.", "%(n)s hosts are imported.", view.count)
    if learnt:
        hint = _(
            "They are reached now, their keys learnt, and each is checked: the list tells it as it"
            " comes. The page of each host shows its fingerprint."
        )
    else:
        hint = _("Nobody goes there before their keys are learnt.")
    onward, link = next_step(asker(request))
    notes.leave_done(request, said % {"n": view.count}, f"{hint} {onward}".rstrip(), link)
    if refused := view.report.problems:  # by what was there by then, not when it was looked at
        more = ngettext("%(n)s line was refused.", "%(n)s lines were refused.", len(refused))
        names = " ".join(sentence_said(each) for each in refused[:_TOLD])
        notes.leave(request, notes.Note(more % {"n": len(refused)}, names))


def _inputs(request: HttpRequest, form: dict[str, Field]) -> list[FormInput]:
    actor = asker(request)
    none = (("", _("none: the file says it")),)
    places = tuple((place, place) for place in managed_environments(actor))
    default = ("", _("default, where the file names none"))
    keys = tuple((key, key) for key in list_keys_for(actor) if key != DEFAULT_KEY)
    return [
        FormInput(
            "environment", _("Environment"), form["environment"], "choice", choices=none + places
        ),
        FormInput("key", _("SSH key"), form["key"], "choice", choices=(default, *keys)),
        FormInput("user", _("User"), form["user"], longest=64, example="root"),
        FormInput(
            "become",
            _("Becomes root"),
            form["become"],
            "choice",
            choices=(("", _("not at all")), ("sudo", "sudo")),
        ),
        FormInput("root", _("Folder"), form["root"], example="/opt/slipway"),
        FormInput(
            "format",
            _("Written as"),
            form["format"],
            "choice",
            choices=(("", _("found out")), *((each, each) for each in FORMATS)),
        ),
        FormInput(
            "update",
            _("Hosts that are there already"),
            form["update"],
            "choice",
            choices=(("", _("stay as they are")), ("1", _("get what the file says"))),
        ),
    ]


def _page(
    request: HttpRequest,
    form: dict[str, Field],
    refused: Refused | None = None,
    view: ReportView | None = None,
) -> HttpResponse:
    form, said = told_at_its_field(form, refused, offered=form.keys(), now={})
    return pages.show(
        request,
        "web/host_import.html",
        section="hosts",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        text=form["text"],
        filename=form["filename"].value,
        inputs=_inputs(request, form),
        labels=labels_input(form["labels"], "rack=a", _("Labels for all, one a line: key=value")),
        view=view,
    )
