"""Which commits lie between two versions: read where they are known, else asked for once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages, saying
from slipway.interfaces.web.frame.choosing import choice_of_versions, searched
from slipway.interfaces.web.frame.words import size
from slipway.interfaces.web.shown.building import web_address
from slipway.records.catalog.operations.comparisons import request_comparison
from slipway.records.catalog.queries.build_lists import list_comparisons
from slipway.records.catalog.queries.services import get_service, get_version

if TYPE_CHECKING:
    from slipway.records.catalog.models import Comparison, Service, Version

ASKING, READY, UNKNOWN = "asking", "ready", "unknown"


@dataclass(frozen=True, slots=True)
class CommitView:
    id: str
    title: str
    author: str
    at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class ShownChanges:
    """What `head` has and `base` has not. `state` is asking, ready or unknown; `said` says why
    there is no list, or how long it is."""

    base: str
    head: str
    state: str
    said: str
    commits: tuple[CommitView, ...] = ()
    more: int = 0
    url: str = ""
    where: tuple[str, ...] = ()  # environments that run `base`


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions that are compared."""

    name: str
    commit: str
    ref: str
    created_at: datetime
    size: int
    sha256: str


Pair = tuple["Version", "Version"]


def changes_between(service: "Service", pairs: Iterable[Pair], now: datetime) -> list[ShownChanges]:
    """Return what lies between each pair (base, head) of a service's versions."""
    wanted = list(pairs)
    commits = [(base.commit, head.commit) for base, head in wanted]
    known = {(one.base, one.head): one for one in list_comparisons(service, commits)}
    found = []
    for base, head in wanted:
        comparison = known.get((base.commit, head.commit))
        if comparison is None:
            comparison = request_comparison(
                service=service, base=base.commit, head=head.commit, now=now
            )
        found.append(_changes(service, base, head, comparison))
    return found


@require_GET
@pages.answered
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Show what differs between two versions of a service."""
    service = get_service(name, asker(request))
    names = {side: request.GET.get(side, "").strip()[:128] for side in ("base", "head")}
    changes = base = head = None
    find = searched(request.GET.get("find", ""))
    versions = choice_of_versions(service, find, dict.fromkeys(names.values()))
    if all(names.values()):
        base, head = (get_version(service, names[side]) for side in ("base", "head"))
        changes = changes_between(service, [(base, head)], timezone.now())[0]
    return pages.show(
        request,
        "web/compare.html",
        section="services",
        service=service.name,
        chosen=names,
        versions=versions,
        names=[version.name for version in versions.listed],
        changes=changes,
        base=_side(base) if base else None,
        head=_side(head) if head else None,
        difference=_difference(base, head) if base and head else "",
    )


def _changes(
    service: "Service", base: "Version", head: "Version", comparison: "Comparison | None"
) -> ShownChanges:
    if comparison is None:
        return ShownChanges(base.name, head.name, UNKNOWN, _why_not(service, base, head))
    problem = saying.said(comparison.problem)
    if comparison.finished_at is None:
        return ShownChanges(base.name, head.name, ASKING, problem)
    if problem:
        said = _("The build server did not say: %(problem)s") % {"problem": problem}
        return ShownChanges(base.name, head.name, UNKNOWN, said)
    commits = tuple(map(_commit, comparison.commits))
    count = {"n": comparison.total}
    said = ngettext("%(n)s commit", "%(n)s commits", comparison.total) % count
    if not comparison.total:
        said = _("Nothing new: all of it is there already.")
    return ShownChanges(
        base=base.name,
        head=head.name,
        state=READY,
        said=said,
        commits=commits,
        more=max(0, comparison.total - len(commits)),
        url=web_address(comparison.url),
    )


def _why_not(service: "Service", base: "Version", head: "Version") -> str:
    for version in (base, head):
        if not version.commit:
            return _("The commit of %(version)s is not known.") % {"version": version.name}
    if base.commit == head.commit:
        return _("Both are made of the same commit.")
    return _("No build server builds %(service)s, so nobody can be asked.") % {
        "service": service.name
    }


def _commit(kept: dict[str, str]) -> CommitView:
    try:
        at = datetime.fromisoformat(kept["at"])
    except (KeyError, ValueError):
        at = None
    if at is not None and at.tzinfo is None:
        at = None
    url = web_address(kept.get("url", ""))
    return CommitView(kept.get("id", ""), kept.get("title", ""), kept.get("author", ""), at, url)


def _side(version: "Version") -> Side:
    package = version.package
    return Side(
        version.name,
        version.commit,
        version.ref,
        version.created_at,
        package.size if package else 0,
        package.sha256 if package else "",
    )


def _difference(base: "Version", head: "Version") -> str:
    """Return how much larger the package of `head` is, in words; "" where one has none."""
    if base.package is None or head.package is None:
        return ""
    if base.package.sha256 == head.package.sha256:
        return _("the same bytes")
    more = head.package.size - base.package.size
    sign = "−" if more < 0 else "+"
    part = f" ({more / base.package.size:+.1%})" if base.package.size else ""
    return f"{sign}{size(abs(more))}{part}"
