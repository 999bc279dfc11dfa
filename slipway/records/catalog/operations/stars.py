"""Services that people want to see first: theirs alone, as their language is."""

from datetime import datetime

from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.records.accounts.models import User
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, StarredService


def star_service(*, service: Service, by: Actor, now: datetime) -> None:
    """Let a service come first in the lists of whoever asks. Safe to repeat. Raises Invalid."""
    person = _person(service, by)
    StarredService.objects.get_or_create(user=person, service=service, defaults={"created_at": now})


def unstar_service(*, service: Service, by: Actor) -> None:
    """Let it stand among the others again. Safe to repeat. Raises Invalid."""
    StarredService.objects.filter(user=_person(service, by), service=service).delete()


def _person(service: Service, by: Actor) -> User:
    by.require(Action.VIEW, service=service.name)
    if by.user is None:
        raise Invalid("Only a person can star a service.")
    return by.user
