"""One target of a rollout: how it stands, and the steps that were taken there."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages, words
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.records.rollouts.ask.parts import get_target, list_last_steps
from slipway.records.rollouts.ask.queries import get_rollout
from slipway.records.rollouts.rollout_facts import RolloutFacts, StepFacts, TargetFacts

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_STEPS = 40  # of one target, each with up to 64 Ki characters of output


@require_GET
@pages.answered
def show_target(request: HttpRequest, rollout_id: int, target_id: int) -> HttpResponse:
    actor = asker(request)
    rollout = get_rollout(rollout_id, actor)
    target = TargetFacts.of(get_target(rollout, target_id))
    told = told_of(target, RolloutFacts.of(rollout), actor)
    return pages.show(request, "web/board/target.html", **told)


def told_of(target: TargetFacts, rollout: RolloutFacts, actor: "Actor") -> dict[str, Any]:
    """Return what the tab of a target shows to `actor`."""
    cell, is_over = target.cell, RolloutStatus(rollout.state).is_over
    is_waited_for = cell.state == TargetStatus.UNKNOWN and not is_over
    may_end = actor.may(Action.DEPLOY, service=rollout.service, environment=rollout.environment)
    steps, earlier = list_last_steps(cell.id, _STEPS)
    return {
        "target": {
            "id": cell.id,
            "name": cell.place,
            "host": cell.host,
            "state": cell.state,
            "mark": words.mark(cell.state),
            "problem": said(cell.problem),
            "hint": said_hint(cell.problem),
            "cause": words.cause_word(target.cause),
            "from_version": target.from_version,
            "to_version": target.to_version,
            "batch": cell.batch,
            "attempts": target.attempts,
            "took": took(target.started_at, target.finished_at),
        },
        "steps": [_step(step) for step in steps],
        "earlier": earlier,
        "gone": f"/rollouts/{rollout.id}/targets/{cell.id}/gone"
        if is_waited_for and may_end
        else "",
        "confirm": rollout.service if rollout.is_guarded else "",
    }


def took(since: datetime | None, until: datetime | None) -> timedelta | None:
    """Return how long it took; None where it has not begun or not ended."""
    return until - since if since and until else None


def _step(step: StepFacts) -> dict[str, Any]:
    if step.finished_at is None:
        mark = words.RUN if step.started_at else words.WAIT
    else:
        mark = words.OK if step.exit_code == 0 else words.FAIL
    return {
        "id": step.id,
        "name": step.name,
        "attempt": step.attempt,
        "mark": mark,
        "exit_code": step.exit_code,
        "bytes_moved": step.bytes_moved,
        "started_at": step.started_at,
        "took": took(step.started_at, step.finished_at),
        "output": step.output,
    }
