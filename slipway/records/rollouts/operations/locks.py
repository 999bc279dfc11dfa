"""Stop signs on a service in an environment."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.models import Lock
from slipway.records.rollouts.wish.gates import LockFacts, holder_of, locked
from slipway.records.rollouts.wish.refusals import Locked, NotLocked
from slipway.records.rows.texts import checked_text
from slipway.records.rows.writing.uniqueness import refused_if_taken


@transaction.atomic
def lock_service(
    *,
    service: Service,
    environment: Environment,
    reason: str,
    until: datetime | None,
    by: Actor,
    now: datetime,
) -> Lock:
    """Let nobody else start an operation there; one's own lock is renewed.

    Raises Locked, Invalid.
    """
    by.require(Action.LOCK, service=service.name, environment=environment.name)
    _check(by, reason, until, now)
    _end_expired(service, environment, now)
    held = _held(service, environment)
    if held is not None:
        if by.user is None or held.holder_id != by.user.pk:
            raise locked(LockFacts.of(held))
        _release(held, by, now, reason="")
    lock = Lock(
        service=service,
        environment=environment,
        holder=by.user,
        reason=reason,
        since=now,
        until=until,
    )
    taken = Locked(
        "{service} in {environment} was locked a moment ago.",
        hint="Look at the locks to see by whom.",
        service=service.name,
        environment=environment.name,
    )
    with refused_if_taken(taken):
        lock.save()
    _tell("lock.taken", lock, by=by, now=now, reason=reason)
    return lock


def right_to_release(person: str, by: Actor) -> Action:
    """Return what a lock that `person` holds ("": a rollout) takes of `by`: one's own goes freely,
    a rollout's for a reason, and somebody else's is broken."""
    return Action.BREAK_LOCK if person and not is_own(person, by) else Action.LOCK


def is_own(person: str, by: Actor) -> bool:
    """Return whether a lock that `person` holds is that of `by`."""
    return by.user is not None and person == by.user.get_username()


@transaction.atomic
def unlock_service(
    *, service: Service, environment: Environment, by: Actor, now: datetime, reason: str = ""
) -> Lock:
    """Release a lock: one's own freely, a rollout's with a reason, somebody else's with the right
    to break it and a reason. Raises NotLocked, Invalid, Forbidden."""
    by.require(Action.LOCK, service=service.name, environment=environment.name)
    checked_text(reason, what="reason", limit=1000)
    lock = _held(service, environment)
    if lock is None:
        raise NotLocked(
            "{service} in {environment} is not locked.",
            service=service.name,
            environment=environment.name,
        )
    person = lock.holder.get_username() if lock.holder else ""
    own = is_own(person, by)
    by.require(right_to_release(person, by), service=service.name, environment=environment.name)
    if not own and not reason.strip():
        raise Invalid(
            "Releasing a lock of {holder} needs a reason.",
            hint="Say why it may go: --reason",
            holder=holder_of(lock),
        )
    _release(lock, by, now, reason)
    _tell("lock.released" if own else "lock.broken", lock, by=by, now=now, reason=reason)
    return lock


def _check(by: Actor, reason: str, until: datetime | None, now: datetime) -> None:
    if by.user is None:
        raise Invalid("Locks of this kind are held by people.")
    if not checked_text(reason, what="reason", limit=1000).strip():
        raise Invalid("A lock needs a reason.", hint="Say why, for whoever meets it at night.")
    if until is not None and until <= now:
        raise Invalid("A lock ends after it begins.")


def _held(service: Service, environment: Environment) -> Lock | None:
    locks = Lock.objects.filter(service=service, environment=environment, released_at=None)
    return (
        locks.select_for_update(of=("self",))
        .select_related("holder", "service", "environment")
        .first()
    )


def _end_expired(service: Service, environment: Environment, now: datetime) -> None:
    over = Q(until__lte=now)
    locks = Lock.objects.filter(over, service=service, environment=environment, released_at=None)
    locks.update(released_at=now)


def _release(lock: Lock, by: Actor, now: datetime, reason: str) -> None:
    lock.released_at, lock.released_by, lock.release_reason = now, by.user, reason
    lock.save(update_fields=["released_at", "released_by", "release_reason"])


def _tell(verb: str, lock: Lock, **more: Any) -> None:
    after = {"holder": holder_of(lock), "until": lock.until.isoformat() if lock.until else None}
    record_of(verb, lock.service, after=after, environment=lock.environment.name, **more)
