"""The thin shell around the brain: hold the claim, hear, decide, write, act."""

from dataclasses import replace

from slipway.core.rollout.commands import Ask, Send, clears, decides_ways_back, to_do
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.events import (
    Answered,
    Cleared,
    Drove,
    Event,
    Hindrance,
    Lost,
    TookUp,
)
from slipway.core.rollout.value.rollout import Rollout
from slipway.core.rollout.value.words import Cause, Heading
from slipway.core.words.sentence import Sentence
from tests.simulation.hosts import Errand
from tests.simulation.rows import Open, as_read
from tests.simulation.world import ANSWER_WITHIN, LEASE, SECONDS, Asked, Driver, Message, World
from tests.simulation.writing import write

NO_ANSWER = Sentence("no_answer", "It did not answer.")
GARBAGE = Sentence("garbage", "It answered with nonsense.")
INSIDE = Sentence("inside", "Something is wrong inside.")
SELDOM = 2  # ticks between two looks that nobody waits for


def beat(world: World, index: int) -> None:
    """One turn of a worker's loop, over all rollouts that it may drive."""
    worker = world.workers[index]
    if world.now < worker.frozen_until or world.now < world.rows.away_until:
        return
    has_gap = world.now - worker.last_beat > 2  # it was frozen, or the database away
    worker.last_beat = world.now
    for number in [n for n in worker.drivers if n not in world.rows.open]:
        forget(world, index, number)
    for opened in list(world.rows.open.values()):
        _drive(world, index, opened, has_gap=has_gap)


def forget(world: World, index: int, number: int) -> None:
    worker = world.workers[index]
    worker.drivers.pop(number, None)
    worker.values.pop(number, None)


def _drive(world: World, index: int, opened: Open, *, has_gap: bool) -> None:
    worker, number = world.workers[index], opened.value.number
    driver = worker.drivers.get(number)
    if driver is not None and (driver.epoch != opened.claim or driver.revision != opened.revision):
        forget(world, index, number)
        driver = None
    if driver is None:
        if opened.claim and opened.lease >= world.now:
            return
        driver = _take_up(world, index, opened)
        events: list[Event] = [TookUp()]
    elif has_gap:
        _drop_what_is_under_way(world, index, driver)
        events = [TookUp()]
    else:
        events = [Drove(SECONDS)]
    opened.lease = world.now + LEASE
    if events[0] == TookUp():
        world.judge.gap(number)
    _beat(world, index, driver, events)


def _take_up(world: World, index: int, opened: Open) -> Driver:
    world.rows.epoch += 1
    opened.claim = world.rows.epoch
    opened.revision += 1
    withdrawn = world.rows.services[opened.service].withdrawn
    driver = Driver(opened, opened.claim, opened.revision, opened.heard)
    worker = world.workers[index]
    worker.drivers[opened.value.number] = driver
    worker.values[opened.value.number] = as_read(opened.value, withdrawn)
    world.tell(f"worker {index} takes up rollout {opened.value.number}, epoch {driver.epoch}")
    return driver


def _drop_what_is_under_way(world: World, index: int, driver: Driver) -> None:
    """An answer to a question from before the gap is from before the gap."""
    driver.inbox.clear()
    driver.asked.clear()
    for message in world.wire:
        if message.worker == index and message.rollout == driver.open.value.number:
            message.given_up = True


def _beat(world: World, index: int, driver: Driver, events: list[Event]) -> None:
    worker, number = world.workers[index], driver.open.value.number
    before = worker.values[number]
    events += driver.open.wishes[driver.heard :]
    driver.heard = len(driver.open.wishes)
    events += _answers(world, driver)
    events += _losses(world, index, driver)
    withdrawn = world.rows.services[driver.open.service].withdrawn
    value = happened(before, events)
    if decides_ways_back(before, value):
        before = replace(before, withdrawn_elsewhere=withdrawn)
        value = happened(before, events)
    if questions := clears(value):
        if any(value.target(c.place).heading is Heading.BACK for c in questions):
            value = replace(value, withdrawn_elsewhere=withdrawn)
        rows = [Cleared(c.place, hindrance(world, c.place, value)) for c in questions]
        value = happened(value, rows)
    if not write(world, index, driver, value):
        return
    worker.values[number] = value
    world.judge.drove(value)
    for command in to_do(value):
        if isinstance(command, Ask | Send) and _is_due(world, driver, command):
            _send(world, index, driver, command, value)


def _answers(world: World, driver: Driver) -> list[Event]:
    events: list[Event] = []
    for answer in driver.inbox:
        asked = driver.asked.get(answer.place)
        if asked is None or asked.number != answer.number:
            continue
        del driver.asked[answer.place]
        if answer.look is None:
            world.judge.lost(driver.open.value.number, answer.place, Cause.HOST)
            events.append(Lost(answer.place, GARBAGE, Cause.HOST))
        else:
            world.judge.heard(driver.open.value.number, answer.place, answer.look)
            events.append(Answered(answer.place, answer.look, answer.asked_at))
    driver.inbox.clear()
    return events


def _losses(world: World, index: int, driver: Driver) -> list[Event]:
    events: list[Event] = []
    number = driver.open.value.number
    for place, asked in list(driver.asked.items()):
        is_ours = asked.number < 0
        cause = Cause.OURS if is_ours else Cause.WEATHER
        if not is_ours and world.now - asked.tick <= ANSWER_WITHIN:
            continue
        del driver.asked[place]
        for message in world.wire:
            if message.number == asked.number:
                message.given_up = True
        world.judge.lost(number, place, cause)
        events.append(Lost(place, INSIDE if is_ours else NO_ANSWER, cause))
    return events


def _is_due(world: World, driver: Driver, command: Ask | Send) -> bool:
    if command.place in driver.asked:
        return False
    if isinstance(command, Send) or command.soon:
        return True
    return world.now - driver.asked_last.get(command.place, -99) >= SELDOM


def _send(world: World, index: int, driver: Driver, command: Ask | Send, value: Rollout) -> None:
    place = command.place
    driver.asked_last[place] = world.now
    if world.now < world.ours_until.get(place, -1):
        driver.asked[place] = Asked(world.now, -1)  # it fails before a byte was sent
        return
    driver.sequence += 1
    world.messages += 1
    driver.asked[place] = Asked(world.now, world.messages)
    target = value.target(place)
    ticket = value.ticket(target)
    errand = None
    if isinstance(command, Send):
        name = f"{value.number}:{place}:{command.ticket}"
        errand = Errand(name, command.ticket, command.way, target.goal, target.planned.orders)
    fence = (driver.epoch, driver.sequence)
    message = Message(
        *(index, value.number, fence, place, ticket, value.driven, world.messages, errand)
    )
    world.wire.append(message)


def hindrance(world: World, place: str, value: Rollout) -> Hindrance | None:
    """What the rows say at a place's turn."""
    row = world.rows.places[place]
    for is_so, word in (
        (row.maintenance, "maintenance"),
        (row.lock, "locked"),
        (row.moved, "moved"),
    ):
        if is_so:
            return Hindrance(Sentence(word, word))
    service = world.rows.services[row.service]
    if value.target(place).heading is Heading.FORTH and (service.lock or service.window_closed):
        return Hindrance(Sentence("held", "held"), holds=True)
    return None
