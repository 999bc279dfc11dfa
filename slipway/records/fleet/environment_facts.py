"""What holds in an environment for whoever wants to bring something there."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Self

from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment
from slipway.records.fleet.operations.windows import Window, windows_of
from slipway.records.fleet.queries import list_environments


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """The rules of an environment; `freeze_windows` are times in which nothing new goes there."""

    name: str
    order: int
    is_guarded: bool
    approvals_needed: int
    freeze_windows: tuple[Window, ...]
    batches: str
    max_unavailable: str
    failure_budget: str
    left_out_budget: str
    canary_budget: int
    bake_time: timedelta
    progress_deadline: timedelta
    watch_time: timedelta
    patience: timedelta
    promotion_needed: bool
    automatic_rollback: bool
    named_user_needed: bool

    @classmethod
    def of(cls, environment: Environment) -> Self:
        rules = {each.name: getattr(environment, each.name) for each in fields(cls)}
        return cls(**rules | {"freeze_windows": tuple(windows_of(environment))})


def list_environments_of(service: str, actor: Actor) -> list[EnvironmentFacts]:
    """Return those in which `actor` may see the service, in their order."""
    return [
        EnvironmentFacts.of(each)
        for each in list_environments()
        if actor.may(Action.VIEW, service=service, environment=each.name)
    ]
