"""Questions about the parts of one rollout: its targets, their steps, its newest lines."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from slipway.core.words.refusal import NotFound
from slipway.records.rollouts.models import LogLine, Rollout, Step, Target
from slipway.records.rollouts.rollout_facts import (
    CellFacts,
    LineFacts,
    StepFacts,
    TargetFacts,
)
from slipway.records.rollouts.target_glances import TargetGlance

_AT_A_GLANCE = TargetGlance._fields
AT_ONCE = 400  # lines of a log, at most 4,000 characters each


def list_targets(rollout: Rollout) -> tuple[tuple[TargetFacts, ...], Sequence[TargetGlance]]:
    """Return the targets batch by batch, as much as a board shows of each, of a thousand; and how
    far each of them is."""
    rows = _in_batches(Target.objects.filter(rollout=rollout))
    found = rows.values_list(
        *_AT_A_GLANCE,
        *("id", "host__name", "step", "problem", "cause", "attempts"),
        *("from_version__name", "to_version__name"),
    )
    glances, facts = [], []
    for row in found:
        glance = TargetGlance(*row[: len(_AT_A_GLANCE)])
        number, host, step, problem, cause, attempts, before, after = row[len(_AT_A_GLANCE) :]
        cell = CellFacts(number, host, glance.port, glance.batch, glance.state, step, problem)
        times = glance.started_at, glance.finished_at
        facts.append(TargetFacts(cell, cause, before or "", after or "", attempts, *times))
        glances.append(glance)
    return tuple(facts), glances


def list_targets_of(rollouts: Iterable[Rollout]) -> dict[int, list[TargetGlance]]:
    """Return how far each target of several rollouts is, by rollout, in one query."""
    found: dict[int, list[TargetGlance]] = {rollout.pk: [] for rollout in rollouts}
    rows = _in_batches(Target.objects.filter(rollout__in=found))
    for glance in starmap(TargetGlance, rows.values_list(*_AT_A_GLANCE)):
        found[glance.rollout_id].append(glance)
    return found


def _in_batches(targets: QuerySet[Target]) -> QuerySet[Target]:
    return targets.order_by("batch", "id")


def get_target(rollout: Rollout, target_id: int) -> Target:
    """Raises NotFound."""
    found = _target(rollout, target_id)
    if found is None:
        raise NotFound("Rollout {number} has no such target.", number=rollout.pk)
    return found


def find_target(rollout: Rollout, target_id: int) -> TargetFacts | None:
    """Return what is known of a target; None for none of this rollout."""
    found = _target(rollout, target_id)
    return TargetFacts.of(found) if found else None


def _target(rollout: Rollout, target_id: int) -> Target | None:
    targets = Target.objects.filter(rollout=rollout).select_related(
        "host", "from_version", "to_version"
    )
    wide = ("spec", "service_spec", "hidden_content", "build_log")
    narrow = targets.defer(
        "host__facts",
        *(f"{way}__{column}" for way in ("from_version", "to_version") for column in wide),
    )
    return narrow.filter(pk=target_id).first()


def list_last_steps(target_id: int, limit: int) -> tuple[Sequence[StepFacts], int]:
    """Return the newest steps of a target in the order they were begun, and how many were before
    them: what each has printed may be long."""
    steps = Step.objects.filter(target=target_id)
    last = list(reversed(steps.order_by("-attempt", "-order", "-id")[:limit]))
    return list(map(StepFacts.of, last)), steps.count() - len(last)


def list_last_lines(
    rollout: Rollout, limit: int, characters: int
) -> tuple[Sequence[LineFacts], bool]:
    """Return the newest lines of the log, the oldest of them first, as many as are no longer than
    that together; and whether there are others before them."""
    found: list[LineFacts] = []
    lines = _lines(rollout).order_by("-rev", "-id")
    while asked := min(AT_ONCE, limit - len(found)):
        page = list(map(LineFacts.of, lines[len(found) : len(found) + asked]))
        for line in page:
            characters -= len(str(line))
            if characters < 0 and found:
                return found[::-1], True
            found.append(line)
        if len(page) < asked:
            return found[::-1], False
    return found[::-1], lines[limit : limit + 1].exists()


def every_line(rollout: Rollout) -> Iterator[LineFacts]:
    """Yield the log from its beginning, a part at a time: it may be longer than our memory."""
    lines, rev, pk = _lines(rollout).order_by("rev", "id"), -1, 0
    while page := list(lines.filter(Q(rev__gt=rev) | Q(rev=rev, pk__gt=pk))[:AT_ONCE]):
        yield from map(LineFacts.of, page)
        rev, pk = page[-1].rev, page[-1].pk


def _lines(rollout: Rollout) -> QuerySet[LogLine]:
    lines = LogLine.objects.filter(rollout=rollout).select_related("target__host")
    return lines.only(
        *("rollout", "rev", "at", "step", "level", "sentence", "text"),
        *("target__port", "target__host__name"),
    )


def list_rollbacks(rollout: Rollout) -> Sequence[Rollout]:
    """Return the rollouts that revert this one, the newest first."""
    return list(Rollout.objects.filter(reverts=rollout).order_by("-id"))


def newest_since(rollout: Rollout) -> tuple[int, bool]:
    """Return the newest later rollout that touched what this one was for, 0 for none, and whether
    later ones have touched all that this one had touched."""
    mine = Target.objects.filter(rollout=rollout)
    same = mine.filter(host=OuterRef("host"), port=OuterRef("port"))
    later = Target.objects.filter(
        touched=True,
        rollout__gt=rollout.pk,
        rollout__service=rollout.service_id,
        rollout__environment=rollout.environment_id,
    )
    newest = later.filter(Exists(same)).aggregate(newest=Max("rollout"))["newest"] or 0
    again = later.filter(host=OuterRef("host"), port=OuterRef("port"))
    return newest, bool(newest) and not mine.filter(~Exists(again), touched=True).exists()
