"""Environments and the rules that hold there."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from slipway.core.rollout.plans.batches import Batches
from slipway.core.rollout.plans.shares import budget, left_out_budget, max_unavailable
from slipway.core.words.names import check_environment_name
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.fleet.models import Environment
from slipway.records.fleet.operations.windows import checked_windows
from slipway.records.rows.texts import checked_text
from slipway.records.rows.writing.changes import Checks, set_checked
from slipway.records.rows.writing.uniqueness import refused_if_taken

BAKE_TIME = timedelta(0)
PROGRESS_DEADLINE = timedelta(minutes=10)
LONGEST_TIME = timedelta(days=7)


class EnvironmentExists(Refused):
    """There is an environment of that name."""

    code = "environment_exists"


@transaction.atomic
def create_environment(*, name: str, by: Actor, now: datetime, **policy: Any) -> Environment:
    """Make an environment; `policy` as in `change_environment`.

    Raises Invalid, EnvironmentExists.
    """
    by.require(Action.MANAGE_ENVIRONMENT, environment=name)
    environment = with_defaults(check_environment_name(name))
    environment.created_at, environment.created_by = now, by.user
    _apply(environment, policy)
    taken = EnvironmentExists("There is an environment {name} already.", name=name).at("name")
    with refused_if_taken(taken):
        environment.save()
    record_of("environment.created", environment, by=by, now=now, after=_plain(policy))
    return environment


def with_defaults(name: str = "") -> Environment:
    """Return an environment that nobody keeps yet, with the rules of one that was told none."""
    return Environment(name=name, bake_time=BAKE_TIME, progress_deadline=PROGRESS_DEADLINE)


@transaction.atomic
def change_environment(
    *, environment: Environment, changes: Mapping[str, Any], by: Actor, now: datetime
) -> Environment:
    """Change order, approvals_needed, freeze_windows, batches, max_unavailable, failure_budget,
    left_out_budget, canary_budget, bake_time, progress_deadline, watch_time, patience (timedelta or
    seconds), promotion_needed, automatic_rollback, named_user_needed. Rollouts under way keep what
    they began with. Raises Invalid."""
    by.require(Action.MANAGE_ENVIRONMENT, environment=environment.name)
    environment.refresh_from_db(from_queryset=Environment.objects.select_for_update())
    before = {key: getattr(environment, key) for key in changes if key in _CHECKS}
    _apply(environment, changes)
    after = {key: getattr(environment, key) for key in changes}
    if after != before:
        environment.save(update_fields=list(changes))
        told = {"before": _plain(before), "after": _plain(after)}
        record_of("environment.changed", environment, by=by, now=now, **told)
    return environment


def _apply(environment: Environment, changes: Mapping[str, Any]) -> None:
    set_checked(
        environment,
        changes,
        _CHECKS,
        lambda key: Invalid("An environment has no {key} that can be changed.", key=key),
    )


def _plain(policy: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.total_seconds() if isinstance(value, timedelta) else value
        for key, value in policy.items()
    }


def _number(most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise Invalid("A number from 0 to {most} is needed.", most=most)
        return value

    return check


def _approvals(value: Any) -> int:
    if _number(10)(value):
        raise Invalid(
            "Approvals cannot be given yet: an environment that asks for any would be closed.",
            hint="Leave it at 0. That a person lets each rollout go on is asked by --promotion.",
        )
    return 0


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid("Yes or no is needed.")
    return value


def _time(value: Any) -> timedelta:
    time = value if isinstance(value, timedelta) else timedelta(seconds=_number(10**9)(value))
    if not timedelta(0) <= time <= LONGEST_TIME:
        raise Invalid("A time is at most 7 days.")
    return time


def _deadline(value: Any) -> timedelta:
    time = _time(value)
    if time < timedelta(seconds=10):
        raise Invalid("The progress deadline is at least 10 seconds.")
    return time


def _patience(value: Any) -> timedelta:
    time = _time(value)
    if time < timedelta(seconds=10):
        raise Invalid("The patience is at least 10 seconds.")
    return time


def _batches(value: str) -> str:
    return checked_text(str(Batches.parse(value)), what="batches text", limit=64)


def _budget(value: str) -> str:
    budget(value, 100)  # refuses nonsense
    return checked_text(value, what="failure budget", limit=8)


def _left_out(value: str) -> str:
    left_out_budget(value, 100)  # refuses nonsense
    return checked_text(value, what="left-out budget", limit=8)


def _max_unavailable(value: str) -> str:
    max_unavailable(value, 100)  # refuses nonsense
    return checked_text(value, what="max_unavailable", limit=8)


_CHECKS: Checks = {
    "order": _number(32767),
    "approvals_needed": _approvals,
    "freeze_windows": checked_windows,
    "batches": _batches,
    "max_unavailable": _max_unavailable,
    "failure_budget": _budget,
    "left_out_budget": _left_out,
    "canary_budget": _number(1000),
    "bake_time": _time,
    "progress_deadline": _deadline,
    "watch_time": _time,
    "patience": _patience,
    "promotion_needed": _flag,
    "automatic_rollback": _flag,
    "named_user_needed": _flag,
}
