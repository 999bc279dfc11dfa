"""Plans that are looked at are kept for an hour: a start that comes too late says what changed."""

from datetime import datetime, timedelta

from django.db import transaction

from slipway.core.rollout.plans.as_json import plan_as_json, plan_from_json
from slipway.core.rollout.plans.differences import differences, together
from slipway.core.rollout.plans.outlook import Outlook
from slipway.core.rollout.plans.plan import Plan
from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import ShownPlan
from slipway.records.rollouts.plan.planning import make_plan
from slipway.records.rollouts.wish.refusals import PlanChanged
from slipway.records.rollouts.wish.wishes import Wish

KEPT_FOR = timedelta(hours=1)
MOST_KEPT = 500  # to look is everybody's right, and a plan of 300 places has some 250 kB
_HINT = "Look at the plan again, then start it."
_MOST_SAID = 20  # differences


@transaction.atomic
def show_plan(*, wish: Wish, now: datetime, by: Actor | None = None) -> Outlook:
    """Return what would happen, and keep that plan for an hour; older ones go, and the oldest of
    too many: who starts one of those is told that something changed, though not what.

    Raises Invalid when batches or budgets cannot be read.
    """
    outlook = make_plan(wish, now, by)
    ShownPlan.objects.filter(shown_at__lt=now - KEPT_FOR).delete()
    if ShownPlan.objects.filter(hash=outlook.hash).update(shown_at=now):
        return outlook  # the very same was looked at before
    shown = ShownPlan(hash=outlook.hash, plan=plan_as_json(outlook.plan), shown_at=now)
    newest = ShownPlan.objects.order_by("-shown_at").values_list("shown_at", flat=True)
    for last in newest[MOST_KEPT - 1 : MOST_KEPT]:
        ShownPlan.objects.filter(shown_at__lte=last).delete()
    ShownPlan.objects.bulk_create(
        [shown], update_conflicts=True, unique_fields=["hash"], update_fields=["shown_at"]
    )
    return outlook


def plan_changed(shown_hash: str, plan: Plan, now: datetime) -> PlanChanged:
    """Return the refusal that says exactly what has changed since the plan that was looked at."""
    old = _kept(shown_hash, now)
    if old is None:
        return PlanChanged(
            "The plan is not the one you looked at, and that one is not kept any more.",
            hint=_HINT,
        )
    every = differences(old, plan)
    said = list(every[:_MOST_SAID])
    if more := len(every) - len(said):
        said.append(Sentence.of("more_changes", "{more} more things have changed.", more=more))
    return PlanChanged(
        "The plan is not the one you looked at: {changes}", hint=_HINT, changes=together(said)
    )


def _kept(shown_hash: str, now: datetime) -> Plan | None:
    since = now - KEPT_FOR
    shown = ShownPlan.objects.filter(hash=shown_hash[:64], shown_at__gte=since).first()
    try:
        return plan_from_json(shown.plan) if shown else None
    except Invalid:
        return None  # of another format: it cannot be compared
