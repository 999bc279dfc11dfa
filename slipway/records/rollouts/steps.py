"""Writing down steps: the intent before the effect, the outcome after it; many targets at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from slipway.core.release import DISTURBING
from slipway.core.rollout.status import TargetStatus
from slipway.records.fields.many import update_each
from slipway.records.fields.texts import storable
from slipway.records.rollouts.models import Step, Target
from slipway.records.rollouts.progress import turn

OUTPUT_KEPT = 64 * 1024  # characters of a step's output, its end


@dataclass(frozen=True, slots=True)
class Intent:
    """Steps of one attempt at a target that are about to be asked for: (name, ticket, order)."""

    target_id: int
    attempt: int
    steps: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How a step ended. `bytes_moved` are package bytes sent to the host."""

    ticket: str
    exit_code: int
    started_at: datetime
    finished_at: datetime
    output: str = ""
    bytes_moved: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What was heard of a target's steps; `under_way` is the step its host works on now."""

    target_id: int
    outcomes: tuple[StepOutcome, ...]
    under_way: str = ""


def begin_steps(*, rollout_id: int, epoch: int, intents: Sequence[Intent], now: datetime) -> None:
    """Write down the intent, before the effect. The first step of each is under way from now, the
    others when the one before them has ended. Safe to repeat. Raises LeaseLost."""
    rev = turn(rollout_id, epoch)
    known = set(
        Step.objects.filter(target__in=[intent.target_id for intent in intents]).values_list(
            "ticket", flat=True
        )
    )
    fresh: list[Step] = []
    groups: dict[tuple[str, bool], list[int]] = {}
    for intent in intents:
        steps = [step for step in intent.steps if step[1] not in known]
        fresh += [_new_step(intent, step, rev) for step in steps]
        if steps:
            fresh[-len(steps)].started_at = now
        disturbs = any(name in DISTURBING for name, _, _ in intent.steps)
        groups.setdefault((steps[0][0] if steps else "", disturbs), []).append(intent.target_id)
    Step.objects.bulk_create(fresh)
    for (step, disturbs), target_ids in groups.items():
        changes: dict[str, object] = {"state": TargetStatus.RUNNING, "rev": rev}
        changes |= {"step": step} if step else {}
        changes |= {"touched": True} if disturbs else {}
        Target.objects.filter(pk__in=target_ids, rollout_id=rollout_id).update(**changes)


def _new_step(intent: Intent, step: tuple[str, str, int], rev: int) -> Step:
    name, ticket, order = step
    return Step(
        target_id=intent.target_id,
        name=name,
        attempt=intent.attempt,
        order=order,
        ticket=ticket,
        rev=rev,
    )


def finish_steps(*, rollout_id: int, epoch: int, reports: Sequence[Report], now: datetime) -> None:
    """Write down how steps ended. Safe to repeat. Raises LeaseLost."""
    rev = turn(rollout_id, epoch)
    # One heard a second time, by a driver that took over, is written already.
    update_each(
        Step,
        (
            (
                {"ticket": outcome.ticket, "target": report.target_id, "finished_at": None},
                _end_of(outcome, rev),
            )
            for report in reports
            for outcome in report.outcomes
        ),
    )
    shown: dict[str, list[int]] = {}
    names = _last_steps(reports)
    for report in reports:
        name = report.under_way or names.get(report.target_id, "")
        shown.setdefault(name, []).append(report.target_id)
    for step, target_ids in shown.items():
        Target.objects.filter(pk__in=target_ids, rollout_id=rollout_id).update(step=step, rev=rev)
    _note_under_way(reports, now)


def _end_of(outcome: StepOutcome, rev: int) -> dict[str, object]:
    return {
        "started_at": outcome.started_at,
        "finished_at": outcome.finished_at,
        "exit_code": outcome.exit_code,
        "bytes_moved": outcome.bytes_moved,
        "output": storable(outcome.output[-OUTPUT_KEPT:]),
        "rev": rev,
    }


def _last_steps(reports: Iterable[Report]) -> dict[int, str]:
    """Return the step that was the last to be heard of, of targets that go on with none."""
    over = {
        report.outcomes[-1].ticket: report.target_id
        for report in reports
        if report.outcomes and not report.under_way
    }
    names = Step.objects.filter(ticket__in=over).values_list("ticket", "name") if over else ()
    return {over[ticket]: name for ticket, name in names}


def _note_under_way(reports: Iterable[Report], now: datetime) -> None:
    going_on = Q()
    for report in reports:
        if report.under_way:
            going_on |= Q(target_id=report.target_id, name=report.under_way)
    if going_on:
        Step.objects.filter(going_on, started_at=None, finished_at=None).update(started_at=now)
