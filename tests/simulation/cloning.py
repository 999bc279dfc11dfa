"""A second world that is like the first, and goes its own way."""

from copy import copy
from dataclasses import fields
from typing import Any

from tests.simulation.hosts import Spot
from tests.simulation.invariants import Judge
from tests.simulation.invariants.memory import Memory
from tests.simulation.rows import Rows
from tests.simulation.world import Driver, Worker, World


def cloned(world: World) -> World:
    """Values are shared, boxes are not."""
    new = copy(world)
    new.machines = {name: copy(machine) for name, machine in world.machines.items()}
    new.spots = {place: _spot(new, spot) for place, spot in world.spots.items()}
    new.rows = _rows(world.rows)
    new.workers = [_worker(new, worker) for worker in world.workers]
    new.wire = [copy(message) for message in world.wire]
    new.ours_until, new.story = dict(world.ours_until), list(world.story)
    new.judge = Judge(new)
    new.judge.memory = _memory(world.judge.memory)
    return new


def _spot(new: World, spot: Spot) -> Spot:
    one = copy(spot)
    one.machine = new.machines[spot.machine.name]
    one.tickets = tuple(copy(ticket) for ticket in spot.tickets)
    return one


def _rows(rows: Rows) -> Rows:
    new = copy(rows)
    new.places = {place: copy(row) for place, row in rows.places.items()}
    new.services = {name: copy(row) for name, row in rows.services.items()}
    new.open = {number: copy(opened) for number, opened in rows.open.items()}
    new.over = list(rows.over)
    return new


def _worker(new: World, worker: Worker) -> Worker:
    one = copy(worker)
    one.drivers = {
        number: _driver(new, driver)
        for number, driver in worker.drivers.items()
        if number in new.rows.open
    }
    one.values = dict(worker.values)
    return one


def _driver(new: World, driver: Driver) -> Driver:
    one = copy(driver)
    one.open = new.rows.open[driver.open.value.number]
    one.asked = {place: copy(asked) for place, asked in driver.asked.items()}
    one.asked_last = dict(driver.asked_last)
    one.inbox = list(driver.inbox)
    return one


def _memory(memory: Memory) -> Memory:
    new = copy(memory)
    for field in fields(Memory):
        kept: Any = getattr(memory, field.name)
        if isinstance(kept, dict | set):
            setattr(new, field.name, copy(kept))
    for number, heard in memory.heard.items():
        new.heard[number] = dict(heard)
    for number, asked in memory.questions.items():
        new.questions[number] = list(asked)
    for number, codes in memory.asked_ever.items():
        new.asked_ever[number] = set(codes)
    for place, stack in memory.stood_on.items():
        new.stood_on[place] = list(stack)
    return new
