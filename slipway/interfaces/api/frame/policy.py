"""Says of every endpoint what lets one through; one that does not say it fails the tests."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.http import HttpRequest

from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts.rights import Actor

View = TypeVar("View", bound=Callable[..., Any])


class Over(StrEnum):
    """Over what the right is asked for."""

    ITSELF = "itself"  # anybody who is admitted, and only about themselves
    EVERYTHING = "everything"
    SERVICE = "service"
    ENVIRONMENT = "environment"
    BOTH = "both"  # a service in an environment
    SOMEWHERE = "somewhere"  # a service, in any environment at all
    VISIBLE = "visible"  # rows outside the right are left out, or not found


@dataclass(frozen=True, slots=True)
class EndpointPolicy:
    action: Action | None
    over: Over


def policy(action: Action | None, over: Over) -> Callable[[View], View]:
    """Mark an endpoint with the right it asks for; `permit` in its body asks."""

    def mark(view: View) -> View:
        view.policy = EndpointPolicy(action, over)  # type: ignore[attr-defined]
        return view

    return mark


def permit(
    request: HttpRequest, action: Action, *, service: str = "", environment: str = ""
) -> Actor:
    """Return who is asking. Raises Forbidden when they may not do this there."""
    actor = asker(request)
    actor.require(action, service=service, environment=environment)
    return actor
