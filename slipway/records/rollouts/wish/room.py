"""How much room a release takes on a host."""

from django.db.models import Max

from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.wish.gates import ROOM_FACTOR


def room_needed(host: Host) -> int:
    """Return how many bytes a release of the largest of what is there takes, 0 for nothing."""
    largest = Instance.objects.filter(host=host).aggregate(size=Max("version__package__size"))
    return int(largest["size"] or 0) * ROOM_FACTOR
