"""What the room remembers: rollouts with their parts, and what goes on without people."""

from slipway.records.rollouts.models.plans import ShownPlan
from slipway.records.rollouts.models.rollouts import (
    LEVELS,
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
from slipway.records.rollouts.models.rules import ReleaseRule, RetentionRun
from slipway.records.rollouts.models.states import (
    Installation,
    LaterClaim,
    PersonsWord,
    WellState,
    Withdrawal,
)
from slipway.records.workers.models import Worker

__all__ = [
    "LEVELS",
    "OVER",
    "TO_BE_DRIVEN",
    "UNDER_WAY",
    "Epoch",
    "Installation",
    "LaterClaim",
    "Lock",
    "LogLine",
    "PersonsWord",
    "ReleaseRule",
    "RetentionRun",
    "Rollout",
    "ShownPlan",
    "Step",
    "Target",
    "WellState",
    "Withdrawal",
    "Worker",
]
