"""Rollouts as the live view and programs read them: scripts are written against it."""

from dataclasses import dataclass
from typing import Any

from slipway.core.rollout.value.questions import ANSWERS, Question
from slipway.records.rollouts.ask.queries import Delta, changes_since
from slipway.records.rollouts.rollout_facts import LineFacts, RolloutFacts
from slipway.records.rows.sentences import Tell, told


@dataclass(frozen=True, slots=True)
class LiveDelta:
    """What changed in a rollout: read once, told in any language."""

    changed: Delta

    @property
    def state(self) -> str:
        return self.changed.of.state

    @property
    def rev(self) -> int:
        return self.changed.rev

    @property
    def whole_rev(self) -> int:
        return self.changed.of.rev

    def told(self, tell: Tell = told) -> dict[str, Any]:
        """Return what a live view shows."""
        return {
            "rollout": shown_rollout(self.changed.of, tell),
            "cells": [
                {
                    "id": cell.id,
                    "host": cell.host,
                    "port": cell.port,
                    "batch": cell.batch,
                    "state": cell.state,
                    "step": cell.step,
                    **tell("problem", cell.problem, hint="hint"),
                }
                for cell in self.changed.cells
            ],
            "lines": [shown_line(line, tell) for line in self.changed.story],
        }


def look(rollout_id: int, rev: int) -> LiveDelta:
    """Return what changed after `rev`. Raises NotFound."""
    return LiveDelta(changes_since(rollout_id, rev))


def shown_rollout(rollout: RolloutFacts, tell: Tell = told) -> dict[str, Any]:
    """Return a rollout without its targets."""
    return {
        "id": rollout.id,
        "kind": rollout.kind,
        "service": rollout.service,
        "environment": rollout.environment,
        "version": rollout.version or None,
        "state": rollout.state,
        "end": rollout.end,
        "cause": rollout.halted,
        "watching": rollout.watching,
        "asks": _asked(rollout.question, tell),
        "withdrawn": rollout.withdrawn,
        "reverts": rollout.reverts,
        "retry_of": rollout.retry_of,
        "automatic": rollout.automatic,
        **tell("reason", rollout.cause, rollout.reason),
        **tell("outcome", rollout.outcome),
        "created_by": rollout.by or None,
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


def _asked(question: Question | None, tell: Tell) -> dict[str, Any] | None:
    """Return the question that Slipway asks, and what may be answered."""
    if question is None:
        return None
    return {
        "code": question.code.value,
        "places": list(question.places),
        "answers": [answer.value for answer in ANSWERS[question.code]],
        **tell("question", question.sentence, hint="hint"),
    }


def shown_line(line: LineFacts, tell: Tell = told) -> dict[str, Any]:
    """Return a line of the story; host and port are those of its target."""
    return {
        "id": line.id,
        "rev": line.rev,
        "at": line.at,
        "host": line.host or None,
        "port": line.port if line.host else None,
        "step": line.step,
        "level": line.level,
        **tell("text", line.sentence, line.text),
    }
