"""Versions that are no way back and no source of promotion in an environment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Exists, OuterRef

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.histories.well_states import renew_previous
from slipway.records.rollouts.models import Rollout, Withdrawal
from slipway.records.rollouts.wish.refusals import Withdrawn
from slipway.records.rollouts.wish.selection import Selection
from slipway.records.rollouts.wish.wishes import Wish


@dataclass(frozen=True, slots=True)
class WithdrawnVersion:
    """Where a version is withdrawn: by the rollout in which it failed, or `by` a person, ""."""

    version: str
    environment: str
    rollout: int | None
    by: str
    reason: str
    since: datetime

    @classmethod
    def of(cls, row: Withdrawal) -> Self:
        by = row.by.get_username() if row.by else ""
        names = row.version.name, row.environment.name
        return cls(*names, row.rollout_id, by, row.reason, row.since)


def list_withdrawals(service: str, actor: Actor) -> list[WithdrawnVersion]:
    """Return what is withdrawn of a service where `actor` may see it, the latest first."""
    rows = Withdrawal.objects.filter(
        actor.visible(service="version__service__name", environment="environment__name"),
        version__service__name=service,
        cleared_at=None,
    )
    named = rows.select_related("version", "environment", "by").order_by("-id")
    return list(map(WithdrawnVersion.of, named))


def is_withdrawn(environment: Environment) -> Exists:
    """Return the condition for versions that are withdrawn there."""
    return Exists(
        Withdrawal.objects.filter(version=OuterRef("pk"), environment=environment, cleared_at=None)
    )


def refuse_withdrawn(version: Version, environment: Environment) -> None:
    """Raise Withdrawn for a version that is no source of promotion there."""
    if _is_held(version, environment):
        raise Withdrawn(
            "{version} is withdrawn in {environment}.",
            hint="Clear it there first, or name another version.",
            version=version.name,
            environment=environment.name,
        )


def warn_of_withdrawn(wish: Wish, selection: Selection) -> None:
    """Tell who asks for a version by name that it is withdrawn there: it may go all the same."""
    version, environment = wish.version, wish.environment
    if version is not None and selection.candidates and _is_held(version, environment):
        selection.mention(may_go_anyway(version.name, environment.name))


def may_go_anyway(version: str, environment: str) -> Withdrawn:
    """Return what whoever asks for a withdrawn version by its name is told."""
    return Withdrawn(
        "{version} is withdrawn in {environment}.",
        hint="Start it if you know why: when it succeeds, it is withdrawn no more.",
        version=version,
        environment=environment,
    )


def _is_held(version: Version, environment: Environment) -> bool:
    held = Withdrawal.objects.filter(environment=environment, cleared_at=None)
    return held.filter(version=version).exists()


def note_withdrawn(rollout: Rollout, versions: Iterable[str], now: datetime) -> None:
    """Write down what a rollout has withdrawn in its environment. Safe to repeat."""
    for version in Version.objects.filter(service=rollout.service_id, name__in=list(versions)):
        Withdrawal.objects.get_or_create(
            version=version,
            environment=rollout.environment,
            cleared_at=None,
            defaults={"rollout": rollout, "since": now},
        )
    renew_previous(rollout.service_id, rollout.environment_id)


def note_succeeded(rollout: Rollout, now: datetime) -> None:
    """A version that succeeded when it was asked for by name is withdrawn no more."""
    cleared = Withdrawal.objects.filter(
        version=rollout.version_id, environment=rollout.environment_id, cleared_at=None
    ).update(cleared_at=now)
    if cleared:
        renew_previous(rollout.service_id, rollout.environment_id)
