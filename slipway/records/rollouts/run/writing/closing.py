"""How a rollout ends, and how one that was over is taken up again by its watch."""

from datetime import datetime

from slipway.core.rollout.told.endings import halt_of, outcome_of
from slipway.core.rollout.told.status import state_of
from slipway.core.rollout.told.telling import Told
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.words import Cause
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.rollouts.models import UNDER_WAY, Lock, Rollout
from slipway.records.rollouts.run.loading import Loaded
from slipway.records.rollouts.taking_part.withdrawals import note_succeeded, note_withdrawn

_LEVELS = {
    RolloutStatus.SUCCEEDED: "info",
    RolloutStatus.CANCELLED: "warning",
    RolloutStatus.PARTIAL: "error",
    RolloutStatus.HALTED: "error",
}


class ReopenRefused(Refused):
    """What died after its rollout was over is not taken back by it: another one has begun."""

    code = "reopen_refused"


def close(loaded: Loaded, value: Value, now: datetime) -> Told:
    """End a rollout: its lock is free, what it withdrew is written down. Returns what to tell."""
    state = state_of(value)
    outcome = outcome_of(value, loaded.plan.kind, loaded.plan.version)
    Rollout.objects.filter(pk=value.number).update(
        state=state.value, outcome=outcome, finished_at=now
    )
    row = Rollout.objects.select_related("service", "environment").get(pk=value.number)
    record_of(f"rollout.{state.value}", row, by=Actor.system(), now=now, cause=outcome)
    if value.withdrawn:
        note_withdrawn(row, sorted(value.withdrawn), now)
    if state is RolloutStatus.SUCCEEDED and row.version_id is not None:
        note_succeeded(row, now)
    if value.halted is Cause.VERSION and value.policy.goes_back:
        _leave_lock(row, halt_of(value), now)
    return Told(outcome, _LEVELS[state])


def _leave_lock(row: Rollout, why: Sentence, now: datetime) -> None:
    """A halt through the version's fault locks the service: rules and schedules stay away, and the
    withdrawn version is not released again, before a person has looked."""
    locks = Lock.objects.filter(service=row.service, environment=row.environment, released_at=None)
    # One whose time is over holds nobody back, and must not stand in for this one.
    locks.filter(until__lte=now).update(released_at=now)
    cause = Sentence.of(
        "halted_and_locked",
        "Rollout {number} was halted. {why}",
        hint="Whoever may deploy there may go back, release another version, or unlock it.",
        number=row.pk,
        why=why,
    )
    _, made = locks.get_or_create(
        service=row.service,
        environment=row.environment,
        defaults={"rollout": row, "cause": cause, "since": now},
    )
    if made:
        told = {"cause": cause, "environment": row.environment.name}
        record_of("lock.taken", row.service, by=Actor.system(), now=now, **told)


def reopen(loaded: Loaded, now: datetime) -> None:
    """Take the service again, in the transaction in which a death was heard. Raises ReopenRefused
    where another rollout has begun meanwhile."""
    row = Rollout.objects.select_related("service", "environment").get(pk=loaded.value.number)
    others = Rollout.objects.filter(UNDER_WAY, service=row.service, environment=row.environment)
    if others.exists():
        raise ReopenRefused("Another rollout of {service} has begun.", service=row.service.name)
    Rollout.objects.filter(pk=row.pk).update(
        state=RolloutStatus.RUNNING.value, finished_at=None, outcome=None
    )
    why = Sentence.of("watch_failed", "It was over, and did not stay well: it goes on.")
    record_of("rollout.reopened", row, by=Actor.system(), now=now, cause=why)
