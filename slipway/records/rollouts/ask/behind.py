"""Services that an environment has in an older version than one before it."""

from django.db.models import Exists, OuterRef, Q

from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import UNDER_WAY, Rollout

_SEEN = {"service": "service__name", "environment": "environment__name"}


def is_behind(actor: Actor) -> Q:
    """Return the condition for services that run older somewhere than further left, as far as
    `actor` may see; where a rollout is under way, that is about to change."""
    seen = Instance.objects.filter(actor.visible(**_SEEN))
    order = OuterRef("environment__order")
    further_left = Q(environment__order__lt=order) | Q(
        environment__order=order, environment__name__lt=OuterRef("environment__name")
    )
    newer = seen.filter(
        further_left,
        service=OuterRef("service"),
        version__created_at__gt=OuterRef("version__created_at"),
    )
    moving = Rollout.objects.filter(
        UNDER_WAY, service=OuterRef("service"), environment=OuterRef("environment")
    )
    return Q(pk__in=seen.filter(~Exists(moving), Exists(newer)).values("service"))
