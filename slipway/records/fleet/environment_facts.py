"""What holds in an environment for whoever wants to bring something there."""

from dataclasses import dataclass

from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.operations.windows import Window, windows_of
from slipway.records.fleet.queries import list_environments


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """`windows` are the times in which nothing new goes there."""

    name: str
    is_guarded: bool
    approvals_needed: int
    windows: tuple[Window, ...]


def list_environments_of(service: str, actor: Actor) -> list[EnvironmentFacts]:
    """Return those in which `actor` may see the service, in their order."""
    return [
        EnvironmentFacts(each.name, each.is_guarded, each.approvals_needed, tuple(windows_of(each)))
        for each in list_environments()
        if actor.may(Action.VIEW, service=service, environment=each.name)
    ]
