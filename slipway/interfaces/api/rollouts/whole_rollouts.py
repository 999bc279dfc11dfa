"""A rollout as the API answers with it: with its targets, their steps, and who drives it."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Schema

from slipway.core.words.kinds import RolloutStatus
from slipway.interfaces.api.rollouts.times import TimeLeftOut, time_left_out
from slipway.interfaces.live.shown import shown_rollout
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.ask import queries
from slipway.records.rollouts.ask.driving import Driving, driving_of
from slipway.records.rollouts.histories.time_left import time_left_of
from slipway.records.rollouts.rollout_facts import RolloutFacts
from slipway.records.rows.sentences import told


class StepOut(Schema):
    name: str
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None
    bytes_moved: int


class TargetOut(Schema):
    id: int
    host: str
    port: int
    from_version: str | None
    to_version: str | None
    batch: int
    state: str
    cause: str  # of an end that is not success: version, host, weather, ours, person
    heading: str  # forth or back
    touched: bool
    attempts: int
    step: str
    problem: str
    problem_code: str
    problem_values: dict[str, Any]
    hint: str
    bytes_to_move: int
    started_at: datetime | None
    finished_at: datetime | None
    steps: list[StepOut]


class AsksOut(Schema):
    """What Slipway asks, and what may be answered: POST …/answer."""

    code: str
    question: str
    question_code: str
    question_values: dict[str, Any]
    hint: str
    places: list[str]
    answers: list[str]


class RolloutOut(Schema):
    id: int
    kind: str
    service: str
    environment: str
    version: str | None
    state: str
    end: str  # how it ended, in full words
    cause: str  # whose fault halted it
    watching: bool  # over, and looked after for a while
    asks: AsksOut | None
    withdrawn: list[str]  # versions that it withdrew in its environment
    reverts: int | None
    retry_of: int | None
    automatic: bool
    reason: str
    reason_code: str
    reason_values: dict[str, Any]
    outcome: str
    outcome_code: str
    outcome_values: dict[str, Any]
    created_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    plan_hash: str
    batches: str
    max_unavailable: int
    failures_allowed: int
    bake_time: float
    automatic_rollback: bool
    promotion_needed: bool
    promoted_batches: int
    cancel_requested: bool
    rev: int


class DriverOut(Schema):
    """The worker that drives it. `heard_at` is its last sign of life; one that is not `alive` is
    followed by another worker."""

    worker: str
    since: datetime | None
    heard_at: datetime | None
    alive: bool


class WholeRollout(RolloutOut):
    driver: DriverOut | None  # None: nobody has taken it up yet, or it is over
    time_left: TimeLeftOut | None  # None: it stands still, or nothing is known from before
    counts: dict[str, int]
    targets: list[TargetOut]


def whole_rollout(rollout_id: int, actor: Actor | None = None) -> dict[str, Any]:
    """Return a rollout with all that is asked of it. A few queries, however many targets there are.
    Raises NotFound."""
    rollout = queries.get_rollout(rollout_id, actor)
    is_driven = bool(rollout.driver) and not RolloutStatus(rollout.state).is_over
    courses = queries.list_courses(rollout)
    time_left = time_left_of(rollout, [course.target for course in courses], timezone.now())
    return {
        **shown_rollout(RolloutFacts.of(rollout)),
        "driver": _driver(driving_of(rollout)) if is_driven else None,
        "time_left": time_left_out(time_left),
        "counts": dict(Counter(course.target.state for course in courses)),
        "targets": [_target(course) for course in courses],
    }


def _driver(driving: Driving) -> dict[str, Any]:
    return {
        "worker": driving.worker,
        "since": driving.since,
        "heard_at": driving.heard_at,
        "alive": driving.is_alive,
    }


def _target(course: queries.TargetCourse) -> dict[str, Any]:
    target = course.target
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
        "steps": list(course.steps),
    }
