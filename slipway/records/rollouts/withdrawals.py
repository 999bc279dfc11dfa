"""Versions that are no way back and no source of promotion in an environment."""

from collections.abc import Iterable
from datetime import datetime

from slipway.records.catalog.models import Version
from slipway.records.rollouts.models import Rollout, Withdrawal


def note_withdrawn(rollout: Rollout, versions: Iterable[str], now: datetime) -> None:
    """Write down what a rollout has withdrawn in its environment. Safe to repeat."""
    for version in Version.objects.filter(service=rollout.service_id, name__in=list(versions)):
        Withdrawal.objects.get_or_create(
            version=version,
            environment=rollout.environment,
            cleared_at=None,
            defaults={"rollout": rollout, "since": now},
        )


def note_succeeded(rollout: Rollout, now: datetime) -> None:
    """A version that succeeded when it was asked for by name is withdrawn no more."""
    Withdrawal.objects.filter(
        version=rollout.version_id, environment=rollout.environment_id, cleared_at=None
    ).update(cleared_at=now)
