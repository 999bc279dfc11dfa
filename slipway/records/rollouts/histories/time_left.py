"""How long a rollout takes, and still takes: told from earlier ones of its service there, never
guessed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from threading import Lock
from typing import NamedTuple

from django.db.models import Case, CharField, F, Value, When, Window
from django.db.models.functions import RowNumber

from slipway.core.rollout.plans.plan import Plan
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.told.time_left import TimeLeft, seconds_of_each
from slipway.core.words.kinds import FORTH, RolloutKind, RolloutStatus
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.target_glances import SomeTarget

Place = tuple[int, int]  # a host and a port
Like = tuple[str, int, int]  # what kinds are alike, a service, an environment
_EARLIER = 8  # rollouts that are looked back at
_AT_MOST = 1000  # targets of theirs
_GOING_FORTH = "forth"  # what these kinds are together: alike
_GOES_ON = (RolloutStatus.PENDING, RolloutStatus.RUNNING)


_MOST_KEPT = 200  # rollouts under way, of which it is known what is usual
_MOST_TOLD = 50  # answers to that: of a thousand places it takes 100 kB


@dataclass(frozen=True, slots=True)
class _Usual:
    """How many seconds each place took, and what is usual where one has no history."""

    by_place: Mapping[Place, float]
    of_any: float
    earlier: int

    def of(self, place: Place) -> float:
        return self.by_place.get(place, self.of_any)

    def left(self, target: SomeTarget, now: datetime) -> float:
        whole = self.of((target.host_id, target.port))
        begun = (now - target.started_at).total_seconds() if target.started_at else 0.0
        return max(whole - begun, 0.0)


class _Earlier(NamedTuple):
    """A rollout that is over. As long as its revision is the same, so is what it tells."""

    pk: int
    rev: int
    like: Like


# What was told last by the same rollouts: a plan is drawn anew with each field that is changed.
_TOLD: dict[frozenset[_Earlier], dict[Like, _Usual]] = {}
_KEPT: dict[tuple[int, datetime], _Usual | None] = {}
_KEPT_LOCK = Lock()


def usual_time_of(
    plan: Plan, service_id: int, environment_id: int, places: Sequence[Place | None]
) -> TimeLeft | None:
    """Return how long what `plan` says usually takes; None where nothing of its kind has come to a
    good end there before. `places` are those of its targets, in their order, None where nobody can
    be reached: they keep nobody waiting."""
    like = _group(plan.kind), service_id, environment_id
    usual = _usual_of_each({like}).get(like)
    if usual is None:
        return None
    batches: dict[int, list[float]] = defaultdict(list)
    for target, place in zip(plan.targets, places, strict=True):
        batches[target.planned.batch] += [usual.of(place)] if place else []
    took = seconds_of_each((batches[each] for each in sorted(batches)), plan.policy.allowed_away)
    gates = max(len(batches) - 1, 0)
    watching = gates * plan.policy.bake
    waits = gates if plan.policy.needs_promotion else 0
    each = tuple(timedelta(seconds=seconds) for seconds in took)
    return TimeLeft(timedelta(seconds=sum(took) + watching), waits, usual.earlier, each)


def time_left_of(rollout: Rollout, targets: Sequence[SomeTarget], now: datetime) -> TimeLeft | None:
    """Return how long `rollout` still takes; None where it does not go on by itself, or where
    nothing of its kind has come to a good end there before."""
    return times_left_of([(rollout, targets)], now).get(rollout.pk)


def times_left_of(
    standing: Iterable[tuple[Rollout, Sequence[SomeTarget]]], now: datetime
) -> dict[int, TimeLeft]:
    """Return how long each of several rollouts still takes, by its number, in two queries at most;
    without those of which nobody can say it."""
    going = [(rollout, targets) for rollout, targets in standing if _goes_on(rollout, targets)]
    found = _usual_meanwhile([rollout for rollout, _targets in going])
    return {
        rollout.pk: _left(rollout, targets, usual, now)
        for rollout, targets in going
        if (usual := found[rollout.pk]) is not None
    }


def _usual_meanwhile(going: Sequence[Rollout]) -> dict[int, _Usual | None]:
    """Return what is usual for each of these, which are under way: the same for as long as they
    are, because no other one of their service ends there meanwhile. Pages ask once a second."""
    with _KEPT_LOCK:
        kept = {each.pk: _KEPT[_key(each)] for each in going if _key(each) in _KEPT}
    new = [each for each in going if each.pk not in kept]
    usual = _usual_of_each({_like(each) for each in new})
    with _KEPT_LOCK:
        for each in new:
            kept[each.pk] = _KEPT[_key(each)] = usual.get(_like(each))
        while len(_KEPT) > _MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
    return kept


def _key(rollout: Rollout) -> tuple[int, datetime]:
    return rollout.pk, rollout.created_at


def _like(rollout: Rollout) -> Like:
    kind = RolloutKind(rollout.kind)
    return _group(kind), rollout.service_id, rollout.environment_id


def _group(kind: RolloutKind) -> str:
    return _GOING_FORTH if kind in FORTH else kind.value


def _like_of(column: str) -> Case:
    """Return the same of a column of kinds."""
    forth = When(**{f"{column}__in": FORTH}, then=Value(_GOING_FORTH))
    return Case(forth, default=F(column), output_field=CharField())


def _goes_on(rollout: Rollout, targets: Sequence[SomeTarget]) -> bool:
    is_going = RolloutStatus(rollout.state) in _GOES_ON and not rollout.cancel_requested
    return is_going and _is_open(targets)


def _left(
    rollout: Rollout, targets: Sequence[SomeTarget], usual: _Usual, now: datetime
) -> TimeLeft:
    by_batch: dict[int, list[SomeTarget]] = defaultdict(list)
    for target in targets:
        by_batch[target.batch].append(target)
    batches = [by_batch[number] for number in sorted(by_batch)]
    took = seconds_of_each(
        ([usual.left(t, now) for t in batch if not _is_over(t)] for batch in batches),
        rollout.max_unavailable,
    )
    gates = _gates(batches)
    watching = sum((_watched(rollout, batches[gate - 1], now) for gate in gates), timedelta())
    waits = sum(gate > rollout.promoted_batches for gate in gates)
    return TimeLeft(
        timedelta(seconds=sum(took)) + watching,
        waits if rollout.promotion_needed else 0,
        usual.earlier,
    )


def _usual_of_each(wanted: Collection[Like]) -> dict[Like, _Usual]:
    """Return what is usual for each of these, where something of its kind has ended well there."""
    earlier = _earlier(wanted) if wanted else frozenset()
    with _KEPT_LOCK:
        found = _TOLD.get(earlier)
    if found is None:
        found = _told(earlier)
        with _KEPT_LOCK:
            _TOLD[earlier] = found
            while len(_TOLD) > _MOST_TOLD:
                del _TOLD[next(iter(_TOLD))]
    return found


def _told(earlier: frozenset[_Earlier]) -> dict[Like, _Usual]:
    alike = {each.pk: each.like for each in earlier}
    took: dict[Like, dict[Place, list[float]]] = defaultdict(lambda: defaultdict(list))
    told: dict[Like, set[int]] = defaultdict(set)
    one_like = len(set(alike.values())) == 1
    for number, host, port, begun, ended in _ended_well(alike, all_alike=one_like):
        like = alike[number]
        took[like][host, port].append((ended - begun).total_seconds())
        told[like].add(number)
    return {like: _usual(by_place, len(told[like])) for like, by_place in took.items()}


def _usual(took: Mapping[Place, Sequence[float]], earlier: int) -> _Usual:
    by_place = {place: median(seconds) for place, seconds in took.items()}
    return _Usual(by_place, median(by_place.values()), earlier)


def _earlier(wanted: Collection[Like]) -> frozenset[_Earlier]:
    """Return the newest rollouts that are over."""
    over = Rollout.objects.filter(
        service__in={service for _like, service, _environment in wanted},
        environment__in={environment for _like, _service, environment in wanted},
        finished_at__isnull=False,
    )
    newest = Window(RowNumber(), [_like_of("kind"), F("service"), F("environment")], F("pk").desc())
    found = over.annotate(like=_like_of("kind"), nth=newest).filter(nth__lte=_EARLIER).order_by()
    rows = found.values_list("pk", "rev", "like", "service", "environment")
    every = (_Earlier(pk, rev, (like, *where)) for pk, rev, like, *where in rows)
    return frozenset(each for each in every if each.like in wanted)


def _ended_well(
    rollouts: Collection[int], *, all_alike: bool
) -> Iterator[tuple[int, int, int, datetime, datetime]]:
    """Yield of targets that ended well: rollout, host, port, begin and end; of what is alike the
    newest ones."""
    well = Target.objects.filter(
        rollout__in=rollouts,
        state=TargetStatus.SUCCEEDED,
        started_at__isnull=False,
        finished_at__isnull=False,
    )
    if all_alike:  # as of a plan: nothing has to be told apart
        found = well.order_by("-pk")[:_AT_MOST]
    else:
        place: list[Case | F] = [
            _like_of("rollout__kind"),
            F("rollout__service"),
            F("rollout__environment"),
        ]
        newest = Window(RowNumber(), place, F("pk").desc())
        found = well.annotate(nth=newest).filter(nth__lte=_AT_MOST).order_by()
    columns = ("rollout", "host", "port", "started_at", "finished_at")
    for number, host, port, begun, ended in found.values_list(*columns):
        if begun and ended:
            yield number, host, port, begun, ended


def _gates(batches: Sequence[Sequence[SomeTarget]]) -> range:
    """Return the numbers, from 1, of the batches after which it still watches or waits."""
    last = max(number for number, batch in enumerate(batches, start=1) if _is_open(batch))
    first = min(number for number, batch in enumerate(batches, start=1) if _is_open(batch))
    has_begun = any(target.state != TargetStatus.PENDING for target in batches[first - 1])
    return range(first if has_begun or first == 1 else first - 1, last)


def _watched(rollout: Rollout, batch: Sequence[SomeTarget], now: datetime) -> timedelta:
    """Return for how long a batch is still watched."""
    ends = [target.finished_at for target in batch if target.finished_at]
    if _is_open(batch) or not ends:
        return rollout.bake_time
    return max(max(ends) + rollout.bake_time - now, timedelta())


def _is_over(target: SomeTarget) -> bool:
    return TargetStatus(target.state).is_over


def _is_open(batch: Iterable[SomeTarget]) -> bool:
    return not all(map(_is_over, batch))
