"""The settings of how a service is built, and of how many of its packages are kept."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from slipway.core.words.documents import load
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.services.service import as_yaml
from slipway.interfaces.web.shown.how_built import how_built
from slipway.records.builds.build_facts import BuiltService
from slipway.records.catalog.operations.services import change_service
from slipway.records.catalog.queries.servers import list_servers
from slipway.records.catalog.queries.services import get_service
from slipway.records.rows.pages import whole

_LONGEST = 65_536
_TEXTS = ("server", "project", "default_ref", "build", "hook_secret", "forget_secret", "keep")


@dataclass(frozen=True, slots=True)
class BuildSettingsForm:
    """The fields as they were typed. A secret that is set comes back as nothing: "" keeps it."""

    server: str
    project: str
    default_ref: str
    build: str
    hook_secret: str = field(repr=False)
    forget_secret: str
    keep: str

    @classmethod
    def of(cls, service: BuiltService) -> "BuildSettingsForm":
        keep = service.keep_versions
        return cls(
            server=service.server,
            project=service.project,
            default_ref=service.default_ref,
            build=as_yaml(service.settings).strip(),
            hook_secret="",
            forget_secret="",
            keep="" if keep is None else str(keep),
        )


@require_http_methods(["GET", "POST"])
@pages.answered
def show_settings(request: HttpRequest, name: str) -> HttpResponse:
    """Show the form; a POST changes what differs from what is kept."""
    actor = asker(request)
    service = get_service(name, actor)
    actor.require(Action.MANAGE_SERVICE, service=service.name)
    built = BuiltService.of(service)
    kept = BuildSettingsForm.of(built)
    if request.method == "GET":
        typed = notes.take_typed(request)
        known = {name: typed[name] for name in _TEXTS if name in typed}
        return _page(request, built, replace(kept, **known))
    # A field that this person may not change is not sent: it stays.
    form = BuildSettingsForm(
        **{name: request.POST.get(name, getattr(kept, name)).strip()[:_LONGEST] for name in _TEXTS}
    )
    try:
        changes = _changes(form, kept)
        change_service(service=service, changes=changes, by=actor, now=timezone.now())
    except Refused as refused:
        return _page(request, BuiltService.of(get_service(name, actor)), form, refused)
    notes.leave_done(request, _("Kept. It holds for the next build."))
    return HttpResponseRedirect(f"/services/{service.name}")


def _changes(form: BuildSettingsForm, kept: BuildSettingsForm) -> dict[str, Any]:
    """Return what differs. Raises Invalid."""
    changes: dict[str, Any] = {}
    if form.server != kept.server:
        changes["build_server"] = form.server
    if form.project != kept.project:
        changes["build_project"] = form.project
    if form.default_ref != kept.default_ref:
        changes["default_ref"] = form.default_ref
    if form.build != kept.build:
        changes["build"] = _settings(form.build)
    if form.keep != kept.keep:
        changes["keep_versions"] = _count(form.keep)
    if form.hook_secret or form.forget_secret:
        changes["hook_secret"] = form.hook_secret
    return changes


def _settings(text: str) -> dict[str, Any]:
    """Return what was written as YAML, whose values are texts; limits are numbers."""
    settings = dict(load(text))
    for key in ("size_limit", "memory_limit", "process_limit"):
        limit = settings.get(key)
        if isinstance(limit, str) and limit.isascii() and limit.isdigit() and len(limit) < 10:
            settings[key] = int(limit)
    return settings


def _count(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("{given} is no number of versions.", given=f"“{text[:20]}”")
    return int(text)


def _page(
    request: HttpRequest,
    service: BuiltService,
    form: BuildSettingsForm,
    refused: Refused | None = None,
) -> HttpResponse:
    actor = asker(request)
    may_choose = actor.may(Action.MANAGE_SERVER)
    servers = [server.name for server in whole(list_servers)] if may_choose else []
    return pages.show(
        request,
        "web/build_settings.html",
        section="services",
        status=notes.status_of(refused) if refused else 200,
        notes=[notes.note_of(refused)] if refused else [],
        service=service.name,
        form=form,
        servers=servers,
        may_choose=may_choose,
        secret_is_set=service.has_secret,
        built=how_built(request, service, actor),
    )
