"""What webhooks told, as lists show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from slipway.interfaces.web.frame.saying import said

if TYPE_CHECKING:
    from slipway.records.catalog.models import Delivery


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    source: str
    service: str
    event: str
    ref: str
    commit: str
    address: str
    received_at: datetime
    outcome: str
    is_open: bool
    build: int
    version: str


def delivery_row(delivery: "Delivery") -> DeliveryRow:
    """Return the row of a delivery whose service and build are loaded."""
    build = delivery.build
    return DeliveryRow(
        source=delivery.source,
        service=delivery.service.name,
        event=delivery.event,
        ref=delivery.ref,
        commit=delivery.commit,
        address=delivery.source_address,
        received_at=delivery.received_at,
        outcome=said(delivery.outcome),
        is_open=delivery.handled_at is None,
        build=build.pk if build else 0,
        version=build.version.name if build else "",
    )
