"""Invariants of the moment in which a place is taken in hand."""

from typing import TYPE_CHECKING

from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Heading, Stage
from tests.simulation.invariants.broken import hold
from tests.simulation.invariants.memory import (
    Memory,
    is_meant_up,
    is_open,
    targets_of,
)

if TYPE_CHECKING:
    from tests.simulation.world import World


def taken(memory: Memory, world: "World", value: Rollout, old: Target, new: Target) -> None:
    place, number = new.place, value.number
    name = f"{number}:{place}:{value.ticket(new)}"
    hold(name not in memory.begun, "§7 a further attempt has a ticket of its own", name)
    memory.intents.add(name)
    memory.taken_as[number, place] = len(memory.intents)
    look = memory.look(number, place)
    hold(look is not None, "§5 after a gap hosts are asked first", place)
    if look is not None and look.serves:
        memory.taken_ill.discard((number, place))
    else:
        memory.taken_ill.add((number, place))
    turn = memory.asked_at.get((number, place), world.now)
    since = turn if old.stage is Stage.ASKED else world.now
    heard = memory.heard_at(number, place)
    hold(heard >= since, "§8 asked at its turn", place, "heard", heard, "its turn came", turn)
    hold(new.attempt <= value.policy.attempts + 1, "§6 attempts are counted", place, new.attempt)
    if new.attempt == 0:
        hindered = world.now - memory.hindered_since.get(place, world.now)
        is_free = hindered <= 1 or world.rows.places[place].is_free
        hold(is_free, "§8 a no of the place leaves it out", place)
    if new.planned.changes_version or new.heading is Heading.BACK:
        memory.changed_by[place] = (*memory.changed_by.get(place, ()), number)


def taken_forth(
    memory: Memory, world: "World", before: Rollout, value: Rollout, new: Target
) -> None:
    hold(not before.cancelled, "I17 nothing begins after a cancel", new.place)
    hold(before.halted is None, "§11 nothing begins after a halt", new.place)
    _within_budgets(value, new)
    _in_its_batch(memory, world, value, new)
    if new.attempt > 0:
        return
    place = new.place
    hold(not (before.paused and value.paused), "I17 paused: nothing is begun", place)
    hold(not (before.asks and value.asks), "§6 a question holds what goes forth", place)
    hold(place not in value.without, "§6 left out by a person", place)
    hold(place not in value.gone, "§7 gone by a person's word", place)
    is_judging = _suspects(before) and _suspects(value)
    hold(not is_judging, "§6 nothing begins while a fault is judged", place)
    _nothing_holds_it(memory, world, value, place)
    look = memory.look(value.number, place)
    if look is not None:
        is_clear = look.obstacle is None or not new.planned.up or not new.planned.goal
        hold(is_clear, "§9 looked at before the start", place)
        from_there = look.link.version == new.planned.origin.version
        hold(from_there, "§8 present is what the plan's from says", place, look.link)
    if not any(t.touched for t in targets_of(before)):
        _somebody_serves(memory, world, value, new)


def _nothing_holds_it(memory: Memory, world: "World", value: Rollout, place: str) -> None:
    service = world.rows.places[place].service
    row = world.rows.services[service]
    held = world.now - memory.held_since.get(service, world.now)
    goes_back = value.number in world.rows.open and world.rows.open[value.number].kind == "rollback"
    is_held = held > 1 and (row.lock or row.window_closed) and not goes_back
    hold(not is_held, "§8 windows and service locks hold the batch", place)


def _suspects(value: Rollout) -> bool:
    return any(t.stage is Stage.SUSPECT for t in value.targets.values())


def _within_budgets(value: Rollout, new: Target) -> None:
    others = [t for t in targets_of(value) if t.place != new.place]
    guilty = [t for t in others if t.cause is Cause.VERSION]
    policy = value.policy
    hold(len(guilty) <= policy.failures, "§6 failures are counted", new.place, len(guilty))
    has_canary = any(t.planned.batch > 1 for t in targets_of(value))
    canaries = [t for t in guilty if t.planned.batch == 1 and has_canary]
    is_within = len(canaries) <= policy.canary_failures
    hold(is_within, "§6 canaries are counted", new.place, [t.place for t in canaries])
    behind = [t for t in others if t.cause in (Cause.HOST, Cause.WEATHER)]
    is_within = len(behind) <= policy.left_out
    hold(is_within, "§6 left out are counted", new.place, [t.place for t in behind])


def _in_its_batch(memory: Memory, world: "World", value: Rollout, new: Target) -> None:
    batch = new.planned.batch
    others = [t for t in targets_of(value) if t.place != new.place]
    lower = [t for t in others if t.planned.batch < batch]
    early = [t.place for t in lower if is_open(t)]
    look = memory.look(value.number, new.place)
    if early and look is not None and not look.serves:
        # Ill already, it may go before others of which nothing was touched.
        early = [t.place for t in lower if is_open(t) and t.touched]
    hold(not early or new.attempt > 0, "I12 batch by batch", new.place, "before", early)
    if batch == 1 or new.attempt > 0 or any(is_open(t) for t in lower):
        return
    is_proven = any(t.stage is Stage.WELL and t.heading is Heading.FORTH for t in others)
    beside = [t.place for t in others if t.heading is Heading.FORTH and _is_under_way(t)]
    hold(is_proven or not beside, "I12 canary first", new.place, "beside", beside)
    promoted = value.promoted >= batch - 1 or not value.policy.needs_promotion
    hold(promoted, "§6 promoted", new.place)
    for target in lower:
        if target.stage is Stage.WELL and target.heading is Heading.FORTH and target.up:
            _has_baked(memory, world, value, target)


def _is_under_way(target: Target) -> bool:
    return target.stage in (Stage.IN_HAND, Stage.SUSPECT)


def _has_baked(memory: Memory, world: "World", value: Rollout, target: Target) -> None:
    well_at = memory.well_at.get((value.number, target.place), world.now)
    ticks = (world.now - well_at) * 5.0
    hold(ticks >= value.policy.bake, "§5 baked", target.place, ticks)
    heard = memory.heard_at(value.number, target.place)
    is_seen = (heard - well_at) * 5.0 >= value.policy.bake - 5.0
    is_lost = memory.vain.get((value.number, target.place), 0) > 0
    hold(is_seen or is_lost, "§5 a bake ends with a look", target.place, heard, well_at)


def _somebody_serves(memory: Memory, world: "World", value: Rollout, new: Target) -> None:
    """Where places are meant to be up and none serves, it asks before it begins."""
    if value.policy.none_serves_is_known:
        return
    meant = [t.place for t in value.targets.values() if is_meant_up(t.planned)]
    if (value.number, "none_serves") in memory.went_on:
        return
    looks = [memory.look(value.number, place) for place in meant]
    serving = any(look is not None and look.serves for look in looks)
    hold(serving or not meant, "§4 asks before it begins where none serves", new.place)
