"""Rollouts as the values that API, CLI and live view show: scripts are written against them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from slipway.core.rollout.value.questions import ANSWERS, Question
from slipway.core.words.kinds import RolloutStatus
from slipway.records.rollouts.ask.driving import driving_of
from slipway.records.rollouts.models import LogLine, Rollout, Step, Target
from slipway.records.rollouts.run.loading import question_from_json
from slipway.records.rows.sentences import Tell, told


def rollout_summary(rollout: Rollout, tell: Tell = told) -> dict[str, Any]:
    """Return a rollout without its targets. `select_related` should have brought what it names."""
    person = rollout.created_by
    return {
        "id": rollout.pk,
        "kind": rollout.kind,
        "service": rollout.service.name,
        "environment": rollout.environment.name,
        "version": rollout.version.name if rollout.version else None,
        "state": rollout.state,
        "end": rollout.end,
        "cause": rollout.halted,
        "watching": rollout.watching,
        "asks": _asked(rollout, tell),
        "withdrawn": rollout.withdrawn,
        "reverts": rollout.reverts_id,
        "retry_of": rollout.retry_of_id,
        "automatic": rollout.automatic,
        **tell("reason", rollout.cause, rollout.reason),
        **tell("outcome", rollout.outcome),
        "created_by": person.get_username() if person else None,
        "created_at": rollout.created_at,
        "started_at": rollout.started_at,
        "finished_at": rollout.finished_at,
        "plan_hash": rollout.plan_hash,
        "batches": rollout.batches,
        "max_unavailable": rollout.max_unavailable,
        "failures_allowed": rollout.failures_allowed,
        "bake_time": rollout.bake_time.total_seconds(),
        "automatic_rollback": rollout.automatic_rollback,
        "promotion_needed": rollout.promotion_needed,
        "promoted_batches": rollout.promoted_batches,
        "cancel_requested": rollout.cancel_requested,
        "rev": rollout.rev,
    }


def question_of(rollout: Rollout) -> Question | None:
    """Return what Slipway asks now; None where it asks nothing."""
    return question_from_json(rollout.asks) if rollout.asks else None


def _asked(rollout: Rollout, tell: Tell) -> dict[str, Any] | None:
    """Return the question that Slipway asks, and what may be answered."""
    question = question_of(rollout)
    if question is None:
        return None
    return {
        "code": question.code.value,
        "places": list(question.places),
        "answers": [answer.value for answer in ANSWERS[question.code]],
        **tell("question", question.sentence, hint="hint"),
    }


def rollout_as_dict(rollout: Rollout) -> dict[str, Any]:
    """Return a rollout with its targets, their steps and who drives it. A few queries more, however
    many there are."""
    targets = list(
        Target.objects.filter(rollout=rollout)
        .select_related("host", "from_version", "to_version")
        .defer("host__facts", "host__labels", "from_version__spec", "to_version__spec")
        .order_by("batch", "id")
    )
    steps: dict[int, list[Step]] = {}
    rows = Step.objects.filter(target__rollout=rollout).defer("output")
    for step in rows.order_by("attempt", "order", "id"):
        steps.setdefault(step.target_id, []).append(step)
    counts = Counter(target.state for target in targets)
    return {
        **rollout_summary(rollout),
        "driver": _driver(rollout),
        "counts": dict(counts),
        "targets": [target_as_dict(target, steps.get(target.pk, ())) for target in targets],
    }


def _driver(rollout: Rollout) -> dict[str, Any] | None:
    """Return who drives it; None where nobody has taken it up, and when it is over."""
    if not rollout.driver or RolloutStatus(rollout.state).is_over:
        return None
    driving = driving_of(rollout)
    return {
        "worker": driving.worker,
        "since": driving.since,
        "heard_at": driving.heard_at,
        "alive": driving.is_alive,
    }


def target_as_dict(target: Target, steps: Iterable[Step]) -> dict[str, Any]:
    return {
        "id": target.pk,
        "host": target.host.name,
        "port": target.port,
        "from_version": target.from_version.name if target.from_version else None,
        "to_version": target.to_version.name if target.to_version else None,
        "batch": target.batch,
        "state": target.state,
        "cause": target.cause,
        "heading": target.heading,
        "touched": target.touched,
        "attempts": target.attempts,
        "step": target.step,
        **told("problem", target.problem, hint="hint"),
        "bytes_to_move": target.bytes_to_move,
        "started_at": target.started_at,
        "finished_at": target.finished_at,
        "steps": [step_as_dict(step) for step in steps],
    }


def step_as_dict(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "attempt": step.attempt,
        "started_at": step.started_at,
        "finished_at": step.finished_at,
        "exit_code": step.exit_code,
        "bytes_moved": step.bytes_moved,
    }


def cell_as_dict(target: Target, tell: Tell = told) -> dict[str, Any]:
    """Return what a cell of the live board shows."""
    return {
        "id": target.pk,
        "host": target.host.name,
        "port": target.port,
        "batch": target.batch,
        "state": target.state,
        "step": target.step,
        **tell("problem", target.problem, hint="hint"),
    }


def line_as_dict(line: LogLine, tell: Tell = told) -> dict[str, Any]:
    """Return a line of the story; host and port are those of its target."""
    target = line.target
    return {
        "id": line.pk,
        "rev": line.rev,
        "at": line.at,
        "host": target.host.name if target else None,
        "port": target.port if target else None,
        "step": line.step,
        "level": line.level,
        **tell("text", line.sentence, line.text),
    }
