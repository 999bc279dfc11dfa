"""Where a version could go next, and what would come with it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Forbidden
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WARN
from slipway.interfaces.web.services.way.instances import Act, may_deploy, plan_address
from slipway.interfaces.web.shown.commits import ShownChanges, changes_between
from slipway.interfaces.web.shown.hint_links import Remedy, remedy_of
from slipway.interfaces.web.templatetags.marks import short
from slipway.records.rollouts.histories.passages import get_later_version

if TYPE_CHECKING:
    from slipway.core.words.sentence import Sentence
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.version_facts import NamedVersion
    from slipway.records.rollouts.ask.destinations import VersionDestination
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


def main_step_of(
    service: str,
    version: "NamedVersion",
    actor: "Actor",
    overview: "Overview",
    destinations: "Sequence[VersionDestination]",
    wrong_in: Collection[str] = (),
) -> Act | None:
    """Return where `actor` takes a version that can go next, as a link to the plan: the environment
    of the service after the last one that runs it, None where it may not go there now. Where it
    went wrong a later one is offered instead."""
    environments = [each.environment for each in destinations]
    if wrong_in:
        return _instead(service, version, actor, environments, overview, wrong_in)
    last = max((number for number, each in enumerate(destinations) if each.runs), default=-1)
    first = environments[0] if last < 0 and environments else ""
    following = first or _following(destinations[last + 1 :])
    there = next((each for each in destinations if each.environment == following), None)
    if there is None or not there.is_open:
        return None
    # From where nothing of it runs nobody is promoted.
    goes = _("Release to %(environment)s") if last < 0 else _("Promote to %(environment)s")
    return _act(service, version, there, goes, is_main=True)


def steps_of(
    service: str, version: "NamedVersion", destinations: "Sequence[VersionDestination]"
) -> dict[str, Act]:
    """Return the links to the plans that take a version to the environments open to it, by name."""
    return {
        each.environment: _act(service, version, each, _("To %(environment)s"))
        for each in destinations
        if each.is_open
    }


def _following(destinations: "Sequence[VersionDestination]") -> str:
    """Return the nearest of them where the service runs, or the nearest at all where it runs in
    none; "" where what runs there is newer already."""
    used = [each for each in destinations if each.instances]
    nearest = next(iter(used or destinations), None)
    return nearest.environment if nearest and not nearest.later else ""


def _instead(
    service: str,
    version: "NamedVersion",
    actor: "Actor",
    environments: Sequence[str],
    overview: "Overview",
    wrong_in: Collection[str],
) -> Act | None:
    """Return the step of the newest later version to where this one went wrong last."""
    for environment in reversed(environments):
        if environment not in wrong_in or not may_deploy(actor, service, environment):
            continue
        later = get_later_version(service, version, environment)
        instances = overview.instances.get((service, environment), [])
        if later is not None and not (instances and all(i.version == later for i in instances)):
            values = {"version": short(later.name), "environment": environment}
            label = _("Release %(version)s to %(environment)s instead…") % values
            return Act(
                label,
                "rollouts",
                _plan(service, later, environment, is_used=bool(instances)),
                "primary",
            )
    return None


def _act(
    service: str,
    version: "NamedVersion",
    there: "VersionDestination",
    label: str,
    *,
    is_main: bool = False,
) -> Act:
    url = _plan(service, version, there.environment, is_used=bool(there.instances))
    text = label % {"environment": there.environment}
    return Act(text, "rollouts", url, "primary" if is_main else "")


def _plan(service: str, version: "NamedVersion", environment: str, *, is_used: bool) -> str:
    return plan_address(
        kind=RolloutKind.UPGRADE if is_used else RolloutKind.DEPLOY,
        service=service,
        environment=environment,
        version=version.name,
    )


@dataclass(frozen=True, slots=True)
class DestinationView:
    """`lines`: what is said of it, each with what is to be done about that."""

    environment: str
    mark: str
    icon: str
    lines: tuple[tuple[str, Remedy], ...]
    rollout: int = 0
    act: Act | None = None


def destination_views(
    service: str,
    version: "NamedVersion",
    destinations: "Sequence[VersionDestination]",
    actor: "Actor",
) -> list[DestinationView]:
    back = f"/services/{service}/versions/{version.name}"
    steps = steps_of(service, version, destinations)
    return [
        _view(each, steps.get(each.environment), Reader(actor, each.environment, service, back))
        for each in destinations
    ]


def _view(there: "VersionDestination", act: Act | None, reader: Reader) -> DestinationView:
    name = there.environment
    if there.rollout:
        line = _("A rollout brings it there now."), Remedy()
        return DestinationView(name, RUN, "rollouts", (line,), there.rollout)
    if there.is_there:
        return DestinationView(name, OK, "check", ((_("It runs there now."), Remedy()),))
    if there.refused:
        return DestinationView(name, FAIL, "cross", _lines(there.refused, reader))
    if there.warned:
        return DestinationView(name, WARN, "alert", _lines(there.warned, reader), act=act)
    line = _("Nothing stands against it."), Remedy(_some(there))
    return DestinationView(name, OK, "check", (line,), act=act)


def _lines(sentences: "Sequence[Sentence]", reader: Reader) -> tuple[tuple[str, Remedy], ...]:
    """Whoever may not release there is told who may, and not what those would do about the rest."""
    if sentences[0].code == Forbidden.code:
        first, *others = sentences
        return (said(first), Remedy(said_hint(first))), *((said(each), Remedy()) for each in others)
    return tuple((said(each), remedy_of(each, reader)) for each in sentences)


def _some(there: "VersionDestination") -> str:
    if not there.runs:
        return ""
    text = ngettext(
        "%(n)s of %(all)s instances there runs it.",
        "%(n)s of %(all)s instances there run it.",
        there.runs,
    )
    return text % {"n": there.runs, "all": there.instances}
