"""What a driver writes down while it drives a rollout: every change under its claim."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from slipway.core.instances import transitional
from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.refusal import Refused
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence
from slipway.records.accounts.actors import Actor
from slipway.records.audit import operations as audit
from slipway.records.fields.alike import save_alike
from slipway.records.fields.texts import storable
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import ACTIVE, Epoch, LogLine, Rollout, Target

STARTED_FIELDS = (
    "created_instance",
    "status_before",
    "state",
    "attempts",
    "started_at",
    "rev",
)
_HELD: ContextVar[tuple[int, int, int] | None] = ContextVar("held", default=None)


class LeaseLost(Refused):
    """Another worker drives this rollout now, or it is over: nothing was written."""

    code = "lease_lost"


@dataclass(frozen=True, slots=True)
class Line:
    """A line for the rollout's log."""

    said: Sentence | str  # a sentence of ours, or what a host printed
    level: str = "info"
    target_id: int | None = None
    step: str = ""


def claim(*, rollout_id: int, driver: str, now: datetime) -> int:
    """Make `driver` the only one whose writes count; returns the epoch they must carry.

    Raises LeaseLost when the rollout is over.
    """
    epoch = _next_epoch()
    rollout = Rollout.objects.select_for_update().get(pk=rollout_id)
    if RolloutStatus(rollout.state).is_over:
        raise LeaseLost("Rollout {number} is over.", number=rollout_id)
    if rollout.state == RolloutStatus.PENDING:
        rollout.state = RolloutStatus.RUNNING
        rollout.started_at = rollout.last_progress_at = now
        audit.record(
            "rollout.running",
            "rollout",
            rollout.pk,
            str(rollout),
            by=Actor.system(),
            now=now,
            service=rollout.service.name,
            environment=rollout.environment.name,
        )
    rollout.driver, rollout.epoch, rollout.rev = driver, epoch, rollout.rev + 1
    rollout.save(
        update_fields=["driver", "epoch", "rev", "state", "started_at", "last_progress_at"]
    )
    return epoch


def _next_epoch() -> int:
    """Epochs only grow, on every installation that a host has ever known: a database restored from
    an older backup goes on above the clock, not below what hosts have seen."""
    Epoch.objects.get_or_create(pk=1)
    row = Epoch.objects.select_for_update().annotate(clock=Now()).get(pk=1)
    value = max(row.value + 1, int(row.clock.timestamp()))
    Epoch.objects.filter(pk=1).update(value=value)
    return value


@contextmanager
def holding(rollout_id: int, epoch: int) -> Iterator[int]:
    """Make one revision of all changes inside: the claim is checked and the row held once.

    To be used inside a transaction. Raises LeaseLost.
    """
    rev = turn(rollout_id, epoch)
    token = _HELD.set((rollout_id, epoch, rev))
    try:
        yield rev
    finally:
        _HELD.reset(token)


def turn(rollout_id: int, epoch: int) -> int:
    """Begin a change: check the claim, hold the rollout's row, and count its revision up.

    Raises LeaseLost. Whoever holds the row is alone, so revisions are committed in their order.
    """
    if (held_here := _HELD.get()) and held_here[:2] == (rollout_id, epoch):
        return held_here[2]
    held = Rollout.objects.filter(
        pk=rollout_id, epoch=epoch, state__in=[state.value for state in ACTIVE]
    ).update(rev=F("rev") + 1)
    if not held:
        raise LeaseLost("Rollout {number} is driven by another worker now.", number=rollout_id)
    return Rollout.objects.values_list("rev", flat=True).get(pk=rollout_id)


def start_targets(*, rollout_id: int, epoch: int, target_ids: Sequence[int], now: datetime) -> None:
    """Begin with targets: their instances are made where missing, and become transitional."""
    rev = turn(rollout_id, epoch)
    rollout = Rollout.objects.select_related("created_by").get(pk=rollout_id)
    waiting = list(
        Target.objects.filter(
            rollout=rollout, pk__in=target_ids, state=TargetStatus.PENDING
        ).select_related("instance")
    )
    for target in waiting:
        if target.instance is None:
            target.instance = _make_instance(rollout, target, now)
            target.save(update_fields=["instance"])
        else:
            target.status_before = target.instance.status
            target.instance.status = transitional(_action(rollout, target))
        target.state, target.attempts = TargetStatus.RUNNING, 1
        target.started_at, target.rev = now, rev
    save_alike(Target, waiting, STARTED_FIELDS)
    save_alike(Instance, [t.instance for t in waiting if t.instance is not None], ("status",))
    Rollout.objects.filter(pk=rollout_id).update(last_progress_at=now)


def _make_instance(rollout: Rollout, target: Target, now: datetime) -> Instance:
    target.created_instance = True
    return Instance.objects.create(
        service_id=rollout.service_id,
        environment_id=rollout.environment_id,
        host_id=target.host_id,
        port=target.port,
        version=target.to_version,
        status=transitional(RolloutKind.DEPLOY),
        created_at=now,
        created_by=rollout.created_by,
    )


def _action(rollout: Rollout, target: Target) -> RolloutKind:
    gone = rollout.kind == RolloutKind.REVERT and target.to_version_id is None
    return RolloutKind.DELETE if gone else RolloutKind(rollout.kind)


def begin_attempt(
    *, rollout_id: int, epoch: int, target_id: int, attempt: int, now: datetime
) -> None:
    """Begin with a target once more, under fresh tickets."""
    rev = turn(rollout_id, epoch)
    Target.objects.filter(pk=target_id, rollout_id=rollout_id).update(
        attempts=attempt, state=TargetStatus.RUNNING, rev=rev
    )


def mark_unknown(
    *, rollout_id: int, epoch: int, target_id: int, problem: Refused, now: datetime
) -> None:
    """Write down that the outcome on a host is not known, and that the host is being asked."""
    rev = turn(rollout_id, epoch)
    Target.objects.filter(pk=target_id, rollout_id=rollout_id).update(
        state=TargetStatus.UNKNOWN,
        problem=problem.sentence,
        rev=rev,
    )


def tell(*, rollout_id: int, epoch: int, lines: Sequence[Line], now: datetime) -> None:
    """Add lines to the rollout's log, in their order."""
    rev = turn(rollout_id, epoch)
    LogLine.objects.bulk_create(
        LogLine(
            rollout_id=rollout_id,
            target_id=line.target_id,
            step=line.step,
            level=line.level,
            sentence=line.said if isinstance(line.said, Sentence) else None,
            text=storable(line.said) if isinstance(line.said, str) else "",
            at=now,
            rev=rev,
        )
        for line in lines
    )


def set_outcome(
    *, rollout_id: int, epoch: int, pause: bool, outcome: Sentence, now: datetime
) -> None:
    """Say what the system found; `pause` holds the rollout until a person decides."""
    rev = turn(rollout_id, epoch)
    changes: dict[str, object] = {"outcome": outcome, "rev": rev}
    if pause:
        changes["state"] = RolloutStatus.PAUSED
    Rollout.objects.filter(pk=rollout_id).update(**changes)
