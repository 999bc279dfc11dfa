"""Rollouts: started, watched, held, let go on, ended, tried again, taken back."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Id, Limit, Line, Listed, Offset, answers, listed
from slipway.interfaces.api.rollouts.wishes import Gone, GoOn, NewAnswer, NewRollout, Why, wish_of
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.sentences import in_json
from slipway.records.catalog.queries import services
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.ask import queries, reports
from slipway.records.rollouts.operations import answers as answer_operations
from slipway.records.rollouts.operations import returns, starts, steering
from slipway.records.rollouts.wish import refusals

if TYPE_CHECKING:
    from slipway.records.rollouts.models import Rollout

router = Router(tags=["rollouts"])


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
    counts: dict[str, int]
    targets: list[TargetOut]


class NothingToDo(Schema):
    """What was asked for is so already."""

    code: str
    message: str
    values: dict[str, Any]
    rollout: None = None


NO_REASON = Why()
UNSAID = GoOn()


@router.get("", response=answers(Listed[RolloutOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_rollouts(
    request: HttpRequest,
    service: Line = "",
    environment: Line = "",
    state: RolloutStatus | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, object]:
    """List the rollouts one may see, the newest first."""
    actor = asker(request)
    page = queries.list_rollouts(
        actor,
        service=services.get_service(service, actor) if service else None,
        environment=visible_environment(environment, actor) if environment else None,
        state=state,
        limit=limit,
        offset=offset,
    )
    return listed(page, reports.rollout_summary)


@router.post("", response={200: NothingToDo, **answers(WholeRollout, 202)})
@policy(Action.DEPLOY, Over.BOTH)
def start_rollout(request: HttpRequest, response: HttpResponse, body: NewRollout) -> Status[object]:
    """Write down the wish; a worker does it. 200 when there is nothing to do."""
    actor = asker(request)
    wish = wish_of(body, actor)
    actor.require(Action.DEPLOY, service=body.service, environment=body.environment)
    try:
        rollout = starts.start_rollout(
            wish=wish,
            by=actor,
            now=timezone.now(),
            plan_hash=body.plan_hash,
            reason=body.reason,
            confirm=body.confirm,
        )
    except refusals.NothingToDo as done:
        return Status(200, {**in_json(done.sentence), "rollout": None})
    return _accepted(response, rollout)


@router.get("/{id}", response=answers(WholeRollout))
@policy(Action.VIEW, Over.VISIBLE)
def get_rollout(request: HttpRequest, id: Id) -> object:
    """Show a rollout with its targets and their steps."""
    return reports.rollout_as_dict(queries.get_rollout(id, asker(request)))


@router.post("/{id}/pause", response=answers(WholeRollout))
@policy(Action.DEPLOY, Over.BOTH)
def pause_rollout(request: HttpRequest, id: Id, body: Why = NO_REASON) -> object:
    """Start no more targets; those under way go to their end."""
    return _change(request, id, body, steering.pause_rollout)


@router.post("/{id}/resume", response=answers(WholeRollout))
@policy(Action.DEPLOY, Over.BOTH)
def resume_rollout(request: HttpRequest, id: Id, body: GoOn = UNSAID) -> object:
    """Go on after a pause."""
    return _change(request, id, body, steering.resume_rollout)


@router.post("/{id}/promote", response=answers(WholeRollout))
@policy(Action.DEPLOY, Over.BOTH)
def promote_rollout(request: HttpRequest, id: Id, body: GoOn = UNSAID) -> object:
    """Let the next batch begin."""
    return _change(request, id, body, steering.promote_rollout)


@router.post("/{id}/cancel", response=answers(WholeRollout))
@policy(Action.DEPLOY, Over.BOTH)
def cancel_rollout(request: HttpRequest, id: Id, body: Why = NO_REASON) -> object:
    """End it: every host stays at the old or the new version, and the rollout says which."""
    return _change(request, id, body, steering.cancel_rollout)


@router.post("/{id}/answer", response=answers(WholeRollout))
@policy(Action.DEPLOY, Over.BOTH)
def answer_question(request: HttpRequest, id: Id, body: NewAnswer) -> object:
    """Answer the question that the rollout asks."""
    return _change(
        request, id, body, partial(answer_operations.answer_question, answer=body.answer)
    )


@router.post("/{id}/gone", response=answers(WholeRollout))
@policy(Action.DEPLOY, Over.BOTH)
def say_gone(request: HttpRequest, id: Id, body: Gone) -> object:
    """Say that a place of which nothing is known is gone: it is waited for no more."""
    return _change(request, id, body, partial(answer_operations.say_gone, place=body.place))


@router.post("/{id}/retry", response=answers(WholeRollout, 202))
@policy(Action.DEPLOY, Over.BOTH)
def retry_rollout(
    request: HttpRequest, response: HttpResponse, id: Id, body: GoOn = UNSAID
) -> Status[object]:
    """Try again what has not succeeded: a new rollout."""
    return _accepted(response, _begin(request, id, body, returns.retry_rollout))


@router.post("/{id}/rollback", response=answers(WholeRollout, 202))
@policy(Action.DEPLOY, Over.BOTH)
def roll_back(
    request: HttpRequest, response: HttpResponse, id: Id, body: GoOn = UNSAID
) -> Status[object]:
    """Take back what was touched, each instance to its own earlier version: a new rollout."""
    return _accepted(response, _begin(request, id, body, returns.roll_back))


def _change(
    request: HttpRequest, rollout_id: int, body: Why, operation: Callable[..., Any]
) -> object:
    _begin(request, rollout_id, body, operation)
    return reports.rollout_as_dict(queries.get_rollout(rollout_id, asker(request)))


def _begin(
    request: HttpRequest, rollout_id: int, body: Why, operation: Callable[..., Any]
) -> "Rollout":
    actor = asker(request)
    rollout = queries.get_rollout(rollout_id, actor)
    actor.require(Action.DEPLOY, service=rollout.service.name, environment=rollout.environment.name)
    said = {"confirm": body.confirm} if isinstance(body, GoOn) else {}
    done: Rollout = operation(
        rollout=rollout, by=actor, now=timezone.now(), reason=body.reason, **said
    )
    return done


def _accepted(response: HttpResponse, rollout: "Rollout") -> Status[object]:
    response.headers["Location"] = f"/api/v1/rollouts/{rollout.pk}"
    return Status(202, reports.rollout_as_dict(queries.get_rollout(rollout.pk)))
