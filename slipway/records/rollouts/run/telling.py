"""What happened to a rollout, as the audit keeps it."""

from typing import Any

from slipway.records.audit.operations import record
from slipway.records.rollouts.models import Rollout


def tell_of_rollout(verb: str, row: Rollout, **more: Any) -> None:
    """Keep an event; `more` is what else `record` takes."""
    record(
        verb,
        *("rollout", row.pk, str(row)),
        service=row.service.name,
        environment=row.environment.name,
        **more,
    )
