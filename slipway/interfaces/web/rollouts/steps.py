"""One target of a rollout: how it stands, and the steps that were taken there."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from slipway.core.rollout.plans.plan import place_name
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages, words
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.records.rollouts.ask.parts import get_target, list_last_steps
from slipway.records.rollouts.ask.queries import get_rollout

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.rollouts.models import Step, Target

_STEPS = 40  # of one target, each with up to 64 Ki characters of output


@require_GET
@pages.answered
def show_target(request: HttpRequest, rollout_id: int, target_id: int) -> HttpResponse:
    actor = asker(request)
    target = get_target(get_rollout(rollout_id, actor), target_id)
    return pages.show(request, "web/board/target.html", **told_of(target, actor))


def told_of(target: "Target", actor: "Actor") -> dict[str, Any]:
    """Return what the tab of a target shows to `actor`."""
    rollout = target.rollout
    service, environment = rollout.service.name, rollout.environment
    is_over = RolloutStatus(rollout.state).is_over
    is_waited_for = target.state == TargetStatus.UNKNOWN and not is_over
    may_end = actor.may(Action.DEPLOY, service=service, environment=environment.name)
    before, after = versions_of(target)
    steps, earlier = list_last_steps(target, _STEPS)
    return {
        "target": {
            "id": target.pk,
            "name": place_name(target.host.name, target.port),
            "host": target.host.name,
            "state": target.state,
            "mark": words.mark(target.state),
            "problem": said(target.problem),
            "hint": said_hint(target.problem),
            "cause": words.cause_word(target.cause),
            "from_version": before,
            "to_version": after,
            "batch": target.batch,
            "attempts": target.attempts,
            "took": took(target.started_at, target.finished_at),
        },
        "steps": [_step(step) for step in steps],
        "earlier": earlier,
        "gone": f"/rollouts/{rollout.pk}/targets/{target.pk}/gone"
        if is_waited_for and may_end
        else "",
        "confirm": service if environment.is_guarded else "",
    }


def versions_of(target: "Target") -> tuple[str, str]:
    """Return the names of the versions that it comes from and is brought to; "" for none."""
    return (
        target.from_version.name if target.from_version else "",
        target.to_version.name if target.to_version else "",
    )


def took(since: datetime | None, until: datetime | None) -> timedelta | None:
    """Return how long it took; None where it has not begun or not ended."""
    return until - since if since and until else None


def _step(step: "Step") -> dict[str, Any]:
    if step.finished_at is None:
        mark = words.RUN if step.started_at else words.WAIT
    else:
        mark = words.OK if step.exit_code == 0 else words.FAIL
    return {
        "id": step.pk,
        "name": step.name,
        "attempt": step.attempt,
        "mark": mark,
        "exit_code": step.exit_code,
        "bytes_moved": step.bytes_moved,
        "started_at": step.started_at,
        "took": took(step.started_at, step.finished_at),
        "output": step.output,
    }
