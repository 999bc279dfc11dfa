"""What versions have been through: which rollout brought them where, and how that went."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.rollouts.models import Rollout, Target, Withdrawal

_BRINGING = tuple(kind for kind in RolloutKind if kind.moves_version)
_LEFT = {
    TargetStatus.SUCCEEDED.value: "ran",
    TargetStatus.TAKEN_BACK.value: "taken_back",
    TargetStatus.FAILED.value: "failed",
}
_SEEN = {"service": "rollout__service__name", "environment": "rollout__environment__name"}


@dataclass(frozen=True, slots=True)
class Trace:
    """What a version has left in one environment: the newest rollout by which it came to run in
    some place, that by which it was taken back, and that in which it failed; 0 for none. Each with
    when that happened there last."""

    ran: int = 0
    taken_back: int = 0
    failed: int = 0
    ran_at: datetime | None = None
    taken_back_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def went_back(self) -> bool:
        """Whether it was taken back, and has not come again since."""
        return bool(self.taken_back) and self.taken_back >= self.ran


@dataclass(frozen=True, slots=True)
class Passage:
    """What one rollout did with a version in one environment."""

    environment: str
    rollout: int
    state: str
    end: str
    by: str  # "" where the system did it by itself
    outcome: Sentence | None
    created_at: datetime
    finished_at: datetime | None
    targets: Counter[str] = field(default_factory=Counter)


def trace_of(passages: Sequence[Passage]) -> Trace:
    """Return what the passages of a version through one environment leave."""
    left: dict[str, Any] = {}
    for state, name in _LEFT.items():
        newest = max(
            (each for each in passages if each.targets[state]),
            key=lambda each: each.rollout,
            default=None,
        )
        if newest is not None:
            left |= {name: newest.rollout, f"{name}_at": newest.finished_at or newest.created_at}
    return Trace(**left)


def traces_of(versions: Collection[int], actor: Actor) -> dict[int, dict[str, Trace]]:
    """Return what each version has left, by its id and by environment, where `actor` may see it."""
    rows = (
        _brought(versions, actor)
        .filter(state__in=list(_LEFT))
        .values_list("to_version", "rollout__environment__name", "state")
        .annotate(newest=Max("rollout"), at=Max("finished_at"))
    )
    kept: dict[int, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for version, environment, state, newest, at in rows:
        name = _LEFT[state]
        kept[version][environment] |= {name: newest, f"{name}_at": at}
    return {
        version: {environment: Trace(**of) for environment, of in places.items()}
        for version, places in kept.items()
    }


def list_passages(version: int, actor: Actor) -> list[Passage]:
    """Return the rollouts that brought `version` somewhere or tried to, the newest first, where
    `actor` may see them."""
    targets: dict[int, Counter[str]] = defaultdict(Counter)
    counted = _brought([version], actor).values_list("rollout", "state")
    for rollout, state, count in counted.annotate(count=Count("id")):
        targets[rollout][state] += count
    columns = (
        "environment__name", "id", "state", "end", "created_by__username", "outcome",
        "created_at", "finished_at",
    )  # fmt: skip
    rows = Rollout.objects.filter(pk__in=list(targets)).order_by("-id").values_list(*columns)
    return [
        Passage(place, pk, state, end, by or "", outcome, began, ended, targets[pk])
        for place, pk, state, end, by, outcome, began, ended in rows
    ]


def get_later_version(service: str, version: NamedVersion, environment: str) -> NamedVersion | None:
    """Return the newest version that was made after `version`, can go, and is not withdrawn in
    `environment`."""
    held = Withdrawal.objects.filter(
        version=OuterRef("pk"), environment__name=environment, cleared_at=None
    )
    later = Version.objects.filter(
        ~Exists(held),
        service__name=service,
        status=VersionStatus.SUCCESS,
        created_at__gt=version.created_at,
        package__removed_at=None,
        package__isnull=False,
    )
    found = later.order_by("-created_at", "-id").first()
    return NamedVersion.of(found) if found else None


def _brought(versions: Collection[int], actor: Actor) -> QuerySet[Target]:
    # Their service is known from them, too: without it all rollouts there are would be read.
    services = Version.objects.filter(pk__in=versions).values("service")
    bringing = Q(rollout__service__in=services, rollout__kind__in=_BRINGING)
    brought = Target.objects.filter(actor.visible(**_SEEN), bringing, to_version__in=versions)
    return brought.order_by()
