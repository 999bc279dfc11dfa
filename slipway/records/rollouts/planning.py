"""What a rollout would do, and what stands in its way: reads everything, changes nothing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models.functions import Now

from slipway.core.batches import Batches
from slipway.core.kinds import RolloutKind
from slipway.core.layout import InstanceContext
from slipway.core.plan import Obstacle, Plan, PlannedTarget, checks_of, in_batches, in_order
from slipway.core.refusal import Refused
from slipway.core.release import Change, steps_of
from slipway.core.rollout.shares import budget, max_unavailable
from slipway.core.rollout.status import TargetStatus
from slipway.core.spec import ReleaseSpec
from slipway.records.catalog.models import Version
from slipway.records.catalog.queries import get_package_ref, get_release_spec
from slipway.records.fields.texts import checked_text
from slipway.records.fleet.models import Environment, Instance
from slipway.records.rollouts.candidates import select
from slipway.records.rollouts.deploys import refuse_taken_ports
from slipway.records.rollouts.followups import select_for_retry, select_for_rollback
from slipway.records.rollouts.gates import closed_gates, hosts_in_trouble, is_reachable
from slipway.records.rollouts.models import Target
from slipway.records.rollouts.refusals import NoInstances
from slipway.records.rollouts.selection import Candidate, Hindrance, Selection
from slipway.records.rollouts.wishes import Wish

ALL_AT_ONCE = "100%"


@dataclass(frozen=True, slots=True)
class Strategy:
    """How it will be done: frozen when the rollout starts."""

    batches: str
    max_unavailable: int
    failures_allowed: int
    canary_failures_allowed: int
    bake_time: timedelta
    promotion_needed: bool
    automatic_rollback: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan, and the things it is about; `candidates` are in the order of the plan's targets."""

    plan: Plan
    candidates: tuple[Candidate, ...]
    strategy: Strategy
    hindrances: tuple[Hindrance, ...]


def make_plan(wish: Wish, now: datetime | None = None) -> Plan:
    """Return what would happen. Without `now` the database's clock says what time it is.

    Raises Invalid when batches or budgets cannot be read.
    """
    now = now or Environment.objects.annotate(clock=Now()).get(pk=wish.environment.pk).clock
    drawing = draw(wish)
    gates = [Hindrance(each) for each in closed_gates(wish, now)]
    obstacles = tuple(_obstacle(each) for each in (*gates, *drawing.hindrances))
    return replace(drawing.plan, obstacles=obstacles)


def draw(wish: Wish) -> Drawing:
    """Return the plan from what is known now, without the gates that depend on who asks and when.

    Raises Invalid when batches or budgets cannot be read.
    """
    selection = _select(wish)
    candidates = _reachable(wish, selection)
    hosts_in_trouble(candidates, wish, selection)
    refuse_taken_ports(wish, selection)
    spec = _checked_release(candidates, wish, selection)
    strategy = _strategy(wish, candidates)
    planned, ordered = _batched(candidates, strategy, wish)
    plan = Plan(
        kind=wish.kind,
        service=wish.service.name,
        environment=wish.environment.name,
        version=wish.version.name if wish.version else "",
        targets=planned,
        batches_text=strategy.batches,
        max_unavailable=strategy.max_unavailable,
        obstacles=tuple(_obstacle(each) for each in selection.hindrances),
        checks=checks_of(spec.health) if spec else (),
        bake_time=strategy.bake_time,
        settle_time=spec.health.min_healthy_time if spec else timedelta(0),
    )
    return Drawing(plan, ordered, strategy, tuple(selection.hindrances))


def _select(wish: Wish) -> Selection:
    if wish.reverts is not None and wish.retry_of is None:
        return select_for_rollback(wish, wish.reverts)
    if wish.retry_of is not None:
        return select_for_retry(wish, wish.retry_of)
    selection = select(wish)
    selection.insist()
    if not selection.candidates and not selection.hindrances:
        selection.refuse(
            NoInstances(
                "{service} is nowhere in {environment}.",
                hint="Deploy it to hosts first.",
                service=wish.service.name,
                environment=wish.environment.name,
            )
        )
    return selection


def _reachable(wish: Wish, selection: Selection) -> list[Candidate]:
    """Return the candidates, without hosts known as unreachable where they are to be skipped."""
    if not wish.skip_unreachable:
        return selection.candidates
    kept = [each for each in selection.candidates if is_reachable(each.host)]
    return kept or selection.candidates


