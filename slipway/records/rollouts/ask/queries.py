"""Questions about rollouts, their story and locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Now

from slipway.core.rollout.value.questions import Question
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.refusal import NotFound
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.ask.finding import rollouts_asked_for
from slipway.records.rollouts.models import Lock, LogLine, Rollout, Step, Target
from slipway.records.rollouts.rollout_facts import CellFacts, LineFacts, RolloutFacts
from slipway.records.rollouts.run.loading import question_from_json
from slipway.records.rollouts.wish.gates import LockFacts
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import NEWEST_FIRST, Bookmark, Stretch
from slipway.records.rows.texts import is_storable

LINES_AT_ONCE = 2000  # of one look at what changed; the rest comes with the next
LONGEST_LOG = 1000
BIGGEST_ID = 2**63 - 1  # what both databases count up to


class Glance(NamedTuple):
    """How far a rollout is, in nearly no time: its revision, and whether it is over."""

    rev: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed in a rollout after a revision, up to `rev`."""

    of: RolloutFacts
    cells: Sequence[CellFacts]
    story: Sequence[LineFacts]
    rev: int


@dataclass(frozen=True, slots=True)
class TargetCourse:
    """A target, and the steps that were taken there."""

    target: Target
    steps: Sequence[Step]


def get_rollout(rollout_id: int, actor: Actor | None = None) -> Rollout:
    """Raises NotFound, also for a rollout that `actor` may not see."""
    rows = Rollout.objects.filter(pk=rollout_id) if rollout_id <= BIGGEST_ID else None
    found = with_names(rows).first() if rows is not None else None
    if found is None or (
        actor
        and not actor.may(
            Action.VIEW, service=found.service.name, environment=found.environment.name
        )
    ):
        raise NotFound("There is no rollout {number}.", number=rollout_id)
    return found


def list_rollouts(
    actor: Actor,
    service: object = None,
    environment: object = None,
    state: RolloutStatus | str | None = None,
    limit: int = 50,
    offset: int = 0,
    asking: Asking | None = None,
    after: str = "",
) -> Stretch[Rollout]:
    """Return the rollouts that `actor` may see, the newest first; things or their names. Raises
    Invalid for an `after` that no row has."""
    rollouts = _seen(actor, asking)
    for column, thing in (("service", service), ("environment", environment)):
        if thing:
            name = str(thing)
            rollouts = rollouts.filter(**{f"{column}__name": name if is_storable(name) else ""})
    if state:
        rollouts = rollouts.filter(state=state)
    return Stretch(rollouts, NEWEST_FIRST, limit, NEWEST_FIRST.after(rollouts, after), offset)


def find_rollouts(actor: Actor, asking: Asking, limit: int, at: Bookmark) -> Stretch[Rollout]:
    """Return the rollouts that `actor` may see and asks for, the newest first, from a place on."""
    return Stretch(_seen(actor, asking), NEWEST_FIRST, limit, at)


def _seen(actor: Actor, asking: Asking | None) -> QuerySet[Rollout]:
    visible = actor.visible(service="service__name", environment="environment__name")
    seen = with_names(Rollout.objects.filter(visible))
    return rollouts_asked_for(seen, asking) if asking else seen


def question_of(rollout: Rollout) -> Question | None:
    """Return what Slipway asks now; None where it asks nothing."""
    return question_from_json(rollout.asks) if rollout.asks else None


def list_courses(rollout: Rollout) -> list[TargetCourse]:
    """Return the targets with their steps, but without what these printed: two queries."""
    targets = (
        Target.objects.filter(rollout=rollout)
        .select_related("host", "from_version", "to_version")
        .defer("host__facts", "host__labels", "from_version__spec", "to_version__spec")
        .order_by("batch", "id")
    )
    steps: dict[int, list[Step]] = {}
    rows = Step.objects.filter(target__rollout=rollout).defer("output")
    for step in rows.order_by("attempt", "order", "id"):
        steps.setdefault(step.target_id, []).append(step)
    return [TargetCourse(target, steps.get(target.pk, ())) for target in targets]


