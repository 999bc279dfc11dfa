"""What webhooks told, as lists show it."""

from dataclasses import dataclass
from datetime import datetime

from slipway.interfaces.web.frame.saying import said
from slipway.records.builds.queries.builds import DeliveryFacts
from slipway.records.rows.facts import read_as


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


def delivery_row(delivery: DeliveryFacts) -> DeliveryRow:
    return read_as(
        DeliveryRow,
        delivery,
        address=delivery.source_address,
        outcome=said(delivery.outcome),
        is_open=delivery.handled_at is None,
        build=delivery.build or 0,
    )
