"""How much room a release takes on a host."""

from django.db.models import Max

from slipway.records.fleet.models import Instance
from slipway.records.rollouts.wish.gates import ROOM_FACTOR


def room_needed(host_id: int) -> int:
    """Return how many bytes a release of the largest of what is there takes, 0 for nothing."""
    largest = Instance.objects.filter(host=host_id).aggregate(size=Max("version__package__size"))
    return int(largest["size"] or 0) * ROOM_FACTOR
