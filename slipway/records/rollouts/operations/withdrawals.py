"""Withdrawing a version in an environment at a person's word, and clearing it."""

from datetime import datetime

from django.db import transaction

from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.histories.well_states import renew_previous
from slipway.records.rollouts.models import Withdrawal
from slipway.records.rollouts.operations.starts import LONGEST_REASON
from slipway.records.rollouts.wish.refusals import NotWithdrawn
from slipway.records.rows.texts import checked_text


@transaction.atomic
def withdraw_version(
    *, version: Version, environment: Environment, reason: str, by: Actor, now: datetime
) -> Withdrawal:
    """Let a version be no way back and no source of promotion there until it is cleared. One that
    is withdrawn already stays so, as it is. Raises Invalid, Forbidden."""
    by.require(Action.DEPLOY, service=version.service.name, environment=environment.name)
    if not checked_text(reason, what="reason", limit=LONGEST_REASON).strip():
        raise Invalid(
            "Withdrawing a version needs a reason.",
            hint="Say why, for whoever wants to go back to it.",
        )
    held, made = Withdrawal.objects.get_or_create(
        version=version,
        environment=environment,
        cleared_at=None,
        defaults={"by": by.user, "reason": reason, "since": now},
    )
    if made:
        _tell("version.withdrawn", held, by=by, now=now, reason=reason)
    return held


@transaction.atomic
def clear_withdrawal(
    *, version: Version, environment: Environment, by: Actor, now: datetime, reason: str = ""
) -> Withdrawal:
    """Let a withdrawn version be a way back and a source of promotion again. Raises NotWithdrawn,
    Forbidden."""
    by.require(Action.DEPLOY, service=version.service.name, environment=environment.name)
    checked_text(reason, what="reason", limit=LONGEST_REASON)
    rows = Withdrawal.objects.select_for_update(of=("self",)).filter(
        version=version, environment=environment, cleared_at=None
    )
    held = rows.first()
    if held is None:
        raise NotWithdrawn(
            "{version} is not withdrawn in {environment}.",
            version=version.name,
            environment=environment.name,
        )
    held.cleared_at, held.cleared_by, held.cleared_why = now, by.user, reason
    held.save(update_fields=["cleared_at", "cleared_by", "cleared_why"])
    _tell("version.cleared", held, by=by, now=now, reason=reason)
    return held


def _tell(verb: str, held: Withdrawal, *, by: Actor, now: datetime, reason: str) -> None:
    version, environment = held.version, held.environment
    renew_previous(version.service_id, environment.pk)
    record_of(
        verb,
        version,
        by=by,
        now=now,
        after={"withdrawn": held.cleared_at is None, "rollout": held.rollout_id},
        reason=reason,
        environment=environment.name,
    )
