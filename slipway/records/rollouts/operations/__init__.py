"""What people may do with rollouts and locks."""

from slipway.records.rollouts.operations.locks import lock_service, unlock_service
from slipway.records.rollouts.operations.release_rules import (
    follow_release_rule,
    remove_release_rule,
    set_release_rule,
)
from slipway.records.rollouts.operations.returns import retry_rollout, roll_back
from slipway.records.rollouts.operations.starts import start_rollout
from slipway.records.rollouts.operations.steering import (
    cancel_rollout,
    pause_rollout,
    promote_rollout,
    resume_rollout,
)
from slipway.records.rollouts.refusals import (
    ActiveRollout,
    Locked,
    NothingToDo,
    PlanChanged,
)

__all__ = [
    "ActiveRollout",
    "Locked",
    "NothingToDo",
    "PlanChanged",
    "cancel_rollout",
    "follow_release_rule",
    "lock_service",
    "pause_rollout",
    "promote_rollout",
    "remove_release_rule",
    "resume_rollout",
    "retry_rollout",
    "roll_back",
    "set_release_rule",
    "start_rollout",
    "unlock_service",
]
