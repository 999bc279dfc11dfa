"""Where a version could go next, and what would come with it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.core.words.kinds import RolloutKind
from slipway.interfaces.web.services.way.instances import Act, may_deploy, plan_address
from slipway.interfaces.web.shown.commits import ShownChanges, changes_between
from slipway.interfaces.web.templatetags.marks import short
from slipway.records.rollouts.histories.passages import get_later_version

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.version_facts import NamedVersion
    from slipway.records.fleet.instance_facts import InstanceFacts
    from slipway.records.rollouts.ask.overview import Overview


def changes_since(
    service: str,
    version: "NamedVersion",
    environments: Iterable[str],
    overview: "Overview",
    now: datetime,
) -> list[ShownChanges]:
    """Return what `version` has and what runs in each environment has not; environments that run
    the same share one entry. Empty for a version whose commit nobody knows."""
    if not version.commit:
        return []
    running: dict[NamedVersion, dict[str, None]] = {}
    for environment in environments:
        for instance in overview.instances.get((service, environment), ()):
            if instance.version is not None and instance.version != version:
                running.setdefault(instance.version, {})[environment] = None
    found = changes_between(service, [(there, version) for there in running], now)
    return [
        replace(one, where=tuple(names)) for one, names in zip(found, running.values(), strict=True)
    ]


def steps_of(
    service: str,
    version: "NamedVersion",
    actor: "Actor",
    environments: Sequence[str],
    overview: "Overview",
    withdrawn_in: Collection[str] = (),
) -> list[Act]:
    """Return where `actor` may take a version that can go, as links to plans; the next environment
    of the service after the last one that runs it stands out. Where it is withdrawn a later one
    does instead."""
    if withdrawn_in:
        return _instead(service, version, actor, environments, overview, withdrawn_in)
    last = max(
        (
            number
            for number, environment in enumerate(environments)
            if any(i.version == version for i in overview.instances.get((service, environment), ()))
        ),
        default=-1,
    )
    first = environments[0] if last < 0 and environments else ""
    following = first or _following(service, version, environments[last + 1 :], overview)
    # From where nothing of it runs nobody is promoted.
    goes = _("Release to %(environment)s") if last < 0 else _("Promote to %(environment)s")
    return _open_steps(service, version, actor, environments, overview, (following, goes))


def _following(
    service: str, version: "NamedVersion", environments: Sequence[str], overview: "Overview"
) -> str:
    """Return the nearest of `environments` where the service runs, or the nearest at all where it
    runs in none; "" where what runs there is newer already."""
    used = [name for name in environments if overview.instances.get((service, name))]
    nearest = next(iter(used or environments), "")
    there = [each.version for each in overview.instances.get((service, nearest), ())]
    newer = any(each is not None and each.created_at > version.created_at for each in there)
    return "" if newer else nearest


def _instead(
    service: str,
    version: "NamedVersion",
    actor: "Actor",
    environments: Sequence[str],
    overview: "Overview",
    withdrawn_in: Collection[str],
) -> list[Act]:
    """Offer the newest later version where this one is withdrawn; else it may go as before."""
    acts = _open_steps(service, version, actor, environments, overview)
    for environment in reversed(environments):
        if environment not in withdrawn_in or not may_deploy(actor, service, environment):
            continue
        later = get_later_version(service, version, environment)
        instances = overview.instances.get((service, environment), [])
        if later is not None and not _is_everywhere(later, instances):
            values = {"version": short(later.name), "environment": environment}
            label = _("Release %(version)s to %(environment)s instead…") % values
            there = bool(instances)
            return [_act(service, later, environment, label, is_there=there, is_main=True), *acts]
    return acts


def _open_steps(
    service: str,
    version: "NamedVersion",
    actor: "Actor",
    environments: Sequence[str],
    overview: "Overview",
    following: tuple[str, str] = ("", ""),
) -> list[Act]:
    """Return the steps to environments; `following` is the one that stands out, and its label."""
    acts = []
    for environment in environments:
        instances = overview.instances.get((service, environment), [])
        is_there = bool(instances) and _is_everywhere(version, instances)
        if may_deploy(actor, service, environment) and not is_there:
            is_main = environment == following[0]
            label = following[1] if is_main else _("To %(environment)s")
            said = label % {"environment": environment}
            there = bool(instances)
            acts.append(_act(service, version, environment, said, is_there=there, is_main=is_main))
    return acts


def _is_everywhere(version: "NamedVersion", instances: "Iterable[InstanceFacts]") -> bool:
    return all(each.version == version for each in instances)


def _act(
    service: str,
    version: "NamedVersion",
    environment: str,
    label: str,
    *,
    is_there: bool,
    is_main: bool,
) -> Act:
    url = plan_address(
        kind=RolloutKind.UPGRADE if is_there else RolloutKind.DEPLOY,
        service=service,
        environment=environment,
        version=version.name,
    )
    return Act(label, "rollouts", url, "primary" if is_main else "")
