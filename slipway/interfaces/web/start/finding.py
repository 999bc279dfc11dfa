"""Finds services, hosts, rollouts and pages by what one types, as lists are asked, and what can be
done with what it found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from slipway.core.finding.listings import HOSTS, ROLLOUTS, SERVICES, Listing
from slipway.core.words.refusal import Invalid, NotFound
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.documents.searching import search
from slipway.interfaces.web.documents.shelf import ADDRESS
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.finding import FIELD
from slipway.interfaces.web.frame.notes import Note, note_of
from slipway.interfaces.web.frame.words import word
from slipway.interfaces.web.rollouts.history import may_deploy_anything
from slipway.interfaces.web.start.deeds import (
    Deed,
    deeds_of_host,
    deeds_of_rollout,
    deeds_of_service,
)
from slipway.records.fleet.queries import find_hosts
from slipway.records.rollouts.ask.overview import find_services
from slipway.records.rollouts.ask.queries import find_rollouts, get_rollout
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import Bookmark, Stretch

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
    hits, why = list(_hits(asker(request), text)), _why_not(text)
    return pages.show(request, template, hits=hits, why=why, q=text)


def _why_not(text: str) -> Note | None:
    """Return why no list understands what was typed; None where one does."""
    refused = None
    for each in _LISTS:
        try:
            Asking.typed(text, each.listing, timezone.localtime())
        except Invalid as found:
            refused = refused or found
        else:
            return None
    return note_of(refused) if refused else None


def _hits(actor: "Actor", text: str) -> Iterator[Hit | Deed]:
    yield from _rollout(actor, text.removeprefix("#"))
    services, hosts, rollouts = (_found(actor, text, each) for each in _LISTS)
    yield from _of_list(services, "services", _("service"), _("Services"))
    yield from _of_list(hosts, "hosts", _("host"), _("Hosts"))
    yield from _of_rollouts(rollouts)
    yield from _deeds(actor, services, hosts, rollouts)
    for hit in _pages(actor):
        if text.lower() in hit.label.lower():
            yield hit
    yield from _documents(text)


@dataclass(frozen=True, slots=True)
class _List:
    listing: Listing
    find: Callable[..., Stretch[Any]]
    is_asked_by_words: bool = True


_LISTS = (
    _List(SERVICES, find_services),
    _List(HOSTS, find_hosts),
    _List(ROLLOUTS, find_rollouts, is_asked_by_words=False),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """The first of a list that were found; `asked` is what was asked of it."""

    rows: Sequence[Any] = ()
    total: int = 0
    asked: str = ""

    @property
    def only(self) -> Any:
        """The one that there is; None for none and for several."""
        return self.rows[0] if self.total == 1 else None


def _found(actor: "Actor", text: str, of: _List) -> _Found:
    """Return what a list has of it; nothing where its fields are not those of that list."""
    try:
        asking = Asking.typed(text, of.listing, timezone.localtime(), actor.name)
    except Invalid:
        return _Found()
    is_words = not asking.where.span and all(not term.field for term in asking.where.terms)
    if is_words and not of.is_asked_by_words:
        return _Found()
    rows = of.find(actor, asking, _MOST, Bookmark())
    return _Found(list(rows), rows.total, asking.where.text)


def _of_list(found: _Found, section: str, kind: str, kinds: str) -> Iterator[Hit]:
    for row in found.rows:
        yield Hit(row.name, f"/{section}/{row.name}", section, kind)
    yield from _others(found, section, kinds)


def _of_rollouts(found: _Found) -> Iterator[Hit]:
    yield from (_hit_of(rollout) for rollout in found.rows)
    yield from _others(found, "rollouts", _("Rollouts"))


def _hit_of(rollout: Any) -> Hit:
    label = f"#{rollout.pk} {word(rollout.kind)} {rollout.service} · {rollout.environment}"
    return Hit(label, f"/rollouts/{rollout.pk}", "rollouts", word(rollout.state))


def _deeds(actor: "Actor", services: _Found, hosts: _Found, rollouts: _Found) -> Iterator[Deed]:
    """Offer what can be done with what is found alone of its kind."""
    if services.only:
        yield from deeds_of_service(services.only.name, actor)
    if hosts.only:
        yield from deeds_of_host(hosts.only.name, actor)
    if rollouts.only:
        yield from deeds_of_rollout(rollouts.only.pk, actor)


def _documents(text: str) -> Iterator[Hit]:
    """Lead to what the documents say of it, where they do."""
    if len(text) < _LEAST or not (total := search(text, get_language() or "").total):
        return
    label = _("What the documents say of “%(text)s”") % {"text": text}
    kind = ngettext("%(total)s paragraph", "%(total)s paragraphs", total) % {"total": total}
    yield Hit(label, f"{ADDRESS}?{urlencode({'q': text})}", "book", kind)


def _others(found: _Found, section: str, kinds: str) -> Iterator[Hit]:
    """Lead to those that are not among the first."""
    if more := found.total - len(found.rows):
        label = ngettext("%(more)s more", "%(more)s more", more) % {"more": more}
        asked = f"?{urlencode({FIELD: found.asked})}" if found.asked else ""
        yield Hit(label, f"/{section}{asked}", section, kinds)


def _rollout(actor: "Actor", text: str) -> Iterator[Hit | Deed]:
    if not (text.isascii() and text.isdigit() and int(text[:20]) < _LARGEST):
        return
    try:
        rollout = get_rollout(int(text), actor)
    except NotFound:
        return
    yield _hit_of(rollout)
    yield from deeds_of_rollout(rollout.pk, actor)


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
