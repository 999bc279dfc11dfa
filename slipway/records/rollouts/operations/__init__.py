"""What people may do with rollouts and locks."""

from slipway.records.rollouts.operations.answers import answer_question, say_gone
from slipway.records.rollouts.operations.claims import Raised, raise_claims
from slipway.records.rollouts.operations.locks import lock_service, unlock_service
from slipway.records.rollouts.operations.release_rules import (
    follow_release_rule,
    put_off_release_rule,
    remove_release_rule,
    set_release_rule,
)
from slipway.records.rollouts.operations.restores import Restored, plan_restore, restore_host
from slipway.records.rollouts.operations.retention import (
    begin_daily_run,
    claim_retention_run,
    finish_retention_run,
    let_go,
    note_removed,
    request_retention_run,
)
from slipway.records.rollouts.operations.returns import retry_rollout, roll_back
from slipway.records.rollouts.operations.shown_plans import show_plan
from slipway.records.rollouts.operations.starts import start_rollout
from slipway.records.rollouts.operations.steering import (
    cancel_rollout,
    pause_rollout,
    promote_rollout,
    resume_rollout,
)
from slipway.records.rollouts.operations.withdrawals import clear_withdrawal, withdraw_version
from slipway.records.rollouts.wish.refusals import ActiveRollout, Locked, NothingToDo, PlanChanged

__all__ = [
    "ActiveRollout",
    "Locked",
    "NothingToDo",
    "PlanChanged",
    "Raised",
    "Restored",
    "answer_question",
    "begin_daily_run",
    "cancel_rollout",
    "claim_retention_run",
    "clear_withdrawal",
    "finish_retention_run",
    "follow_release_rule",
    "let_go",
    "lock_service",
    "note_removed",
    "pause_rollout",
    "plan_restore",
    "promote_rollout",
    "put_off_release_rule",
    "raise_claims",
    "remove_release_rule",
    "request_retention_run",
    "restore_host",
    "resume_rollout",
    "retry_rollout",
    "roll_back",
    "say_gone",
    "set_release_rule",
    "show_plan",
    "start_rollout",
    "unlock_service",
    "withdraw_version",
]
