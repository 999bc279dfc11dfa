"""Which commits a plan brings: those between what runs and what shall run. Only reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count

from slipway.core.rollout.plans.outlook import Outlook
from slipway.core.words.sentence import Sentence
from slipway.records.builds.queries.lists import list_comparisons
from slipway.records.catalog.models import Comparison, Service, Version
from slipway.records.catalog.queries.services import get_versions_called
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.rollouts.models import Rollout, Target


class ChangesState(StrEnum):
    SAME = "same"  # both are made of the same commit
    UNASKED = "unasked"  # nobody has asked the build server yet: compare the two versions
    ASKED = "asked"  # a worker asks it: look again in a second
    READY = "ready"
    UNKNOWN = "unknown"  # nobody can say; `problem` has the reason, if there is one


@dataclass(frozen=True, slots=True)
class Changes:
    """What lies between two versions of a service. `comparison` None: not asked, or no use."""

    from_version: Version
    to_version: Version
    comparison: Comparison | None
    state: ChangesState

    @property
    def pair(self) -> tuple[NamedVersion, NamedVersion]:
        return NamedVersion.of(self.from_version), NamedVersion.of(self.to_version)

    @property
    def problem(self) -> Sentence | None:
        return self.comparison.problem if self.comparison else None


def changes_of(service: Service, plan: Outlook) -> list[Changes]:
    """Return what lies between the versions that the plan's targets go from and to."""
    names = dict.fromkeys((target.from_version, target.to_version) for target in plan.targets)
    return _named(service, names)


def _named(service: Service, names: Collection[tuple[str, str]]) -> list[Changes]:
    known = get_versions_called(service, {name for pair in names for name in pair if name})
    pairs = [(known[a], known[b]) for a, b in names if a in known and b in known and a != b]
    return changes_between(service, pairs)


@dataclass(frozen=True, slots=True)
class VersionMove:
    """Places of a rollout that go from one version to another, "" for none."""

    from_version: str
    to_version: str
    places: int


def moves_of(rollout: Rollout) -> list[VersionMove]:
    """Return from where to where the places of a rollout go, most of them first. One query."""
    pairs = Target.objects.filter(rollout=rollout).values_list(
        "from_version__name", "to_version__name"
    )
    counted = pairs.annotate(places=Count("pk")).order_by("-places", "from_version__name")
    return [VersionMove(before or "", after or "", places) for before, after, places in counted]


def changes_of_rollout(rollout: Rollout) -> list[Changes]:
    """Return what lies between the versions that a rollout's places go from and to."""
    names = [(move.from_version, move.to_version) for move in moves_of(rollout)]
    return _named(rollout.service, names)


def changes_between(service: Service, pairs: Sequence[tuple[Version, Version]]) -> list[Changes]:
    """Return what each second one has and its first one has not. One query."""
    asked = [(a.commit, b.commit) for a, b in pairs if a.commit and b.commit]
    known = {(one.base, one.head): one for one in list_comparisons(service.name, asked)}
    found = [(a, b, known.get((a.commit, b.commit))) for a, b in pairs]
    return [Changes(a, b, one, _state(service, a, b, one)) for a, b, one in found]


def _state(
    service: Service, base: Version, head: Version, found: Comparison | None
) -> ChangesState:
    if found is not None and found.finished_at is None:
        return ChangesState.ASKED
    if found is not None:
        return ChangesState.UNKNOWN if found.problem else ChangesState.READY
    if not base.commit or not head.commit:
        return ChangesState.UNKNOWN
    if base.commit == head.commit:
        return ChangesState.SAME
    return ChangesState.UNASKED if service.build_server_id else ChangesState.UNKNOWN
