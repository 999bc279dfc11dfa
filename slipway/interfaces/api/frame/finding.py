"""What is asked of a list by `where`, as every list takes it."""

from django.utils import timezone

from slipway.core.finding.listings import Listing
from slipway.records.rows.finding.asked import Asking


def asking_of(where: str, listing: Listing, me: str = "") -> Asking | None:
    """Return what is asked, with days in UTC; None: everything. `me` is who asks. Raises
    Invalid."""
    asking = Asking.typed(where, listing, timezone.now(), me)
    return asking if asking.where else None
