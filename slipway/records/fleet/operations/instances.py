"""What people say of single instances; what runs there is changed by rollouts only."""

from datetime import datetime
from typing import Any

from django.db import transaction

from slipway.core.words.moments import moment_said
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.fleet.models import Instance
from slipway.records.rows.texts import checked_text

HEAVIEST = 1000


class InstanceLocked(Refused):
    """Somebody holds the instance."""

    code = "instance_locked"


@transaction.atomic
def change_instance(
    *,
    instance: Instance,
    by: Actor,
    now: datetime,
    weight: int | None = None,
    tag: str | None = None,
    description: str | None = None,
    is_maintain: bool | None = None,
) -> Instance:
    """Change what is given. Weight and tag reach the host with the next apply,
    restart or upgrade. Raises Invalid."""
    _require(by, Action.DEPLOY, instance)
    changes: dict[str, Any] = {}
    if weight is not None:
        changes["weight"] = _weight(weight)
    if tag is not None:
        changes["tag"] = checked_text(tag, what="tag", limit=64)
    if description is not None:
        changes["description"] = checked_text(description, what="description", limit=4000)
    if is_maintain is not None:
        changes["is_maintain"] = is_maintain
    before = {key: getattr(instance, key) for key in changes}
    if before == changes:
        return instance
    for key, value in changes.items():
        setattr(instance, key, value)
    instance.save(update_fields=list(changes))
    record_of("instance.changed", instance, by=by, now=now, before=before, after=changes)
    return instance


@transaction.atomic
def lock_instance(*, instance: Instance, reason: str, by: Actor, now: datetime) -> Instance:
    """Keep every rollout away from one instance. Raises InstanceLocked, Invalid."""
    _require(by, Action.LOCK, instance)
    if not reason.strip():
        raise Invalid("A lock needs a reason.", hint="Say why, for whoever meets it at night.")
    if by.user is None:
        raise Invalid("Instances are locked by people.")
    held = Instance.objects.select_for_update(of=("self",)).get(pk=instance.pk)
    if held.locked_at and held.locked_by_id != by.user.pk:
        raise locked(held)
    instance.locked_by, instance.locked_at = by.user, now
    instance.locked_reason = checked_text(reason, what="reason", limit=1000)
    instance.save(update_fields=["locked_by", "locked_at", "locked_reason"])
    record_of("instance.locked", instance, by=by, now=now, reason=reason)
    return instance


@transaction.atomic
def unlock_instance(*, instance: Instance, by: Actor, now: datetime, reason: str = "") -> Instance:
    """Let rollouts at the instance again; another's lock takes the right, and a reason."""
    _require(by, Action.LOCK, instance)
    held = Instance.objects.select_for_update(of=("self",)).get(pk=instance.pk)
    if held.locked_at is None:
        return instance
    if by.user is None or held.locked_by_id != by.user.pk:
        _require(by, Action.BREAK_LOCK, instance)
        if not reason.strip():
            raise Invalid("Breaking the lock of somebody else needs a reason.")
    instance.locked_by, instance.locked_at, instance.locked_reason = None, None, ""
    instance.save(update_fields=["locked_by", "locked_at", "locked_reason"])
    record_of("instance.unlocked", instance, by=by, now=now, reason=reason)
    return instance


def locked(instance: Instance) -> InstanceLocked:
    """Return the refusal that names who holds `instance`, why and since when."""
    return InstanceLocked(
        "{instance} is locked by {holder} since {since}: {reason}",
        hint="Ask {holder}, or leave this host out.",
        instance=instance.said,
        holder=str(instance.locked_by),
        since=moment_said(instance.locked_at) if instance.locked_at else "",
        reason=instance.locked_reason,
    )


def _weight(value: int) -> int:
    if not 0 <= value <= HEAVIEST:
        raise Invalid("A weight is from 0 to {most}.", most=HEAVIEST).at("weight")
    return value


def _require(by: Actor, action: Action, instance: Instance) -> None:
    by.require(action, service=instance.service.name, environment=instance.environment.name)
