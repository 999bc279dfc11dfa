"""How far a target is, in as little as tells it: pages look at those of many rollouts."""

from datetime import datetime
from typing import NamedTuple

from slipway.records.rollouts.models import Target


class TargetGlance(NamedTuple):
    """What how a rollout stands is told from."""

    rollout_id: int
    host_id: int
    port: int
    batch: int
    state: str
    touched: bool
    started_at: datetime | None
    finished_at: datetime | None


SomeTarget = Target | TargetGlance
