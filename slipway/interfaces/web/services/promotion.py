"""Where a version could go next, and what would come with it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.versions import VersionStatus
from slipway.interfaces.web.services.way.instances import Act, may_deploy, plan_address
from slipway.interfaces.web.shown.commits import ShownChanges, changes_between
from slipway.interfaces.web.templatetags.marks import short
from slipway.records.rollouts.histories.passages import get_later_version

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.models import Version
    from slipway.records.fleet.models import Environment, Instance
    from slipway.records.rollouts.ask.overview import Overview


def changes_since(
    version: "Version",
    environments: "Iterable[Environment]",
    overview: "Overview",
    now: datetime,
) -> list[ShownChanges]:
    """Return what `version` has and what runs in each environment has not; environments that run
    the same share one entry. Empty for a version whose commit nobody knows."""
    if not version.commit:
        return []
    running: dict[int, tuple[Version, list[str]]] = {}
    for environment in environments:
        for instance in _instances(version, environment, overview):
            there = instance.version
            if there is None or there.pk == version.pk:
                continue
            names = running.setdefault(there.pk, (there, []))[1]
            if environment.name not in names:
                names.append(environment.name)
    pairs = [(there, version) for there, _names in running.values()]
    found = changes_between(version.service, pairs, now)
    return [
        replace(one, where=tuple(names))
        for one, (_there, names) in zip(found, running.values(), strict=True)
    ]


def steps_of(
    version: "Version",
    actor: "Actor",
    environments: "Sequence[Environment]",
    overview: "Overview",
    withdrawn_in: Collection[str] = (),
) -> list[Act]:
    """Return where `actor` may take the version, as links to plans; the next environment after
    the last one that runs it stands out. Where it is withdrawn a later one stands out instead."""
    if not _can_go(version):
        return []
    if withdrawn_in:
        return _instead(version, actor, environments, overview, withdrawn_in)
    last = max(
        (
            number
            for number, environment in enumerate(environments)
            if any(i.version_id == version.pk for i in _instances(version, environment, overview))
        ),
        default=-1,
    )
    return _open_steps(version, actor, environments, overview, last + 1)


def _instead(
    version: "Version",
    actor: "Actor",
    environments: "Sequence[Environment]",
    overview: "Overview",
    withdrawn_in: Collection[str],
) -> list[Act]:
    """Offer the newest later version where this one is withdrawn; else it may go as before."""
    acts = _open_steps(version, actor, environments, overview, -1)
    for environment in reversed(environments):
        if environment.name not in withdrawn_in or not may_deploy(
            actor, version.service, environment
        ):
            continue
        later = get_later_version(version, environment)
        instances = _instances(version, environment, overview)
        if later is not None and not all(i.version_id == later.pk for i in instances):
            values = {"version": short(later.name), "environment": environment.name}
            label = _("Release %(version)s to %(environment)s instead…") % values
            first = _act(later, environment, bool(instances), is_next=True)
            return [replace(first, label=label), *acts]
    return acts


def _open_steps(
    version: "Version",
    actor: "Actor",
    environments: "Sequence[Environment]",
    overview: "Overview",
    following: int,
) -> list[Act]:
    acts = []
    for number, environment in enumerate(environments):
        if not may_deploy(actor, version.service, environment):
            continue
        instances = _instances(version, environment, overview)
        if instances and all(instance.version_id == version.pk for instance in instances):
            continue
        acts.append(_act(version, environment, bool(instances), is_next=number == following))
    return acts


def _act(version: "Version", environment: "Environment", is_there: bool, *, is_next: bool) -> Act:
    name = {"environment": environment.name}
    label = _("Promote to %(environment)s") % name if is_next else _("To %(environment)s") % name
    url = plan_address(
        kind=RolloutKind.UPGRADE if is_there else RolloutKind.DEPLOY,
        service=version.service.name,
        environment=environment.name,
        version=version.name,
    )
    return Act(label, "rollouts", url, "primary" if is_next else "")


def _can_go(version: "Version") -> bool:
    package = version.package
    is_here = package is not None and package.removed_at is None
    return version.status == VersionStatus.SUCCESS and is_here


def _instances(
    version: "Version", environment: "Environment", overview: "Overview"
) -> "list[Instance]":
    return overview.instances.get((version.service_id, environment.pk), [])
