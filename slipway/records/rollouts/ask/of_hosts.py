"""What the audit says of a host: of itself, of what is on it, and of rollouts that were there."""

from django.db.models import CharField, Q
from django.db.models.functions import Cast

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
