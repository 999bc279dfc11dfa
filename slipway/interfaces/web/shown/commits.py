"""Which commits lie between two versions: read where they are known, else asked for once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.core.builds.seen import Commit
from slipway.core.release.steps import PackageRef
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages, saying
from slipway.interfaces.web.frame.choosing import choice_of_versions, searched
from slipway.interfaces.web.frame.words import size
from slipway.interfaces.web.shown.building import web_address
from slipway.records.builds.operations.comparisons import AskedChanges, ask_for_changes
from slipway.records.catalog.queries.services import get_service, get_version, uploaded_package
from slipway.records.catalog.version_facts import NamedVersion

ASKING, READY, UNKNOWN = "asking", "ready", "unknown"


@dataclass(frozen=True, slots=True)
class ShownChanges:
    """What `head` has and `base` has not. `state` is asking, ready or unknown; `said` says why
    there is no list, or how long it is."""

    base: str
    head: str
    state: str
    said: str
    commits: tuple[Commit, ...] = ()
    more: int = 0
    url: str = ""
    where: tuple[str, ...] = ()  # environments that run `base`


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions that are compared."""

    version: NamedVersion
    ref: str
    package: PackageRef | None


Pair = tuple[NamedVersion, NamedVersion]


def changes_between(service: str, pairs: Iterable[Pair], now: datetime) -> list[ShownChanges]:
    """Return what lies between each pair (base, head) of a service's versions."""
    wanted = list(pairs)
    known = ask_for_changes(service, [(base.commit, head.commit) for base, head in wanted], now)
    return [_changes(service, a, b, known.get((a.commit, b.commit))) for a, b in wanted]


@require_GET
@pages.answered
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Show what differs between two versions of a service."""
    service = get_service(name, asker(request))
    names = {side: request.GET.get(side, "").strip()[:128] for side in ("base", "head")}
    changes = base = head = None
    find = searched(request.GET.get("find", ""))
    versions = choice_of_versions(service.name, find, dict.fromkeys(names.values()))
    if all(names.values()):
        found = (get_version(service, names[side]) for side in ("base", "head"))
        base, head = (Side(NamedVersion.of(v), v.ref, uploaded_package(v)) for v in found)
        pair = (base.version, head.version)
        changes = changes_between(service.name, [pair], timezone.now())[0]
    return pages.show(
        request,
        "web/compare.html",
        section="services",
        service=service.name,
        chosen=names,
        versions=versions,
        names=versions.listed,
        changes=changes,
        base=base,
        head=head,
        difference=_difference(base.package, head.package) if base and head else "",
    )


def _changes(
    service: str, base: NamedVersion, head: NamedVersion, asked: AskedChanges | None
) -> ShownChanges:
    if asked is None:
        return ShownChanges(base.name, head.name, UNKNOWN, _why_not(service, base, head))
    problem, found = saying.said(asked.problem), asked.found
    if not asked.is_over:
        return ShownChanges(base.name, head.name, ASKING, problem)
    if problem:
        said = _("The build server did not say: %(problem)s") % {"problem": problem}
        return ShownChanges(base.name, head.name, UNKNOWN, said)
    said = ngettext("%(n)s commit", "%(n)s commits", found.total) % {"n": found.total}
    if not found.total:
        said = _("Nothing new: all of it is there already.")
    return ShownChanges(
        base=base.name,
        head=head.name,
        state=READY,
        said=said,
        commits=tuple(replace(each, url=web_address(each.url)) for each in found.commits),
        more=max(0, found.total - len(found.commits)),
        url=web_address(found.url),
    )


def _why_not(service: str, base: NamedVersion, head: NamedVersion) -> str:
    for version in (base, head):
        if not version.commit:
            return _("The commit of %(version)s is not known.") % {"version": version.name}
    if base.commit == head.commit:
        return _("Both are made of the same commit.")
    return _("No build server builds %(service)s, so nobody can be asked.") % {"service": service}


def _difference(base: PackageRef | None, head: PackageRef | None) -> str:
    """Return how much larger the package `head` is, in words; "" where one has none."""
    if base is None or head is None:
        return ""
    if base.sha256 == head.sha256:
        return _("the same bytes")
    more = head.size - base.size
    sign = "−" if more < 0 else "+"
    part = f" ({more / base.size:+.1%})" if base.size else ""
    return f"{sign}{size(abs(more))}{part}"
