"""All builds; one of them by its number; the form of a new one; ending and taking them."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from slipway.core.builds.settings import parse_build
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.core.words.versions import VersionStatus
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.builds import build_log
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.shown.building import row_of_build
from slipway.records.builds.build_facts import BuildFacts, BuiltService
from slipway.records.builds.operations.builds import cancel_build, request_build, take_late_success
from slipway.records.builds.queries.builds import get_build, get_log
from slipway.records.builds.queries.lists import list_builds_shown, list_builds_under_way
from slipway.records.catalog.queries.services import get_service

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_STATUSES = {status.word: status for status in VersionStatus}
_TEXTS = ("ref", "commit", "variables", "description", "force", "once")
_ONCE = re.compile(r"[0-9a-f]{32}")
_LONGEST = 65_536  # characters of all variables together


@dataclass(frozen=True, slots=True)
class BuildForm:
    """The fields as they were typed. `once` makes that a form that is sent twice is one build."""

    ref: str
    commit: str
    variables: str
    description: str
    force: str
    once: str


@require_GET
@pages.answered
def show_builds(request: HttpRequest) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    service, status = request.GET.get("service", "").strip()[:64], request.GET.get("status", "")
    builds = list_builds_shown(
        actor,
        service=service,
        status=_STATUSES.get(status),
        limit=pages.PAGE,
        offset=(pages.page_number(request) - 1) * pages.PAGE,
    )
    is_plain = not (service or status) and pages.page_number(request) == 1
    return pages.show(
        request,
        "web/builds.html",
        section="builds",
        rows=[row_of_build(BuildFacts.of(build), now) for build in builds],
        running=[row_of_build(b, now) for b in list_builds_under_way(actor)] if is_plain else [],
        total=ngettext("%(n)s build", "%(n)s builds", builds.total) % {"n": builds.total},
        filters={"service": service, "status": status},
        filtered=bool(service or status),
        statuses=list(_STATUSES),
        pages=pages.pages_of(request, builds.total),
    )


@require_GET
@pages.answered
def show_build(request: HttpRequest, build_id: int) -> HttpResponse:
    """Lead to the version that the build makes: its name changes when its commit is known."""
    version = get_build(build_id, asker(request)).version
    return HttpResponseRedirect(f"/services/{version.service.name}/versions/{version.name}")


@require_GET
def show_log(request: HttpRequest, build_id: int) -> HttpResponse:
    """Answer with the lines from the character `start` on, as JSON for the page that follows."""
    try:
        read = partial(get_log, get_build(build_id, asker(request)))
    except Refused as refused:
        return JsonResponse(
            {"message": notes.note_of(refused).message}, status=notes.status_of(refused)
        )
    start = pages.number_of(request.GET.get("start", ""))
    line = pages.number_of(request.GET.get("line", "")) or build_log.line_at(read, start)
    lines = build_log.read_on(read, start, line)
    answer = JsonResponse(
        {
            "lines": [{"number": row.number, "parts": row.parts} for row in lines.rows],
            "next": lines.next,
            "line": lines.line,
            "over": lines.is_over,
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
@pages.answered
def new_build(request: HttpRequest, name: str) -> HttpResponse:
    """Show the form of a build; a POST has it built and leads to its version."""
    actor = asker(request)
    service = get_service(name, actor)
    actor.require(Action.BUILD, service=service.name)
    if request.method == "GET":
        form = BuildForm(
            request.GET.get("ref", "")[:255] or service.default_ref,
            request.GET.get("commit", "")[:64],
            "",
            "",
            "",
            secrets.token_hex(16),
        )
        typed = notes.take_typed(request)
        form = replace(form, **{name: typed[name] for name in _TEXTS if name in typed})
        return _page(request, BuiltService.of(service), form)
    form = BuildForm(**{name: pages.typed(request, name)[:_LONGEST] for name in _TEXTS})
    try:
        build = request_build(
            service=service,
            by=actor,
            now=timezone.now(),
            ref=form.ref,
            commit=form.commit,
            variables=read_variables(form.variables),
            description=form.description,
            force=bool(form.force),
            correlation=_correlation(form.once, service.pk, actor),
        )
    except Refused as refused:
        return _page(request, BuiltService.of(service), form, refused)
    return HttpResponseRedirect(f"/builds/{build.pk}")


@require_POST
@pages.answered
def cancel(request: HttpRequest, build_id: int) -> HttpResponse:
    actor = asker(request)
    build = get_build(build_id, actor)
    return pages.attempt(
        request,
        lambda: cancel_build(build=build, by=actor, now=timezone.now()),
        back=f"/builds/{build.pk}",
    )


@require_POST
@pages.answered
def take(request: HttpRequest, build_id: int) -> HttpResponse:
    """Take a success that came late; leads to the new version."""
    actor = asker(request)
    build = get_build(build_id, actor)
    try:
        taken = take_late_success(build=build, by=actor, now=timezone.now())
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        taken = build
    return HttpResponseRedirect(f"/builds/{taken.pk}")


def read_variables(text: str) -> dict[str, str]:
    """Return the variables written as lines of NAME=value. Raises Invalid."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals:
            raise Invalid(
                "“{line}” is no variable.", hint="Write NAME=value, one a line.", line=line[:80]
            )
        found[name.strip()] = value.strip()
    return found


def _page(
    request: HttpRequest, service: BuiltService, form: BuildForm, refused: Refused | None = None
) -> HttpResponse:
    why_not = _("Nobody builds it: name a build server and a project first.")
    return pages.show(
        request,
        "web/build.html",
        section="services",
        status=notes.status_of(refused) if refused else 200,
        notes=[notes.note_of(refused)] if refused else [],
        service=service.name,
        form=form,
        server=service.server,
        project=service.project,
        declared=_declared(service.settings),
        blocked="" if service.server else why_not,
        may_manage=asker(request).may(Action.MANAGE_SERVICE, service=service.name),
    )


def _declared(build: Mapping[str, Any]) -> str:
    try:
        return ", ".join(sorted(parse_build(build).declared))
    except Invalid:  # of an earlier release; the building itself says so
        return ""


def _correlation(once: str, service: int, actor: "Actor") -> str:
    # With names of our own before it: nobody meets somebody else's build by sending its word.
    person = actor.user.pk if actor.user else 0
    return f"web-{service}-{person}-{once}" if _ONCE.fullmatch(once) else ""
