"""How a version stands in an environment: it runs there, ran, is on its way, was taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT
from slipway.records.rollouts.histories.passages import Trace

if TYPE_CHECKING:
    from slipway.records.catalog.version_facts import NamedVersion
    from slipway.records.rollouts.ask.overview import ListedRollout, Overview


@dataclass(frozen=True, slots=True)
class VersionStanding:
    """`icon` is "" where it never was; `rollout` is the one that says it, 0 for none; `at` is when
    it came to stand so."""

    environment: str
    mark: str = WAIT
    icon: str = ""
    said: str = ""
    count: int = 0  # of instances that should run it
    rollout: int = 0
    at: datetime | None = None


def standings_of(
    version: "NamedVersion",
    environments: Iterable[str],
    overview: "Overview",
    traces: Mapping[str, Trace],
) -> tuple[VersionStanding, ...]:
    """Return how a version stands in each environment; `traces` are those that it left."""
    runs = {
        environment: counts.get(version, 0)
        for (_service, environment), counts in overview.versions.items()
    }
    coming = {
        rollout.environment: rollout
        for rollout in overview.active.values()
        if rollout.version == version
    }
    return tuple(
        _standing(name, runs.get(name, 0), coming.get(name), traces.get(name, Trace()))
        for name in environments
    )


def _standing(
    environment: str, runs: int, coming: "ListedRollout | None", trace: Trace
) -> VersionStanding:
    if coming is not None:
        looks = RUN, "rollouts", _("on its way")
        return VersionStanding(environment, *looks, runs, coming.id, coming.created_at)
    if trace.went_back:
        back = trace.taken_back, trace.taken_back_at
        return VersionStanding(environment, FAIL, "back", _("taken back"), runs, *back)
    if runs:
        said = ngettext("runs on %(n)s instance", "runs on %(n)s instances", runs) % {"n": runs}
        return VersionStanding(environment, OK, "check", said, runs, trace.ran, trace.ran_at)
    if trace.ran:
        return VersionStanding(environment, WAIT, "clock", _("ran"), 0, trace.ran, trace.ran_at)
    if trace.failed:
        failed = trace.failed, trace.failed_at
        return VersionStanding(environment, FAIL, "cross", _("failed"), 0, *failed)
    return VersionStanding(environment)
