"""What the room remembers: rollouts with their parts."""

from slipway.records.rollouts.models.plans import ShownPlan
from slipway.records.rollouts.models.rollouts import (
    OVER,
    TO_BE_DRIVEN,
    UNDER_WAY,
    Epoch,
    Lock,
    LogLine,
    Rollout,
    Step,
    Target,
)
from slipway.records.rollouts.models.states import (
    Installation,
    LaterClaim,
    PersonsWord,
    WellState,
    Withdrawal,
)
from slipway.records.workers.models import Worker

__all__ = [
    "OVER",
    "TO_BE_DRIVEN",
    "UNDER_WAY",
    "Epoch",
    "Installation",
    "LaterClaim",
    "Lock",
    "LogLine",
    "PersonsWord",
    "Rollout",
    "ShownPlan",
    "Step",
    "Target",
    "WellState",
    "Withdrawal",
    "Worker",
]
