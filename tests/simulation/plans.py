"""Plans as people make them: what each kind of rollout is to do where."""

from dataclasses import dataclass, replace
from types import MappingProxyType

from slipway.core.rollout.value.history import NOTHING, Release, settings_back, way_back
from slipway.core.rollout.value.planned import Planned
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Heading, Stage
from tests.simulation.rows import Open, Over, PlaceRow
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for at a place."""

    goal: Release
    up: bool
    anew: bool = False
    orders: str = ""


def start(
    world: World, service: str, kind: str, wanted: dict[str, Wanted], retries: int = 0
) -> bool:
    """Make a plan and start its rollout, in one transaction. It ends a watch over the service."""
    if not wanted or world.rows.active(service) or world.rows.services[service].lock:
        return False
    policy = world.rows.services[service].policy
    found = [_plan(world, row, wanted.get(row.place)) for row in world.rows.of(service)]
    planned = [p for p in found if p is not None]
    if any(p.is_target for p in planned):
        serves = any(world.serves(world.spots[p.place]) for p in planned)
        policy = replace(policy, none_serves_is_known=not serves and world.rows.number % 2 == 0)
    number = world.rows.number = world.rows.number + 1
    _end_watch(world, service)
    targets = MappingProxyType({p.place: Target(p) for p in _in_batches(planned)})
    value = Rollout(number, policy, targets)
    world.rows.open[number] = Open(value, service, kind)
    world.tell(f"rollout {number}: {kind} of {service}: {_told(value)}")
    world.judge.planned(kind, value, retries)
    return True


def _told(value: Rollout) -> str:
    return ", ".join(
        f"{p.place} {p.origin.version or '-'}->{p.goal.version or '-'}"
        f" back {p.back.version if p.back else None} batch {p.batch}{'' if p.up else ' down'}"
        for p in (t.planned for t in value.targets.values())
        if p.is_target
    )


def _end_watch(world: World, service: str) -> None:
    for opened in [o for o in world.rows.open.values() if o.service == service]:
        value = replace(opened.value, watching=False)
        world.rows.over.append(Over(value, service, opened.kind))
        del world.rows.open[value.number]


def _plan(world: World, row: PlaceRow, wanted: Wanted | None) -> Planned | None:
    spot = world.spots[row.place]
    is_seen = spot.machine.answers
    # What was seen gone and is wanted still is away, and takes room.
    present = (is_seen and spot.link) or row.wanted
    if wanted is None:
        if not present:
            return None
        return Planned(
            row.place,
            *(present, present, None, None),
            batch=0,
            up=row.up and bool(row.wanted),
            was_up=row.up and bool(row.wanted),
            was_well=world.serves(spot),
        )
    back, after = _ways_back(world, row, present, wanted.goal)
    return Planned(
        row.place,
        *(present, wanted.goal, back, after),
        up=wanted.up,
        was_up=row.up and bool(row.wanted),
        was_well=world.serves(spot) and is_seen,
        is_new=not row.history,
        anew=wanted.anew,
        orders=wanted.orders,
        deadline=120.0,
    )


def _ways_back(
    world: World, row: PlaceRow, present: Release, goal: Release
) -> tuple[Release | None, Release | None]:
    unfit = world.rows.services[row.service].withdrawn
    if goal.version == present.version:
        return settings_back(row.history, goal), None
    back = way_back(row.history, goal, unfit, was_well=False)
    if back is None:
        return None, None
    return back, way_back(row.history, goal, {*unfit, back.version}, was_well=False)


def _in_batches(planned: list[Planned]) -> list[Planned]:
    """The first, alone, is the canary; what is ill already goes first."""
    targets = [p for p in planned if p.is_target]
    targets.sort(key=lambda p: (p.was_well, p.place))
    size = max(1, len(targets) // 2)
    numbers = [1, *(2 + n // size for n in range(len(targets) - 1))]
    batch = dict(zip((p.place for p in targets), numbers, strict=True))
    return [replace(p, batch=batch[p.place]) if p.is_target else p for p in planned]


# --- what people ask for -------------------------------------------------------------------------


def release(world: World, service: str, version: str) -> Release:
    return Release(version, f"{version}.{world.rows.services[service].settings}")


def roll_back(world: World, service: str) -> bool:
    wanted = {}
    unfit = world.rows.services[service].withdrawn
    for row in world.rows.of(service):
        spot = world.spots[row.place]
        present = spot.link if spot.machine.answers else row.wanted
        back = way_back(row.history, present, unfit) if row.is_free and present else None
        if back is not None:
            wanted[row.place] = Wanted(back, row.up, orders=row.orders)
    return start(world, service, "rollback", wanted)


def retry(world: World, over: Over) -> bool:
    """The same version, with settings and policies of now, where nobody overtook it."""
    wanted = {}
    for target in over.value.targets.values():
        row = world.rows.places[target.place]
        is_forth = target.stage is Stage.WELL and target.heading is Heading.FORTH
        if not target.is_target or is_forth or not row.is_free:
            continue
        if any(later > over.value.number for later in row.changed_by):
            continue
        planned = target.planned
        goal = NOTHING
        if planned.goal:
            goal = release(world, over.service, planned.goal.version)
        wanted[target.place] = Wanted(goal, planned.up, planned.anew, planned.orders)
    return start(world, over.service, over.kind, wanted, retries=over.value.number)


def pay_what_is_owed(world: World, service: str) -> bool:
    wanted = {
        row.place: Wanted(row.owed, row.up, orders=row.orders)
        for row in world.rows.of(service)
        if row.owed is not None and row.is_free
    }
    return start(world, service, "owed", wanted)
