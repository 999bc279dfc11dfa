"""What is asked of a list by `where`, as every list takes it."""

from django.utils import timezone

from slipway.core.finding.listings import Listing
from slipway.core.finding.parsing import parse_where
from slipway.records.rows.finding.asked import Asking


def asking_of(where: str, listing: Listing) -> Asking | None:
    """Return what is asked, with days in UTC; None: everything. Raises Invalid."""
    asked = parse_where(where, listing)
    return Asking(asked, timezone.now()) if asked else None
