"""What stands beside a rollout: who did what when, the plan it carries, and what it changes."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.reasons import SaidOut, said_out
from slipway.interfaces.api.frame.values import Id, answers
from slipway.interfaces.api.rollouts.plan_shapes import ChangesOut, SpecChangesOut, changes_out
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.events import what_was_done
from slipway.records.rollouts.ask import changes, queries
from slipway.records.rollouts.histories.timeline import Moment, timeline_of
from slipway.records.rollouts.plan.kept_plans import kept_plan

router = Router(tags=["rollouts"])


class MomentOut(Schema):
    """Something that was done: `by` is "" where it happened by itself, `verb` that of the audit,
    "" where only the log tells it. `why` is a person's own words, or those of the system."""

    at: datetime
    by: str
    verb: str
    said: SaidOut
    level: str
    why: str


class TimelineOut(Schema):
    """From the first on. `is_cut`: there was more before."""

    items: list[MomentOut]
    is_cut: bool


class KeptTargetOut(Schema):
    host: str
    port: int
    batch: int
    from_version: str
    to_version: str
    back_version: str
    is_new: bool
    was_healthy: bool
    deadline: int


class KeptRuleOut(Schema):
    key: str
    value: str


class KeptPlanOut(Schema):
    """The plan that a rollout carries with it, as it was decided before anything moved."""

    hash: str
    kind: str
    service: str
    environment: str
    version: str
    batches: str
    targets: list[KeptTargetOut]
    rules: list[KeptRuleOut]
    checks: list[SaidOut]
    spec_changes: list[SpecChangesOut]


class MoveOut(Schema):
    from_version: str
    to_version: str
    places: int


class RolloutChangesOut(Schema):
    moves: list[MoveOut]
    commits: list[ChangesOut]


@router.get("/{id}/timeline", response=answers(TimelineOut))
@policy(Action.VIEW, Over.VISIBLE)
def show_timeline(request: HttpRequest, id: Id) -> dict[str, object]:
    """Show who did what when: started, held, decided, taken over, ended."""
    found = timeline_of(queries.get_rollout(id, asker(request)))
    return {"items": [_moment(each) for each in found.moments], "is_cut": found.is_cut}


@router.get("/{id}/plan", response=answers(KeptPlanOut))
@policy(Action.VIEW, Over.VISIBLE)
def show_kept_plan(request: HttpRequest, id: Id) -> dict[str, object]:
    """Show the plan it carries: hosts, batches, rules, as they were decided before it began."""
    actor = asker(request)
    kept = kept_plan(queries.get_rollout(id, actor), actor)
    return {
        "hash": kept.hash,
        "kind": kept.plan.kind,
        "service": kept.plan.service,
        "environment": kept.plan.environment,
        "version": kept.plan.version,
        "batches": kept.plan.batches,
        "targets": list(kept.targets),
        "rules": [{"key": key, "value": value} for key, value in kept.rules],
        "checks": [said_out(each) for each in kept.checks],
        "spec_changes": [asdict(each) for each in kept.changes],
    }


@router.get("/{id}/changes", response=answers(RolloutChangesOut))
@policy(Action.VIEW, Over.VISIBLE)
def show_changes(request: HttpRequest, id: Id) -> dict[str, object]:
    """Show from where to where its places go, and the commits between."""
    rollout = queries.get_rollout(id, asker(request))
    return {
        "moves": [asdict(each) for each in changes.moves_of(rollout)],
        "commits": [changes_out(each) for each in changes.changes_of_rollout(rollout)],
    }


def _moment(moment: Moment) -> dict[str, Any]:
    why = moment.why.english if isinstance(moment.why, Sentence) else moment.why
    return {
        "at": moment.at,
        "by": moment.by,
        "verb": moment.verb,
        "said": said_out(moment.said or what_was_done(moment.verb)),
        "level": moment.level,
        "why": why,
    }
