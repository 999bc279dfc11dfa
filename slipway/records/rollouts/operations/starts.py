"""A wish becomes a rollout, or is refused."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from slipway.core.kinds import RolloutStatus
from slipway.core.plan import Plan, plan_hash
from slipway.core.refusal import Refused
from slipway.core.roles import Action
from slipway.core.rollout.status import TargetStatus
from slipway.core.sentence import Sentence
from slipway.records.accounts.actors import Actor
from slipway.records.audit.models import Event
from slipway.records.audit.operations import record
from slipway.records.fields.texts import checked_text
from slipway.records.fields.uniqueness import refused_if_taken
from slipway.records.rollouts.gates import active_refusal, active_rollout, closed_gates
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.planning import Drawing, draw
from slipway.records.rollouts.refusals import ActiveRollout, PlanChanged
from slipway.records.rollouts.retention import hold_packages
from slipway.records.rollouts.wishes import Wish

LONGEST_REASON = 1000  # characters


@dataclass(frozen=True, slots=True)
class Why:
    """Why a rollout is started: a person's reason, the system's own cause."""

    reason: str
    cause: Sentence | None
    automatic: bool


def start_rollout(
    *,
    wish: Wish,
    by: Actor,
    now: datetime,
    plan_hash: str = "",
    reason: str = "",
    cause: Sentence | None = None,
    automatic: bool = False,
) -> Rollout:
    """Write down the wish; a worker does the rest. All or nothing.

    `reason` is a person's, `cause` the system's own. Raises what refusals.py names, Invalid,
    Forbidden. With `plan_hash` only the plan that was looked at is started.
    """
    by.require(Action.DEPLOY, service=wish.service.name, environment=wish.environment.name)
    checked_text(reason, what="reason", limit=LONGEST_REASON)
    try:
        with transaction.atomic():
            return _start(wish, by, now, plan_hash, Why(reason, cause, automatic))
    except _Taken as taken:
        # Only now, outside of what failed, can be seen who was faster.
        raise _named(wish) from taken


class _Taken(Refused):
    """The place is taken; by whom cannot be asked inside the transaction that found out."""


def _start(wish: Wish, by: Actor, now: datetime, shown_hash: str, why: Why) -> Rollout:
    for refusal in closed_gates(wish, now, by):
        raise refusal
    # First of all the place is taken: what is read afterwards, nobody else is changing.
    rollout = _blank(wish, by, now, why)
    with refused_if_taken(_Taken("taken")):
        rollout.save(force_insert=True)
    drawing = draw(wish)
    for hindrance in drawing.hindrances:
        if hindrance.blocking:
            raise hindrance.refusal
    if shown_hash and shown_hash != _hash(drawing.plan):
        raise _changed(wish, drawing.plan)
    hold_packages(candidate.to_version for candidate in drawing.candidates)
    _write_plan(rollout, drawing)
    _write_targets(rollout, drawing)
    _tell(rollout, drawing.plan, by, now)
    return rollout


def _blank(wish: Wish, by: Actor, now: datetime, why: Why) -> Rollout:
    return Rollout(
        kind=wish.kind,
        service=wish.service,
        environment=wish.environment,
        version=wish.version,
        reverts=wish.reverts,
        retry_of=wish.retry_of,
        automatic=why.automatic,
        batches="",
        max_unavailable=0,
        failures_allowed=0,
        bake_time=timedelta(0),
        progress_deadline=wish.environment.progress_deadline,
        state=RolloutStatus.PENDING,
        reason=why.reason,
        cause=why.cause,
        created_at=now,
        created_by=by.user,
    )


def _write_plan(rollout: Rollout, drawing: Drawing) -> None:
    strategy = drawing.strategy
    rollout.batches = strategy.batches
    rollout.max_unavailable = strategy.max_unavailable
    rollout.failures_allowed = strategy.failures_allowed
    rollout.canary_failures_allowed = strategy.canary_failures_allowed
    rollout.bake_time = strategy.bake_time
    rollout.promotion_needed = strategy.promotion_needed
    rollout.automatic_rollback = strategy.automatic_rollback
    rollout.plan = plan_as_json(drawing.plan)
    rollout.plan_hash = _hash(drawing.plan)
    rollout.rev = 1
    rollout.save()


def _write_targets(rollout: Rollout, drawing: Drawing) -> None:
    Target.objects.bulk_create(
        Target(
            rollout=rollout,
            instance=candidate.instance,
            host=candidate.host,
            port=candidate.port,
            from_version=candidate.from_version,
            to_version=candidate.to_version,
            was_healthy=candidate.was_healthy,
            was_stopped=candidate.was_stopped,
            batch=planned.batch,
            state=TargetStatus.PENDING,
            bytes_to_move=planned.bytes_to_move,
            rev=rollout.rev,
        )
        for planned, candidate in zip(drawing.plan.targets, drawing.candidates, strict=True)
    )


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as it is kept with its rollout."""
    plain = asdict(plan)
    plain |= {
        "checks": [check.as_json() for check in plan.checks],
        "obstacles": [
            {"said": obstacle.said.as_json(), "blocking": obstacle.blocking}
            for obstacle in plan.obstacles
        ],
        "kind": plan.kind.value,
        "bake_time": plan.bake_time.total_seconds(),
        "settle_time": plan.settle_time.total_seconds(),
        "expected_seconds": plan.expected_time.total_seconds(),
    }
    return plain


def _tell(rollout: Rollout, plan: Plan, by: Actor, now: datetime) -> None:
    record(
        "rollout.started",
        "rollout",
        rollout.pk,
        str(rollout),
        by=by,
        now=now,
        after={
            "kind": plan.kind.value,
            "version": plan.version,
            "hosts": [target.place for target in plan.targets[:200]],
            "plan_hash": rollout.plan_hash,
            "reverts": rollout.reverts_id,
            "retry_of": rollout.retry_of_id,
        },
        reason=rollout.reason,
        cause=rollout.cause,
        service=plan.service,
        environment=plan.environment,
    )


def _named(wish: Wish) -> ActiveRollout:
    active = active_rollout(wish)
    if active is not None:
        return active_refusal(active)
    # It was over before its name could be read.
    return ActiveRollout(
        "{service} in {environment} was busy a moment ago.",
        hint="Try again.",
        service=wish.service.name,
        environment=wish.environment.name,
    )


def _changed(wish: Wish, plan: Plan) -> PlanChanged:
    # The rollout that was just begun is taken back with the transaction: it is not among them.
    latest = Event.objects.filter(
        service=wish.service.name, environment__in=(wish.environment.name, "")
    ).order_by("-id")[:3]
    said = "; ".join(f"{each.verb} {each.thing_name} ({each.by_name})" for each in latest)
    return PlanChanged(
        "The plan is not the one you looked at: now {count} targets in {batches} batches. "
        "Happened there lately: {events}.",
        hint="Look at the plan again, then start it.",
        count=len(plan.targets),
        batches=len(plan.batches),
        events=said or Sentence.of("nothing", "nothing that was written down"),
    )


def _hash(plan: Plan) -> str:
    return plan_hash(plan)
