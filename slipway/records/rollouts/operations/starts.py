"""A wish becomes a rollout, or is refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from slipway.core.rollout.plans.as_json import plan_as_json
from slipway.core.rollout.plans.plan import Plan
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.rollout import FORMAT
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations.releases import Drafts
from slipway.records.catalog.operations.versions import hold_packages
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations.shown_plans import plan_changed
from slipway.records.rollouts.plan.floors import may_go_below
from slipway.records.rollouts.plan.planning import Drawing, draw
from slipway.records.rollouts.wish.confirmations import require_confirmed
from slipway.records.rollouts.wish.gates import (
    active_refusal,
    active_rollout,
    closed_by_lock,
    closed_by_policy,
    closed_gates,
)
from slipway.records.rollouts.wish.refusals import ActiveRollout
from slipway.records.rollouts.wish.selection import Candidate
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.texts import checked_text
from slipway.records.rows.writing.uniqueness import refused_if_taken

LONGEST_REASON = 1000  # characters
_MOST_TOLD = 200  # places that the audit names


@dataclass(frozen=True, slots=True)
class Words:
    """What is said beside the wish: why (a person's reason, the system's own cause), which plan was
    looked at, and the name that confirms it."""

    reason: str
    cause: Sentence | None
    automatic: bool
    plan_hash: str
    confirm: str | None


def start_rollout(
    *,
    wish: Wish,
    by: Actor,
    now: datetime,
    plan_hash: str = "",
    reason: str = "",
    confirm: str | None = None,
    cause: Sentence | None = None,
    automatic: bool = False,
) -> Rollout:
    """Write down the wish; a worker does the rest. All or nothing.

    `reason` is a person's, `cause` the system's own. Raises what refusals.py names, Invalid,
    Forbidden. With `plan_hash` only the plan that was looked at is started; in a guarded
    environment `confirm` is the service's name.
    """
    by.require(Action.DEPLOY, service=wish.service.name, environment=wish.environment.name)
    checked_text(reason, what="reason", limit=LONGEST_REASON)
    try:
        with transaction.atomic():
            return _start(wish, by, now, Words(reason, cause, automatic, plan_hash, confirm))
    except _Taken as taken:
        # Only now, outside of what failed, can be seen who was faster.
        raise _named(wish) from taken


class _Taken(Refused):
    """The place is taken; by whom cannot be asked inside the transaction that found out."""


def _start(wish: Wish, by: Actor, now: datetime, words: Words) -> Rollout:
    for refusal in closed_gates(wish, now, by):
        raise refusal
    # First of all the place is taken: what is read afterwards, nobody else is changing.
    rollout = _blank(wish, by, now, words)
    with refused_if_taken(_Taken("taken")):
        rollout.save(force_insert=True)
    drawing = draw(wish, now, by)
    for hindrance in drawing.hindrances:
        if hindrance.blocking:
            raise hindrance.refusal
    # Only now is it known what it brings where, and whether what asks to go back leads back.
    for refusal in (
        *closed_by_lock(drawing.wish, now, by, drawing.candidates),
        *closed_by_policy(drawing.wish, now),
    ):
        raise refusal
    if drawing.below is not None and not may_go_below(wish, by):
        raise drawing.below
    if words.plan_hash and words.plan_hash != drawing.outlook.hash:
        raise plan_changed(words.plan_hash, drawing.plan, now)
    # Last of all: nobody is asked for a name when nothing would begin.
    require_confirmed(wish.environment, wish.service.name, confirm=words.confirm, by=by)
    hold_packages(candidate.to_version for candidate in drawing.candidates)
    _write_plan(rollout, drawing)
    _write_targets(rollout, drawing, now)
    _end_watch_before(rollout)
    _tell(rollout, drawing.plan, by, now)
    return rollout


def _blank(wish: Wish, by: Actor, now: datetime, words: Words) -> Rollout:
    return Rollout(
        kind=wish.kind,
        service=wish.service,
        environment=wish.environment,
        version=wish.version,
        reverts=wish.reverts,
        retry_of=wish.retry_of,
        automatic=words.automatic,
        batches="",
        max_unavailable=0,
        failures_allowed=0,
        bake_time=timedelta(0),
        progress_deadline=wish.environment.progress_deadline,
        state=RolloutStatus.PENDING,
        reason=words.reason,
        cause=words.cause,
        created_at=now,
        created_by=by.user,
    )


def _write_plan(rollout: Rollout, drawing: Drawing) -> None:
    plan, policy = drawing.plan, drawing.plan.policy
    rollout.batches = checked_text(plan.batches, what="batches text", limit=64)
    rollout.max_unavailable = policy.allowed_away
    rollout.failures_allowed = policy.failures
    rollout.canary_failures_allowed = policy.canary_failures
    rollout.bake_time = timedelta(seconds=policy.bake)
    rollout.promotion_needed = policy.needs_promotion
    rollout.automatic_rollback = policy.goes_back
    rollout.plan = plan_as_json(plan)
    rollout.plan_hash = drawing.outlook.hash
    rollout.format = FORMAT
    rollout.rev = 1
    rollout.save()


def _end_watch_before(rollout: Rollout) -> None:
    """A later rollout ends the watch: whoever drove it would claim hosts against this one."""
    Rollout.objects.filter(
        service=rollout.service, environment=rollout.environment, watching=True
    ).update(watching=False, rev=F("rev") + 1)


def _write_targets(rollout: Rollout, drawing: Drawing, now: datetime) -> None:
    rows = Drafts(now)
    lines = zip(drawing.outlook.targets, drawing.candidates, strict=True)
    Target.objects.bulk_create(
        Target(
            rollout=rollout,
            instance=candidate.instance,
            host=candidate.host,
            port=candidate.port,
            from_version=_left(candidate),
            to_version=candidate.to_version,
            from_release=rows.kept(candidate.origin),
            to_release=rows.kept(candidate.goal),
            back_release=rows.kept(candidate.back),
            next_back_release=rows.kept(candidate.next_back),
            was_healthy=candidate.was_well,
            was_stopped=candidate.was_stopped,
            batch=line.batch,
            state=TargetStatus.PENDING,
            bytes_to_move=line.bytes_to_move,
            rev=rollout.rev,
        )
        for line, candidate in lines
    )


def _left(candidate: Candidate) -> Version | None:
    """Return the version that a place is to leave: where an earlier rollout stopped half-way, that
    is what is wanted there, whatever is linked already."""
    wanted = candidate.instance.version if candidate.instance else None
    if candidate.from_version is None or candidate.from_version != candidate.to_version:
        return candidate.from_version
    return wanted or candidate.from_version


def _tell(rollout: Rollout, plan: Plan, by: Actor, now: datetime) -> None:
    more = len(plan.targets) - _MOST_TOLD
    record_of(
        "rollout.started",
        rollout,
        by=by,
        now=now,
        after={
            "kind": plan.kind.value,
            "version": plan.version,
            "hosts": [each.planned.place for each in plan.targets[:_MOST_TOLD]],
            **({"more_hosts": more} if more > 0 else {}),
            "plan_hash": rollout.plan_hash,
            "reverts": rollout.reverts_id,
            "retry_of": rollout.retry_of_id,
        },
        reason=rollout.reason,
        cause=rollout.cause,
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