def list_lines(
    rollout: Rollout, after_rev: int = 0, limit: int = 200, target: int | None = None
) -> list[LineFacts]:
    """Return the story after a revision, in order; lines of one revision are never parted."""
    lines = _lines(rollout.pk).filter(rev__gt=min(after_rev, BIGGEST_ID))
    if target:
        lines = lines.filter(target=target)
    return list(map(LineFacts.of, _whole_revisions(lines, min(limit, LONGEST_LOG))))


def changes_since(rollout_id: int, rev: int) -> Delta:
    """Return what changed after `rev`: a row changed while this looks comes with the next look.

    Raises NotFound. A long story comes in parts: then `rev` is less than the rollout's own.
    """
    rollout = get_rollout(rollout_id)
    news = _lines(rollout_id).filter(rev__gt=rev, rev__lte=rollout.rev)
    lines = _whole_revisions(news, LINES_AT_ONCE)
    is_all = len(lines) < LINES_AT_ONCE
    until = rollout.rev if is_all else lines[-1].rev
    changed = Target.objects.filter(rollout=rollout_id, rev__gt=rev, rev__lte=until)
    cells = changed.select_related("host").only(
        "port", "batch", "state", "step", "problem", "host__name"
    )
    return Delta(
        of=RolloutFacts.of(rollout),
        cells=list(map(CellFacts.of, cells.order_by("id"))),
        story=list(map(LineFacts.of, lines)),
        rev=until,
    )


def glance(rollout_id: int) -> Glance:
    """Return how far a rollout is; a missing one is over, at no revision."""
    found = Rollout.objects.filter(pk=rollout_id).values_list("rev", "state").first()
    return Glance(found[0], RolloutStatus(found[1]).is_over) if found else Glance(-1, True)


def get_step_output(rollout: Rollout, target: int, name: str, attempt: int) -> str:
    """Return what a step printed, its end. Raises NotFound."""
    steps = Step.objects.filter(target__rollout=rollout, target=target, name=name, attempt=attempt)
    found = steps.values_list("output", flat=True).first()
    if found is None:
        raise NotFound("There is no such step.")
    return found


def has_left_lock(rollout: Rollout) -> bool:
    """Return whether a rollout has left a lock that nobody has released."""
    return Lock.objects.filter(rollout=rollout, released_at=None).exists()


def list_locks(actor: Actor, now: datetime | None = None) -> Sequence[LockFacts]:
    """Return the locks that hold and that `actor` may see, the newest first."""
    seen = actor.visible(service="service__name", environment="environment__name")
    locks = Lock.objects.in_force(now or Now()).filter(seen)
    named = locks.select_related("service", "environment", "holder")
    return [LockFacts.of(lock) for lock in named.order_by("-since", "-id")]


def with_names(rollouts: QuerySet[Rollout]) -> QuerySet[Rollout]:
    """Without what is as long as the fleet, or is a secret: nobody who asks shows that."""
    named = rollouts.select_related("service", "environment", "version", "created_by")
    return named.defer(
        "plan",
        *(f"service__{column}" for column in ("hook_secret", "spec", "build", "description")),
        *(f"version__{column}" for column in ("spec", "service_spec", "hidden_content")),
        *(f"version__{column}" for column in ("build_log", "description")),
    )


def _lines(rollout_id: int) -> QuerySet[LogLine]:
    lines = LogLine.objects.filter(rollout=rollout_id).select_related("target__host")
    narrow = lines.only(
        *("rev", "at", "step", "level", "sentence", "text"),
        *("target__port", "target__host__name"),
    )
    return narrow.order_by("rev", "id")


def _whole_revisions(lines: QuerySet[LogLine], limit: int) -> list[LogLine]:
    """Return about `limit` lines, never only a part of a revision: who asks for what comes after
    one must not miss its other half."""
    found = list(lines[:limit])
    if len(found) == limit:
        found += lines.filter(rev=found[-1].rev, pk__gt=found[-1].pk)
    return found
