"""Invariants of what happens on hosts: tickets, room, standing orders."""

from typing import TYPE_CHECKING

from slipway.core.rollout.value.rollout import Rollout
from slipway.core.rollout.value.words import Heading, Word
from tests.simulation.invariants.broken import hold
from tests.simulation.invariants.memory import LATELY, Memory

if TYPE_CHECKING:
    from tests.simulation.hosts import Errand, Spot, Ticket
    from tests.simulation.world import World


def begins(memory: Memory, world: "World", spot: "Spot", errand: "Errand") -> None:
    """I8, I11, I13."""
    hold(errand.name in memory.intents, "I8 intent before effect", errand.name)
    hold(errand.name not in memory.begun, "I11 a ticket runs once", errand.name)
    memory.begun.add(errand.name)


def taken_away(memory: Memory, world: "World", spot: "Spot", ticket: "Ticket") -> None:
    """A serving place is taken away only while less than may be are away."""
    number = int(ticket.errand.name.split(":")[0])
    heading = Heading.BACK if f":{Heading.BACK.value}-" in ticket.errand.name else Heading.FORTH
    for place in [p for p in memory.taken if world.serves(world.spots[p])]:
        del memory.taken[place]
    opened = world.rows.open.get(number)
    row = world.rows.places[spot.place]
    if opened is not None and opened.value.policy.is_way_back:
        heading = Heading.BACK  # as a whole
    if opened is not None and row.up:
        if heading is Heading.FORTH:
            _has_room_forth(memory, world, spot, opened.value)
        else:
            _has_room_back(memory, world, spot, opened.value)
    memory.taken[spot.place] = heading.value


def _has_room_forth(memory: Memory, world: "World", spot: "Spot", value: Rollout) -> None:
    if memory.quiet_for(world, spot) <= LATELY:
        return
    away = {
        place
        for place, since in memory.not_serving_since.items()
        if world.now - since > LATELY
        and _is_away(world.spots[place], world)
        and _counts(world, place, spot, value)
    }
    away |= {place for place in memory.taken if _counts(world, place, spot, value)}
    allowed = value.policy.allowed_away
    hold(len(away) < allowed, "I1 room", spot.place, "goes while away are", sorted(away))


def _is_away(spot: "Spot", world: "World") -> bool:
    """Also of what came back since the last tick."""
    return spot.machine.cut or not world.serves(spot)


def _counts(world: "World", place: str, spot: "Spot", value: Rollout) -> bool:
    row = world.rows.places[place]
    is_other = place != spot.place and row.service == spot.service
    is_here = place in value.targets and place not in value.without
    return is_other and is_here and row.up and bool(row.wanted.version)


def _has_room_back(memory: Memory, world: "World", spot: "Spot", value: Rollout) -> None:
    """It was taken while no other was on its way; one that is ill needs no room and may follow."""
    own = memory.taken_as.get((value.number, spot.place), 0)
    going = [
        place
        for place, heading in memory.taken.items()
        if heading == Heading.BACK.value
        and world.rows.places[place].service == spot.service
        and place != spot.place
        and memory.taken_as.get((value.number, place), 0) < own
        and any(t.runs for t in world.spots[place].tickets)
    ]
    was_ill = (value.number, spot.place) in memory.taken_ill
    is_calm = memory.quiet_for(world, spot) > LATELY and not was_ill
    allowed = value.policy.allowed_away
    hold(len(going) < allowed or not is_calm, "I1 room on the way back", spot.place, going)


def tick(memory: Memory, world: "World") -> None:
    """What holds at every moment."""
    if world.now < world.outage_until:
        memory.last_outage = world.now
    for name, service in world.rows.services.items():
        _mark(memory.held_since, name, world.now, service.lock or service.window_closed)
        active = [o for o in world.rows.open.values() if o.service == name and not o.value.end]
        hold(len(active) <= 1, "I9 one rollout of a service", name, len(active))
    wishes_are_heard(world)
    for place, spot in world.spots.items():
        row = world.rows.places[place]
        serves = world.serves(spot)
        _mark(memory.not_serving_since, place, world.now, not serves or spot.machine.cut)
        _mark(memory.hindered_since, place, world.now, not row.is_free)
        if serves:
            memory.taken.pop(place, None)
        if not row.up and spot.running and row.wanted:
            _stays_stopped(memory, world, spot)


def all_are_looked_at(memory: Memory, world: "World", value: Rollout) -> None:
    """Those that only take room, and those that were left out, too."""
    gap_at = memory.gap_at.get(value.number, world.now)
    for place in value.targets:
        since = max(gap_at, memory.last_word.get((value.number, place), gap_at))
        hold(world.now - since <= LATELY, "§4 all that counts is looked at", place, since)


def wishes_are_heard(world: "World") -> None:
    """What a person said, and a driver has heard, is so."""
    for opened in world.rows.open.values():
        heard, value = opened.wishes[: opened.heard], opened.value
        said = [wish.word for wish in heard if wish.word in (Word.PAUSE, Word.RESUME, Word.CANCEL)]
        if value.end is None and Word.CANCEL in said:
            hold(value.cancelled, "§11 a cancel is heard", value.number)
        elif said and not value.cancelled:
            is_paused = said[-1] is Word.PAUSE
            hold(value.paused == is_paused, "§11 a pause is heard", value.number, value.paused)


def _mark(since: dict[str, int], key: str, now: int, is_so: bool) -> None:
    if is_so:
        since.setdefault(key, now)
    else:
        since.pop(key, None)


def _stays_stopped(memory: Memory, world: "World", spot: "Spot") -> None:
    is_idle = not spot.busy and not any(o.service == spot.service for o in world.rows.open.values())
    is_known = spot.disturbed_at < memory.placed_at.get(spot.place, 0) - LATELY
    if is_idle and is_known and memory.quiet_for(world, spot) > LATELY:
        is_named = spot.place in excused(world)
        hold(is_named, "§1 stopped on purpose stays stopped", spot.place)


def excused(world: "World") -> set[str]:
    """Places of which the last word was that they are not where they should be: brought there, or
    found well there, and then not."""
    last: dict[str, bool] = {}
    for over in world.rows.over:
        for target in over.value.targets.values():
            was_well = bool(target.process)
            if target.planned.batch > 0 and (target.touched or was_well):
                last[target.place] = target.stage.value == "out"
    return {place for place, is_out in last.items() if is_out}