def _strategy(wish: Wish, candidates: list[Candidate]) -> Strategy:
    environment, count = wish.environment, len(candidates)
    instances = Instance.objects.of(wish.service, environment).count()
    fresh = sum(candidate.instance is None for candidate in candidates)
    away = wish.max_unavailable or environment.max_unavailable
    # Taking back what went wrong: all at once, and no failure keeps it from helping the others.
    is_rollback = wish.reverts is not None
    batches = wish.batches or (ALL_AT_ONCE if wish.goes_back else environment.batches)
    allowed = budget(wish.failure_budget or environment.failure_budget, count)
    automatic = environment.automatic_rollback and not wish.goes_back
    bake_time = environment.bake_time if wish.bake_time is None else wish.bake_time
    return Strategy(
        batches=checked_text(str(Batches.parse(batches)), what="batches text", limit=64),
        max_unavailable=max_unavailable(away, max(instances + fresh, 1)),
        failures_allowed=count if is_rollback else allowed,
        canary_failures_allowed=count if is_rollback else environment.canary_budget,
        bake_time=timedelta(0) if is_rollback else bake_time,
        promotion_needed=environment.promotion_needed and not wish.goes_back,
        automatic_rollback=(
            automatic if wish.automatic_rollback is None else wish.automatic_rollback
        ),
    )


def _batched(
    candidates: list[Candidate], strategy: Strategy, wish: Wish
) -> tuple[tuple[PlannedTarget, ...], tuple[Candidate, ...]]:
    had = _releases_on_hosts(candidates, wish)
    by_place = {(each.host.name, each.port): each for each in candidates}
    planned = in_order(_planned(each, had) for each in candidates)
    sizes = Batches.parse(strategy.batches).sizes(len(planned))
    numbered = in_batches(planned, sizes)
    return numbered, tuple(by_place[target.host, target.port] for target in numbered)


def _planned(candidate: Candidate, had: set[tuple[int, int]]) -> PlannedTarget:
    goal, before = candidate.to_version, candidate.from_version
    is_there = goal is None or (candidate.host.pk, goal.pk) in had
    stays = goal is not None and before is not None and goal.pk == before.pk
    package = goal.package if goal else None
    return PlannedTarget(
        host=candidate.host.name,
        port=candidate.port,
        instance_id=candidate.instance.pk if candidate.instance else None,
        from_version=before.name if before else "",
        to_version=goal.name if goal else "",
        bytes_to_move=package.size if package and not is_there and not stays else 0,
        unreachable=not is_reachable(candidate.host),
        note=candidate.host.problem if not is_reachable(candidate.host) else None,
        was_healthy=candidate.was_healthy,
    )


def _releases_on_hosts(candidates: list[Candidate], wish: Wish) -> set[tuple[int, int]]:
    """Return (host, version) of releases that were put there: the newest few of them stay."""
    rows = Target.objects.filter(
        host__in=[each.host.pk for each in candidates],
        rollout__service=wish.service,
        state=TargetStatus.SUCCEEDED,
        to_version__isnull=False,
    )
    return {(host, version) for host, version in rows.values_list("host", "to_version") if version}


def _checked_release(
    candidates: list[Candidate], wish: Wish, selection: Selection
) -> ReleaseSpec | None:
    """Return the release spec of the goal, having tried what would be done with it on each host:
    what cannot be meant is refused here, not half-way."""
    specs: dict[int, ReleaseSpec] = {}
    last: ReleaseSpec | None = None
    for candidate in candidates:
        version = candidate.to_version or candidate.from_version
        if version is None:
            continue
        try:
            if version.pk not in specs:
                specs[version.pk] = _spec_of(version, candidate, wish)
            last = specs[version.pk]
            steps_of(_context(candidate, wish), last, _change(candidate, wish), None)
        except Refused as refusal:
            selection.refuse(refusal)
            return last
    return last


def _spec_of(version: Version, candidate: Candidate, wish: Wish) -> ReleaseSpec:
    if candidate.to_version is not None:
        get_package_ref(version)  # refuses a version that has none
    return get_release_spec(wish.service, version)


def _context(candidate: Candidate, wish: Wish) -> InstanceContext:
    return InstanceContext(
        service=wish.service.name,
        environment=wish.environment.name,
        host=candidate.host.name,
        root=candidate.host.root,
        port=candidate.port or None,
    )


def _change(candidate: Candidate, wish: Wish) -> Change:
    kind = wish.kind
    if kind is RolloutKind.REVERT and candidate.to_version is None:
        kind = RolloutKind.DELETE
    before, after = candidate.from_version, candidate.to_version
    return Change(kind, 1, before.name if before else "", after.name if after else "", ())


def _obstacle(hindrance: Hindrance) -> Obstacle:
    return Obstacle(hindrance.refusal.sentence, hindrance.blocking)
