"""How long a rollout takes, and still takes: told from earlier ones of its service there, never
guessed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from slipway.core.rollout.plans.plan import Plan
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.told.time_left import TimeLeft, seconds_of_each
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.records.rollouts.models import Rollout, Target

Place = tuple[int, int]  # a host and a port
_EARLIER = 8  # rollouts that are looked back at
_AT_MOST = 1000  # targets of theirs
_ALIKE = (RolloutKind.DEPLOY, RolloutKind.UPGRADE)
_GOES_ON = (RolloutStatus.PENDING, RolloutStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class _Usual:
    """How many seconds each place took, and what is usual where one has no history."""

    by_place: Mapping[Place, float]
    of_any: float
    earlier: int

    def of(self, place: Place) -> float:
        return self.by_place.get(place, self.of_any)

    def left(self, target: Target, now: datetime) -> float:
        whole = self.of((target.host_id, target.port))
        begun = (now - target.started_at).total_seconds() if target.started_at else 0.0
        return max(whole - begun, 0.0)


def usual_time_of(
    plan: Plan, service_id: int, environment_id: int, places: Sequence[Place | None]
) -> TimeLeft | None:
    """Return how long what `plan` says usually takes; None where nothing of its kind has come to a
    good end there before. `places` are those of its targets, in their order, None where nobody can
    be reached: they keep nobody waiting."""
    usual = _usual_of(plan.kind, service_id, environment_id)
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


def time_left_of(rollout: Rollout, targets: Iterable[Target], now: datetime) -> TimeLeft | None:
    """Return how long `rollout` still takes; None where it does not go on by itself, or where
    nothing of its kind has come to a good end there before."""
    if RolloutStatus(rollout.state) not in _GOES_ON or rollout.cancel_requested:
        return None
    by_batch: dict[int, list[Target]] = defaultdict(list)
    for target in targets:
        by_batch[target.batch].append(target)
    batches = [by_batch[number] for number in sorted(by_batch)]
    if not any(map(_is_open, batches)):
        return None
    kind = RolloutKind(rollout.kind)
    usual = _usual_of(kind, rollout.service_id, rollout.environment_id, before=rollout.pk)
    if usual is None:
        return None
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


def _usual_of(
    kind: RolloutKind, service_id: int, environment_id: int, before: int | None = None
) -> _Usual | None:
    over = Rollout.objects.filter(
        service=service_id,
        environment=environment_id,
        kind__in=_ALIKE if kind in _ALIKE else (kind,),
        finished_at__isnull=False,
    )
    earlier = over.filter(pk__lt=before) if before else over
    numbers = list(earlier.order_by("-pk").values_list("pk", flat=True)[:_EARLIER])
    well = Target.objects.filter(
        rollout__in=numbers,
        state=TargetStatus.SUCCEEDED,
        started_at__isnull=False,
        finished_at__isnull=False,
    )
    rows = well.order_by("-pk").values_list("rollout", "host", "port", "started_at", "finished_at")
    took: dict[Place, list[float]] = defaultdict(list)
    told = set()
    for number, host, port, begun, ended in rows[:_AT_MOST]:
        if begun and ended:
            took[host, port].append((ended - begun).total_seconds())
            told.add(number)
    if not took:
        return None
    by_place = {place: median(seconds) for place, seconds in took.items()}
    return _Usual(by_place, median(by_place.values()), len(told))


def _gates(batches: Sequence[Sequence[Target]]) -> range:
    """Return the numbers, from 1, of the batches after which it still watches or waits."""
    last = max(number for number, batch in enumerate(batches, start=1) if _is_open(batch))
    first = min(number for number, batch in enumerate(batches, start=1) if _is_open(batch))
    has_begun = any(target.state != TargetStatus.PENDING for target in batches[first - 1])
    return range(first if has_begun or first == 1 else first - 1, last)


def _watched(rollout: Rollout, batch: Sequence[Target], now: datetime) -> timedelta:
    """Return for how long a batch is still watched."""
    ends = [target.finished_at for target in batch if target.finished_at]
    if _is_open(batch) or not ends:
        return rollout.bake_time
    return max(max(ends) + rollout.bake_time - now, timedelta())


def _is_over(target: Target) -> bool:
    return TargetStatus(target.state).is_over


def _is_open(batch: Iterable[Target]) -> bool:
    return not all(map(_is_over, batch))
