"""Finds services, hosts, rollouts and pages by what one types."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from slipway.core.finding.where import Term
from slipway.core.words.refusal import NotFound
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.documents.searching import search
from slipway.interfaces.web.documents.shelf import ADDRESS
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.finding import FIELD
from slipway.interfaces.web.frame.words import word
from slipway.interfaces.web.rollouts.history import may_deploy_anything
from slipway.records.catalog.queries.services import list_services
from slipway.records.fleet.queries import list_hosts
from slipway.records.rollouts.ask.queries import get_rollout
from slipway.records.rows.pages import Page, Row

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_MOST = 7  # of a kind
_LEAST = 2  # letters that documents are searched for
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Hit:
    label: str
    url: str
    icon: str
    kind: str


@require_GET
@pages.answered
def find(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    template = "web/find/hits.html" if request.headers.get("HX-Request") else "web/find.html"
    return pages.show(request, template, hits=list(_hits(asker(request), text)), q=text)


def _hits(actor: "Actor", text: str) -> Iterator[Hit]:
    yield from _rollout(actor, text.removeprefix("#"))
    services = list_services(actor, search=text, limit=_MOST)
    for service in services:
        yield Hit(service.name, f"/services/{service.name}", "services", _("service"))
    yield from _others(services, "services", _("Services"), text)
    hosts = list_hosts(actor, search=text, limit=_MOST)
    for host in hosts:
        yield Hit(host.name, f"/hosts/{host.name}", "hosts", _("host"))
    yield from _others(hosts, "hosts", _("Hosts"), text)
    for hit in _pages(actor):
        if text.lower() in hit.label.lower():
            yield hit
    yield from _documents(text)


def _documents(text: str) -> Iterator[Hit]:
    """Lead to what the documents say of it, where they do."""
    if len(text) < _LEAST or not (total := search(text, get_language() or "").total):
        return
    label = _("What the documents say of “%(text)s”") % {"text": text}
    kind = ngettext("%(total)s paragraph", "%(total)s paragraphs", total) % {"total": total}
    yield Hit(label, f"{ADDRESS}?{urlencode({'q': text})}", "book", kind)


def _others(found: Page[Row], section: str, kind: str, text: str) -> Iterator[Hit]:
    """Lead to those that are not among the first."""
    if more := found.total - len(found):
        label = ngettext("%(more)s more", "%(more)s more", more) % {"more": more}
        yield Hit(label, f"/{section}?{urlencode({FIELD: Term((text,)).text})}", section, kind)


def _rollout(actor: "Actor", text: str) -> Iterator[Hit]:
    if not (text.isascii() and text.isdigit() and int(text[:20]) < _LARGEST):
        return
    try:
        rollout = get_rollout(int(text), actor)
    except NotFound:
        return
    label = f"#{rollout.pk} {word(rollout.kind)} {rollout.service} · {rollout.environment}"
    yield Hit(label, f"/rollouts/{rollout.pk}", "rollouts", _("rollout"))


def _pages(actor: "Actor") -> Iterator[Hit]:
    page = _("page")
    if may_deploy_anything(actor):
        yield Hit(_("New rollout"), "/rollouts/new", "rollouts", page)
    yield Hit(_("Overview"), "/", "home", page)
    yield Hit(_("Services"), "/services", "services", page)
    yield Hit(_("Builds"), "/builds", "build", page)
    yield Hit(_("Build servers"), "/build-servers", "server", page)
    yield Hit(_("Rollouts"), "/rollouts", "rollouts", page)
    yield Hit(_("Hosts"), "/hosts", "hosts", page)
    yield Hit(_("Packages"), "/packages", "package", page)
    yield Hit(_("Audit"), "/audit", "audit", page)
    yield Hit(_("Documents"), ADDRESS, "book", page)
    yield Hit(_("Settings and tokens"), "/me", "key", page)
