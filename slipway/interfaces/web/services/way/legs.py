"""What lies between two neighbours on the way of a service: commits, and the step from one to the
other or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.words.kinds import RolloutKind
from slipway.interfaces.web.services.locks import LockView
from slipway.interfaces.web.services.way.instances import Act, may_deploy, plan_address
from slipway.interfaces.web.shown.commits import ASKING, READY, ShownChanges, changes_between
from slipway.interfaces.web.shown.windows import WindowView
from slipway.interfaces.web.templatetags.marks import short

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.version_facts import NamedVersion
    from slipway.records.fleet.environment_facts import EnvironmentFacts
    from slipway.records.fleet.instance_facts import InstanceFacts
    from slipway.records.rollouts.ask.overview import Latest, ListedRollout


@dataclass(frozen=True, slots=True)
class WayLeg:
    """What lies before a stop: between it and the nearest one on its left where something runs.
    `said` is the distance, `act` the step along it, and `why` the reason why there is none."""

    base: str = ""
    said: str = ""
    compare: str = ""
    act: Act | None = None
    main: str = ""  # the same step, as the page's main action says it
    why: str = ""
    is_asking: bool = False


@dataclass(frozen=True, slots=True)
class WayPlace:
    """What is asked about one environment, once."""

    environment: "EnvironmentFacts"
    instances: "list[InstanceFacts]"
    versions: "list[NamedVersion]"  # the commonest first
    active: "ListedRollout | None"
    latest: "Latest | None"
    lock: LockView | None
    closed: WindowView | None


def commits_between(
    service: str, pairs: "Sequence[tuple[WayPlace | None, WayPlace]]", now: datetime
) -> dict[tuple[str, str], ShownChanges]:
    """Return what lies between neighbours whose commits are known and differ."""
    versions = [(b.versions[0], a.versions[0]) for a, b in pairs if a and b.versions]
    known = [(b, a) for b, a in dict.fromkeys(versions) if a.commit and b.commit]
    asked = [(b, a) for b, a in known if a.commit != b.commit and a.created_at >= b.created_at]
    return {(one.base, one.head): one for one in changes_between(service, asked, now)}


def leg_of(
    service: str,
    source: WayPlace,
    target: WayPlace,
    changes: dict[tuple[str, str], ShownChanges],
    held: set[tuple[str, str]],
    actor: "Actor",
) -> WayLeg:
    """Return what lies between two neighbours; `held`: environments and versions that are
    withdrawn there."""
    head, base = source.versions[0], target.versions[0] if target.versions else None
    if head == base and len(target.versions) == 1:
        return WayLeg(said=_("in step"))
    found = changes.get((base.name, head.name)) if base else None
    addresses = {"base": base.name, "head": head.name} if base and head != base else {}
    is_known = bool(addresses) and bool(head.commit and base and base.commit)
    why = _why_not(source, target, held, actor, service)
    return WayLeg(
        base=source.environment.name,
        said=_distance(head, base, found),
        compare=f"/services/{service}/compare?{urlencode(addresses)}" if is_known else "",
        act=None if why else _step(service, head, target),
        main="" if why else _said_whole(head, target),
        why=why,
        is_asking=found is not None and found.state == ASKING,
    )


def _distance(head: "NamedVersion", base: "NamedVersion | None", found: ShownChanges | None) -> str:
    if base is None or head == base:
        return ""
    if head.created_at < base.created_at:
        return _("is ahead")
    if head.commit and head.commit == base.commit:
        return _("same commit")
    return found.said if found is not None and found.state == READY else _("compare")


def _why_not(
    source: WayPlace,
    target: WayPlace,
    held: set[tuple[str, str]],
    actor: "Actor",
    service: str,
) -> str:
    """Return why the version of `source` is not brought to `target` now; "" where it may be."""
    head, there = source.versions[0], target.environment
    version = {"version": short(head.name)}
    if target.active is not None:
        return _("A rollout is under way.")
    for place in (source.environment, there):
        if (place.name, head.name) in held:
            return _("%(version)s is withdrawn in %(environment)s.") % {
                **version,
                "environment": place.name,
            }
    if len(source.versions) > 1:
        return _("%(environment)s runs more than one version.") % {
            "environment": source.environment.name
        }
    if target.versions and head.created_at < target.versions[0].created_at:
        return _("%(environment)s has a later version.") % {"environment": there.name}
    return _why_closed(target, actor, service)


def _why_closed(target: WayPlace, actor: "Actor", service: str) -> str:
    name = {"environment": target.environment.name}
    if not may_deploy(actor, service, target.environment.name):
        return _("You may not release to %(environment)s.") % name
    if target.lock is not None and target.lock.is_a_persons and target.lock.is_anothers:
        return _("%(environment)s is locked by %(holder)s.") % {
            **name,
            "holder": target.lock.holder,
        }
    if target.closed is not None:
        return _("%(environment)s is closed to new releases now.") % name
    if target.environment.approvals_needed:
        return _("%(environment)s asks for approvals, which cannot be given yet.") % name
    return ""


def _step(service: str, head: "NamedVersion", target: WayPlace) -> Act:
    url = plan_address(
        kind=RolloutKind.UPGRADE if target.instances else RolloutKind.DEPLOY,
        service=service,
        environment=target.environment.name,
        version=head.name,
    )
    return Act(_("Promote to %(environment)s") % {"environment": target.environment.name}, "", url)


def _said_whole(head: "NamedVersion", target: WayPlace) -> str:
    values = {"version": short(head.name), "environment": target.environment.name}
    count = sum(each.version != head for each in target.instances)
    if not count:
        return _("Bring %(version)s to %(environment)s…") % values
    text = ngettext(
        "Promote %(version)s to %(n)s instance in %(environment)s…",
        "Promote %(version)s to %(n)s instances in %(environment)s…",
        count,
    )
    return text % {**values, "n": count}
