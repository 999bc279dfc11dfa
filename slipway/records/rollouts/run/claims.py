"""Who drives a rollout: one claim at a time, and every write carries it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models.functions import Now

from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.rollouts.models import TO_BE_DRIVEN, Epoch, LogLine, Rollout
from slipway.records.workers.queries import name_of_worker

_TURN = (
    f'UPDATE "{Rollout._meta.db_table}" SET rev = rev + 1 WHERE id = %s AND epoch = %s'
    " AND (watching OR finished_at IS NULL) RETURNING rev"
)


class LeaseLost(Refused):
    """Another worker drives this rollout now, or it is over: nothing was written."""

    code = "lease_lost"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write of a rollout, as long as nobody has a later one."""

    rollout: int
    epoch: int


def claim(*, rollout_id: int, driver: str, now: datetime) -> Claim:
    """Make `driver` the only one whose writes count. Raises LeaseLost when the rollout is over."""
    epoch = _next_epoch()
    rollout = Rollout.objects.select_for_update().get(pk=rollout_id)
    if RolloutStatus(rollout.state).is_over and not rollout.watching:
        raise LeaseLost("Rollout {number} is over.", number=rollout_id)
    if rollout.state == RolloutStatus.PENDING:
        rollout.state = RolloutStatus.RUNNING
        rollout.started_at = now
        record_of("rollout.running", rollout, by=Actor.system(), now=now)
    rollout.started_at = rollout.started_at or now
    rollout.epoch, rollout.rev = epoch, rollout.rev + 1
    if rollout.driver != driver:
        _hand_over(rollout, driver, now)
    rollout.save(update_fields=["driver", "driver_since", "epoch", "rev", "state", "started_at"])
    return Claim(rollout_id, epoch)


def _hand_over(rollout: Rollout, driver: str, now: datetime) -> None:
    """Who drives it is another one from now on; the story says so where somebody did before."""
    if rollout.driver:
        said = Sentence.of(
            "taken_over",
            "Worker {worker} drives it from now on; until now it was {former}.",
            worker=name_of_worker(driver),
            former=name_of_worker(rollout.driver),
        )
        LogLine.objects.create(rollout=rollout, sentence=said, at=now, rev=rollout.rev)
    rollout.driver, rollout.driver_since = driver, now


def _next_epoch() -> int:
    """Epochs only grow, on every installation that a host has ever known: a database restored from
    an older backup goes on above the clock, not below what hosts have seen."""
    Epoch.objects.get_or_create(pk=1)
    row = Epoch.objects.select_for_update().annotate(clock=Now()).get(pk=1)
    value = max(row.value + 1, int(row.clock.timestamp()))
    Epoch.objects.filter(pk=1).update(value=value)
    return value


def turn(held: Claim) -> int:
    """Begin a change: check the claim, hold the rollout's row, and count its revision up.

    Raises LeaseLost. Whoever holds the row is alone, so revisions are committed in their order.
    """
    with connection.cursor() as cursor:
        # Every commit begins with it: as one statement it takes a fifth of what Django needs for
        # the two that it would make of it.
        cursor.execute(_TURN, [held.rollout, held.epoch])
        row = cursor.fetchone()
    if row is None:
        raise _lost(held)
    return int(row[0])


def require_ours(held: Claim) -> None:
    """Raises LeaseLost where the claim stands no more; asked without writing."""
    if not is_ours(held):
        raise _lost(held)


def is_ours(held: Claim) -> bool:
    """Whether the claim still stands, asked without writing."""
    return Rollout.objects.filter(TO_BE_DRIVEN, pk=held.rollout, epoch=held.epoch).exists()


def _lost(held: Claim) -> LeaseLost:
    return LeaseLost("Rollout {number} is driven by another worker now.", number=held.rollout)
