"""The plan that a rollout carries with it, as it was kept when it was started."""

from dataclasses import dataclass

from slipway.core.rollout.plans.as_json import plan_from_json
from slipway.core.rollout.plans.outlook import PlannedTarget, checks_of
from slipway.core.rollout.plans.plan import Plan
from slipway.core.rollout.plans.spec_changes import SpecChanges, spec_changes
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.plan.settings import rules_of


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """What was decided before anything moved. `rules` are by their names."""

    plan: Plan
    hash: str
    targets: tuple[PlannedTarget, ...]
    rules: tuple[tuple[str, str], ...]
    checks: tuple[Sentence, ...]
    changes: tuple[SpecChanges, ...]


def kept_plan(rollout: Rollout, by: Actor) -> KeptPlan:
    """Return the plan of a rollout; what may be a secret is for who may deploy. Raises Invalid
    for one that is kept in a format that is read no more."""
    plan = plan_from_json(rollout.plan)
    is_open = by.may_somewhere(Action.DEPLOY, service=plan.service)
    goals = dict.fromkeys(place.planned.goal for place in plan.targets if place.planned.goal)
    checks = [checks_of(plan.release(goal).spec.health) for goal in goals]
    return KeptPlan(
        plan,
        rollout.plan_hash,
        tuple(map(PlannedTarget.of, plan.targets)),
        rules_of(plan),
        tuple(dict.fromkeys(each for some in checks for each in some)),
        spec_changes(plan, is_open=is_open),
    )
