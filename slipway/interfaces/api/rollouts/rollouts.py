"""Rollouts: started, watched, held, let go on, ended, tried again, taken back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.finding.listings import ROLLOUTS
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.finding import asking_of
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    NO_REASON,
    Continued,
    Id,
    Limit,
    Line,
    Offset,
    Why,
    answers,
    continued,
)
from slipway.interfaces.api.rollouts.whole_rollouts import RolloutOut, WholeRollout, whole_rollout
from slipway.interfaces.api.rollouts.wishes import Gone, GoOn, NewAnswer, NewRollout, wish_of
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.live.shown import shown_rollout
from slipway.interfaces.sentences import in_json
from slipway.records.catalog.queries import services
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.ask import queries
from slipway.records.rollouts.operations import answers as answer_operations
from slipway.records.rollouts.operations import returns, starts, steering
from slipway.records.rollouts.rollout_facts import RolloutFacts
from slipway.records.rollouts.wish import refusals

router = Router(tags=["rollouts"])


class NothingToDo(Schema):
    """What was asked for is so already."""

    code: str
    message: str
    values: dict[str, Any]
    rollout: None = None


UNSAID = GoOn()


@router.get("", response=answers(Continued[RolloutOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_rollouts(
    request: HttpRequest,
    service: Line = "",
    environment: Line = "",
    state: RolloutStatus | None = None,
    where: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
    after: Line = "",
) -> dict[str, object]:
    """List the rollouts one may see, the newest first. `where`: words, labels of the service,
    states and a time, as in `team:data state:failed 2h..`."""
    actor = asker(request)
    page = queries.list_rollouts(
        actor,
        service=services.get_service(service, actor) if service else None,
        environment=visible_environment(environment, actor) if environment else None,
        state=state,
        limit=limit,
        offset=offset,
        after=after,
        asking=asking_of(where, ROLLOUTS, actor.name),
    )
    return continued(page, lambda each: shown_rollout(RolloutFacts.of(each)))


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
    return _accepted(response, rollout.pk)


@router.get("/{id}", response=answers(WholeRollout))
@policy(Action.VIEW, Over.VISIBLE)
def get_rollout(request: HttpRequest, id: Id) -> object:
    """Show a rollout with its targets and their steps."""
    return whole_rollout(id, asker(request))


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
    return whole_rollout(rollout_id, asker(request))


def _begin(request: HttpRequest, rollout_id: int, body: Why, operation: Callable[..., Any]) -> int:
    """Return the number of the rollout that is changed, or made by this."""
    actor = asker(request)
    rollout = queries.get_rollout(rollout_id, actor)
    actor.require(Action.DEPLOY, service=rollout.service.name, environment=rollout.environment.name)
    said = {"confirm": body.confirm} if isinstance(body, GoOn) else {}
    done = operation(rollout=rollout, by=actor, now=timezone.now(), reason=body.reason, **said)
    return int(done.pk)


def _accepted(response: HttpResponse, rollout_id: int) -> Status[object]:
    response.headers["Location"] = f"/api/v1/rollouts/{rollout_id}"
    return Status(202, whole_rollout(rollout_id))
