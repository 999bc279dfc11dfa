"""Questions about the services that somebody has starred."""

from django.db.models import Q

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import StarredService


def is_starred_by(actor: Actor) -> Q:
    """Return the condition for services that `actor` has starred."""
    return Q(pk__in=StarredService.objects.filter(user=actor.user).values("service"))


def starred_names(actor: Actor) -> frozenset[str]:
    """Return what the services are called that `actor` has starred."""
    starred = StarredService.objects.filter(user=actor.user)
    return frozenset(starred.values_list("service__name", flat=True))
