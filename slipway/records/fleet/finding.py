"""Hosts that are asked for by words, labels, states and times."""

from django.db.models import Q, QuerySet

from slipway.core.finding.listings import HOSTS
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.reach import machines_seen_by
from slipway.records.rows.finding.asked import Asking, Columns, is_one_of, narrowed, time_of


def hosts_asked_for(hosts: QuerySet[Host], asking: Asking, actor: Actor) -> QuerySet[Host]:
    """Return those of `hosts`; their time is when they were last seen. By its address a host is
    found by who may know it, by a service who may see that."""

    def word(text: str) -> Q:
        return Q(name__icontains=text) | (Q(address__icontains=text) & machines_seen_by(actor))

    seen = actor.visible(service="service__name", environment="environment__name")
    instances = Instance.objects.filter(seen)
    columns = Columns(
        word=word,
        fields={
            "state": is_one_of("state"),
            "environment": is_one_of("environment__name"),
            "service": lambda names: Q(
                pk__in=instances.filter(service__name__in=names).values("host")
            ),
        },
        time=time_of("last_seen_at"),
    )
    return narrowed(hosts, asking, HOSTS, columns)
