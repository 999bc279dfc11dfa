"""How long rollouts that are under way still take, by their numbers alone."""

from collections.abc import Collection
from datetime import datetime

from slipway.core.rollout.told.time_left import TimeLeft
from slipway.records.rollouts.ask.parts import list_targets_of
from slipway.records.rollouts.histories.time_left import times_left_of
from slipway.records.rollouts.models import Rollout


def left_of(numbers: Collection[int], now: datetime) -> dict[int, TimeLeft]:
    """Return it of those of which anybody can say it, in four queries at most."""
    if not numbers:
        return {}
    columns = ("kind", "service", "environment", "state", "cancel_requested", "max_unavailable")
    gates = ("bake_time", "promotion_needed", "promoted_batches")
    rollouts = list(Rollout.objects.filter(pk__in=numbers).only(*columns, *gates))
    targets = list_targets_of(rollouts)
    return times_left_of([(each, targets[each.pk]) for each in rollouts], now)
