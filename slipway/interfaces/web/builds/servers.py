"""Build servers: which there are, how they are reached, whether they work, what they told us."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from slipway.core.builds.orders import ServerKind
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.shown.deliveries import delivery_row
from slipway.interfaces.web.shown.how_built import kind_name
from slipway.records.builds.queries.builds import DeliveryFacts, list_deliveries
from slipway.records.catalog.operations.servers import (
    change_server,
    create_server,
    delete_server,
    request_server_check,
)
from slipway.records.catalog.queries.servers import (
    ServerCheckFacts,
    ServerFacts,
    count_services_of_servers,
    get_server,
    get_server_check,
    list_servers,
)
from slipway.records.rows.pages import whole

_LONGEST = 300_000
_SECRETS = ("credential", "hook_secret")
_FORGET = "forget_"  # before a secret's name: the box that takes it away
_LINES = ("package_bases",)


@dataclass(frozen=True, slots=True)
class ServerForm:
    """The fields as they were typed; secrets are never in it."""

    name: str = ""
    kind: str = ServerKind.GITLAB.value
    base_url: str = ""
    username: str = ""
    ca_certificate: str = ""
    proxy: str = ""
    package_bases: str = ""

    @classmethod
    def read(cls, request: HttpRequest) -> "ServerForm":
        names = (field.name for field in fields(cls))
        return cls(**{name: pages.typed(request, name)[:_LONGEST] for name in names})

    def with_typed(self, request: HttpRequest) -> "ServerForm":
        """Return it with what was typed before somebody had to sign in again."""
        typed = notes.take_typed(request)
        known = asdict(self).keys() & typed.keys()
        return replace(self, **{name: typed[name] for name in known})

    @classmethod
    def of(cls, server: ServerFacts) -> "ServerForm":
        return cls(
            server.name,
            server.kind,
            server.base_url,
            server.username,
            server.ca_certificate.strip(),
            server.proxy,
            "\n".join(server.package_bases),
        )


@dataclass(frozen=True, slots=True)
class ServerRow:
    name: str
    kind: str
    address: str
    services: int
    has_credential: bool
    has_secret: bool
    updated_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class FindingView:
    what: str
    works: bool
    hint: str


@require_GET
@pages.answered
def show_servers(request: HttpRequest) -> HttpResponse:
    """List them: by name for whoever has a role, with all else for who manages them."""
    actor = asker(request)
    may_manage = actor.may(Action.MANAGE_SERVER)
    servers = whole(list_servers) if actor.rights else []
    counts = count_services_of_servers() if may_manage else {}
    offset = (pages.page_number(request) - 1) * pages.PAGE
    deliveries = list_deliveries(actor, limit=pages.PAGE, offset=offset)
    return pages.show(
        request,
        "web/servers.html",
        section="builds",
        rows=[_row(ServerFacts.of(server), counts.get(server.pk, 0)) for server in servers],
        may_manage=may_manage,
        deliveries=[delivery_row(DeliveryFacts.of(delivery)) for delivery in deliveries],
        pages=pages.pages_of(request, deliveries.total),
    )


@require_http_methods(["GET", "POST"])
@pages.answered
def add_server(request: HttpRequest) -> HttpResponse:
    actor = asker(request)
    actor.require(Action.MANAGE_SERVER)
    if request.method == "GET":
        return _page(request, ServerForm().with_typed(request))
    form = ServerForm.read(request)
    try:
        server = create_server(
            name=form.name,
            kind=form.kind,
            by=actor,
            now=timezone.now(),
            **{name: value for name, value in _values(form).items() if value},
            **_secrets(request),
        )
    except Refused as refused:
        return _page(request, form, refused=refused)
    return HttpResponseRedirect(f"/build-servers/{server.name}")


@require_http_methods(["GET", "POST"])
@pages.answered
def show_server(request: HttpRequest, name: str) -> HttpResponse:
    """Show one with its form; a POST changes what differs."""
    actor = asker(request)
    actor.require(Action.MANAGE_SERVER)
    server = get_server(name)
    known = ServerFacts.of(server)
    kept = ServerForm.of(known)
    if request.method == "GET":
        return _page(request, kept.with_typed(request), known)
    form = ServerForm.read(request)
    before = _values(kept)
    changes = {key: value for key, value in _values(form).items() if value != before[key]}
    try:
        change_server(
            server=server,
            changes=changes | _secrets(request),
            by=actor,
            now=timezone.now(),
        )
    except Refused as refused:
        return _page(request, form, ServerFacts.of(get_server(name)), refused)
    notes.leave_done(request, _("Kept. Test it now."))
    return HttpResponseRedirect(f"/build-servers/{name}")


@require_POST
@pages.answered
def delete(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    actor.require(Action.MANAGE_SERVER)
    server = get_server(name)
    try:
        delete_server(server=server, by=actor, now=timezone.now())
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        return HttpResponseRedirect(f"/build-servers/{name}")
    notes.leave_done(request, _("The build server %(name)s is removed.") % {"name": name})
    return HttpResponseRedirect("/build-servers")


@require_POST
@pages.answered
def test(request: HttpRequest, name: str) -> HttpResponse:
    """Have a worker see whether it works; the page shows what it finds."""
    actor = asker(request)
    actor.require(Action.MANAGE_SERVER)
    server, project = get_server(name), pages.typed(request, "project")
    try:
        check = request_server_check(server=server, project=project, by=actor, now=timezone.now())
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        return HttpResponseRedirect(f"/build-servers/{name}?{urlencode({'project': project})}#test")
    return HttpResponseRedirect(f"/build-servers/{name}?check={check.pk}#test")


@require_GET
@pages.answered
def show_check(request: HttpRequest, check: UUID) -> HttpResponse:
    """Show what a test has found so far, for the page that waits for it."""
    asker(request).require(Action.MANAGE_SERVER)
    return pages.show(request, "web/server/check.html", check=_check(get_server_check(check)))


def _page(
    request: HttpRequest,
    form: ServerForm,
    server: ServerFacts | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    return pages.show(
        request,
        "web/server.html",
        section="builds",
        status=notes.status_of(refused) if refused else 200,
        notes=[notes.note_of(refused)] if refused else [],
        form=asdict(form),
        kinds=[(kind.value, kind_name(kind)) for kind in ServerKind],
        server=_row(server, 0) if server else None,
        project=request.GET.get("project", "")[:1024],
        check=_check_of(request, server),
    )


def _check_of(request: HttpRequest, server: ServerFacts | None) -> dict[str, Any] | None:
    try:
        check = get_server_check(UUID(request.GET.get("check", "")))
    except (ValueError, Refused):
        return None
    return _check(check) if server and check.server == server.name else None


def _check(check: ServerCheckFacts) -> dict[str, Any]:
    return {
        "id": check.id,
        "project": check.project,
        "is_over": check.is_over,
        "is_taken": check.is_taken,
        "works": check.works,
        "requested_at": check.requested_at,
        "findings": [
            FindingView(said(found), works, said_hint(found)) for found, works in check.found
        ],
    }


def _values(form: ServerForm) -> dict[str, Any]:
    """Return the fields as the operation takes them."""
    values: dict[str, Any] = asdict(form)
    del values["name"], values["kind"]
    for name in _LINES:
        values[name] = values[name].split()
    return values


def _secrets(request: HttpRequest) -> dict[str, str]:
    """Return the secrets that were given, or are to be forgotten; nothing keeps them."""
    given = {name: request.POST.get(name, "")[:_LONGEST] for name in _SECRETS}
    return {
        name: value for name, value in given.items() if value or request.POST.get(_FORGET + name)
    }


def _row(server: ServerFacts, services: int) -> ServerRow:
    return ServerRow(
        server.name,
        kind_name(server.kind),
        server.base_url,
        services,
        server.credential_set,
        server.hook_secret_set,
        server.updated_at,
        server.updated_by,
    )
