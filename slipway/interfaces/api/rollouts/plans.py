"""Plans: what would happen, before anything moves."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import answers
from slipway.interfaces.api.rollouts.plan_shapes import PlanOut, plan_as_dict
from slipway.interfaces.api.rollouts.wishes import NewWish, wish_of
from slipway.interfaces.entrance.admission import asker
from slipway.records.rollouts.ask import changes
from slipway.records.rollouts.operations import shown_plans

router = Router(tags=["rollouts"])


@router.post("", response=answers(PlanOut))
@policy(Action.VIEW, Over.BOTH)
def make_plan(request: HttpRequest, body: NewWish) -> dict[str, object]:
    """Show what a rollout would do, and what stands in its way. The plan is kept for an
    hour: a start with its hash is told what has changed since."""
    actor = asker(request)
    wish = wish_of(body, actor)
    actor.require(Action.VIEW, service=body.service, environment=body.environment)
    plan = shown_plans.show_plan(wish=wish, now=timezone.now(), by=actor)
    return plan_as_dict(plan, changes.changes_of(wish.service, plan))
