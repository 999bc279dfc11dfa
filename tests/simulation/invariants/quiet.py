"""Invariants of the calm: everything ends, and is what is said of it."""

from typing import TYPE_CHECKING

from slipway.core.rollout.value.questions import Asks
from slipway.core.rollout.value.rollout import Rollout
from tests.simulation.invariants.broken import hold
from tests.simulation.invariants.hosts import excused
from tests.simulation.invariants.memory import LATELY, Memory, is_open, targets_of

if TYPE_CHECKING:
    from tests.simulation.hosts import Spot
    from tests.simulation.world import World


def in_calm(memory: Memory, world: "World", value: Rollout, count: int) -> None:
    """Nothing is wrong any more: what waits says for what, and ends by itself or by a word."""
    code = value.asks.code if value.asks else None
    if count == 24:
        hold(code is not Asks.SEVERAL_LOST, "§6 weather ends with the weather", value.number)
    if count in (115, 145) and code is Asks.NO_ROOM:
        away = [p for p in value.targets if _is_away(world, p) and p not in value.without]
        is_true = len(away) >= value.policy.allowed_away
        hold(is_true, "§4 room is of what is meant to be up", value.number, away)
    if count == 230:
        is_told = value.asks is not None or value.paused
        stuck = [(t.place, t.stage.value) for t in targets_of(value) if is_open(t)]
        hold(is_told, "§11 every rollout ends, or asks", value.number, stuck)


def _is_away(world: "World", place: str) -> bool:
    row = world.rows.places[place]
    return row.up and bool(row.wanted) and not world.serves(world.spots[place])


def calm(memory: Memory, world: "World") -> None:
    for opened in world.rows.open.values():
        value = opened.value
        stuck = [(t.place, t.heading.value, t.stage.value) for t in targets_of(value) if is_open(t)]
        asks = value.asks.code if value.asks else ""
        hold(False, "§11 every rollout ends", value.number, stuck, asks, value.end)
    named = excused(world)
    for spot in world.spots.values():
        hold(not spot.busy, "I6 nothing runs with nobody working", spot.place)
        is_known = spot.disturbed_at < memory.placed_at.get(spot.place, 0) - LATELY
        if spot.place not in named and is_known:
            _is_as_said(world, spot)


def _is_as_said(world: "World", spot: "Spot") -> None:
    row = world.rows.places[spot.place]
    is_bad = world.is_bad(spot, row.wanted)
    if spot.drained_by and row.up:
        hold(not world.is_healthy(spot), "I7 nothing left drained", spot.place)
        hold(is_bad, "I7 nothing left drained, ill", spot.place)
    runs = row.wanted.version if row.up else ""
    link_is = spot.link == row.wanted
    hold(link_is, "I2 wanted is what is there", spot.place, row.wanted, spot.link)
    hold(is_bad or spot.running.version == runs, "I2 wanted is what runs", spot.place, runs)
