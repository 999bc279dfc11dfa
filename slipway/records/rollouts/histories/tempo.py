"""How often releases were made and went back: told from rollouts that are over, in one query."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from slipway.core.rollout.value.words import End
from slipway.core.words.kinds import FORTH, RolloutKind
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Rollout

_TAKEN_BACK = (End.TAKEN_BACK, End.NOT_ALL_BACK)


@dataclass(frozen=True, slots=True)
class EndedRollout:
    """A rollout that has begun and is over. `is_release`: it was to bring a version; `went_back`:
    it was taken back, or takes another one back. `made_at` is when its version was made, None where
    each place had its own."""

    at: datetime
    took: timedelta
    is_release: bool
    is_good: bool
    went_back: bool
    made_at: datetime | None


def list_ended(
    actor: Actor, since: datetime, *, service: str = "", environment: str = ""
) -> list[EndedRollout]:
    """Return what brought a version or took one back and ended after `since`, the oldest first."""
    places = {"service__name": service, "environment__name": environment}
    rows = Rollout.objects.filter(
        actor.visible(service="service__name", environment="environment__name"),
        kind__in=(*FORTH, RolloutKind.REVERT),
        started_at__isnull=False,
        finished_at__gte=since,
        **{column: name for column, name in places.items() if name},
    ).order_by("finished_at", "pk")
    columns = ("kind", "end", "started_at", "finished_at", "version__created_at")
    return [
        EndedRollout(
            at=ended,
            took=ended - begun,
            is_release=kind in FORTH,
            is_good=end == End.SUCCEEDED,
            went_back=end in _TAKEN_BACK or kind == RolloutKind.REVERT,
            made_at=made,
        )
        for kind, end, begun, ended, made in rows.values_list(*columns)
        if begun and ended
    ]
