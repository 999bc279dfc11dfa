"""What the audit says of a host: of itself, of what is on it, and of rollouts that were there;
and what these did there."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from slipway.records.accounts.rights import SYSTEM, Actor
from slipway.records.rollouts.models import Target
from slipway.records.rows.texts import is_storable


def events_of_host(name: str) -> Q:
    """Return the condition of the events about a host of that name, also when it is gone."""
    if not is_storable(name):
        return Q(pk=None)
    rollouts = (
        Target.objects.filter(host__name=name)
        .annotate(text=Cast("rollout_id", CharField()))
        .values("text")
    )
    # An instance is called “SERVICE on HOST[:PORT]”, in events also after it is gone.
    at_port = Q(thing_name__contains=f" on {name}:") | Q(thing_name__endswith=f" on {name}")
    return (
        Q(thing_kind="host", thing_name=name)
        | Q(thing_kind="instance") & at_port
        | Q(thing_kind="rollout", thing_id__in=rollouts)
    )


@dataclass(frozen=True, slots=True)
class HostVisit:
    """What one rollout did in one place of a host; versions are names, "" where there is none."""

    rollout: int
    kind: str
    service: str
    port: int
    from_version: str
    to_version: str
    state: str
    by: str
    at: datetime


def list_visits(host_id: int, actor: Actor, limit: int) -> list[HostVisit]:
    """Return the newest that `actor` may see, the newest first."""
    seen = actor.visible(service="rollout__service__name", environment="rollout__environment__name")
    rows = Target.objects.filter(seen, host=host_id).order_by("-rollout", "-pk")[:limit]
    what = ("rollout", "rollout__kind", "rollout__service__name", "port")
    versions = ("from_version__name", "to_version__name")
    end = ("state", "rollout__created_by__username", "finished_at", "rollout__created_at")
    return [
        HostVisit(number, kind, service, port, before or "", after or "", state, by or SYSTEM, at)
        for number, kind, service, port, before, after, state, by, ended, begun in (
            rows.values_list(*what, *versions, *end)
        )
        if (at := ended or begun)
    ]
