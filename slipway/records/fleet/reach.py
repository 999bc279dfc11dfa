"""Who may know how hosts are reached, as whom, and what was found there: who has a right on their
environment. Whose right is on services alone sees of a host what these need."""

from collections.abc import Callable
from functools import cache

from django.db.models import Q

from slipway.core.words.reach import of_none
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Host


def sees_machine(environment: str, actor: Actor) -> bool:
    """Return whether `actor` may see more of hosts there than their names and how they are."""
    return actor.may(Action.VIEW_HOST, environment=environment)


def machines_seen_by(actor: Actor) -> Q:
    """Return the condition for such hosts."""
    overseen = [right.environment for right in actor.rights if not right.service]
    return Q() if "" in overseen else Q(environment__name__in=overseen)


def knows_reach(actor: Actor) -> Callable[[str], bool] | None:
    """Return what says of which hosts, by name, `actor` may be told how they are reached; None: of
    all that they hear of."""
    if actor.sees_all_machines:
        return None
    if not actor.sees_some_machines:
        return of_none

    @cache
    def seen() -> frozenset[str]:  # asked for once, and only where a sentence names a host
        hosts = Host.objects.filter(machines_seen_by(actor))
        return frozenset(hosts.values_list("name", flat=True))

    return lambda name: name in seen()
