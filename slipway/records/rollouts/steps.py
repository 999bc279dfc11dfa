"""Writing down steps: the intent before the effect, the outcome after it; many targets at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from slipway.core.release import DISTURBING
from slipway.core.rollout import TargetStatus
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
    # Asked for by their targets: those are a fifth of the tickets.
    written = Step.objects.filter(target__in=[report.target_id for report in reports])
    written = written.defer("output")
    steps = {step.ticket: step for step in written}
    ended = [
        _ended(steps[outcome.ticket], outcome, rev)
        for report in reports
        for outcome in report.outcomes
        # One heard a second time, by a driver that took over, is written already.
        if outcome.ticket in steps and steps[outcome.ticket].finished_at is None
    ]
    _save_all(ended)
    shown: dict[str, list[int]] = {}
    for report in reports:
        last = steps.get(report.outcomes[-1].ticket) if report.outcomes else None
        shown.setdefault(report.under_way or (last.name if last else ""), []).append(
            report.target_id
        )
    for step, target_ids in shown.items():
        Target.objects.filter(pk__in=target_ids, rollout_id=rollout_id).update(step=step, rev=rev)
    _note_under_way(reports, now)


def _save_all(steps: Sequence[Step]) -> None:
    # Rows that are there already, so none is inserted. Django's bulk_update makes a CASE for each
    # value instead: for 250 steps that took 0.2 s.
    Step.objects.bulk_create(
        steps,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["started_at", "finished_at", "exit_code", "bytes_moved", "output", "rev"],
    )


def _ended(step: Step, outcome: StepOutcome, rev: int) -> Step:
    step.started_at, step.finished_at = outcome.started_at, outcome.finished_at
    step.exit_code, step.bytes_moved = outcome.exit_code, outcome.bytes_moved
    step.output, step.rev = storable(outcome.output[-OUTPUT_KEPT:]), rev
    return step


def _note_under_way(reports: Iterable[Report], now: datetime) -> None:
    going_on = Q()
    for report in reports:
        if report.under_way:
            going_on |= Q(target_id=report.target_id, name=report.under_way)
    if going_on:
        Step.objects.filter(going_on, started_at=None, finished_at=None).update(started_at=now)
