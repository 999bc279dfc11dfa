"""One history: faults and people, then a calm in which everything must end."""

from slipway.core.rollout.value.events import Wished
from slipway.core.rollout.value.questions import Answer
from slipway.core.rollout.value.words import Word
from tests.simulation import faults, people
from tests.simulation.chance import Chance
from tests.simulation.driver import beat
from tests.simulation.rows import Open
from tests.simulation.scenario import Scenario, build
from tests.simulation.work import work
from tests.simulation.world import LEASE, Message, World

CALM = 330  # ticks in which everything must have ended
WIRE, ORDER, PAY = 1, 2, 3  # occasions of chance


def live(plan: Scenario, *, telling: bool = False, kept: list[World] | None = None) -> World:
    """Live through a history. Raises Broken where an invariant does not hold."""
    world, chance = build(plan, telling=telling), Chance(plan.seed)
    if kept is not None:
        kept.append(world)
    acts = {tick: [a for a in plan.acts if a.tick == tick] for tick in {a.tick for a in plan.acts}}
    for number in range(plan.length):
        for act in acts.get(number, ()):
            dice = chance.dice(4, act.number)
            (faults.strike if act.is_fault else people.act)(world, dice)
        tick(world, chance, plan.rate)
    _calm(world, chance)
    return world


def tick(world: World, chance: Chance, rate: float) -> None:
    world.now += 1
    for index in (0, 1) if chance.at(ORDER, world.now) < 0.5 else (1, 0):
        beat(world, index)
    if world.wire:
        _carry(world, chance, rate)
    for spot in world.spots.values():
        if spot.running or spot.tickets:
            work(world, spot)
    if chance.at(PAY, world.now) < 0.2:
        _pay_drains(world)
    world.judge.tick()


def _carry(world: World, chance: Chance, rate: float) -> None:
    """Messages arrive, late, twice late or never; so do answers."""
    wire, world.wire = world.wire, []
    for number, message in enumerate(wire):
        machine = world.spots[message.place].machine
        luck = chance.at(WIRE, world.now, number)
        if machine.cut:
            if luck < 0.3:  # it comes much later
                world.wire.append(message)
        elif machine.refuses:
            continue
        elif luck < 0.04 * rate:
            _mislay(world, message, luck)
        elif luck < 0.87:
            world.receive(message)
        else:
            world.wire.append(message)


def _mislay(world: World, message: Message, luck: float) -> None:
    if luck < 0.02:
        world.wire.append(message)
    else:  # it arrives, its answer does not
        message.given_up = True
        world.receive(message)


def _pay_drains(world: World) -> None:
    """What is owed from a drain is paid by the observer, where a place is healthy and nobody works
    on its service."""
    for spot in world.spots.values():
        if not spot.drained_by or not world.is_healthy(spot) or not spot.machine.answers:
            continue
        if world.rows.active(spot.service) is None and not spot.busy:
            world.tell(f"the observer undrains {spot.place}")
            spot.drained_by = ""


# --- calm ----------------------------------------------------------------------------------------


def _calm(world: World, chance: Chance) -> None:
    """All is mended; who asks gets an answer; then everything must have ended."""
    world.tell("calm")
    faults.mend(world)
    for row in world.rows.places.values():
        row.lock = row.maintenance = row.moved = False
    for service in world.rows.services.values():
        service.lock = service.window_closed = False
    world.judge.calm_began()
    for count in range(CALM):
        if not world.rows.open and not world.wire and count > LEASE:
            break
        for opened in list(world.rows.open.values()):
            if opened.value.end is None:
                _soothe(world, opened, count)
                world.judge.in_calm(opened.value, count)
        tick(world, chance, 0.0)
    for _ in range(30):
        tick(world, chance, 0.0)
    world.judge.calm()


def _soothe(world: World, opened: Open, count: int) -> None:
    if count == 25 and opened.value.paused:
        people.wish(world, opened, Wished(Word.RESUME))
    if count % 20 == 19:
        people.wish(world, opened, Wished(Word.PROMOTE, upto=opened.value.promoted + 1))
    if count % 30 == 29 and opened.value.asks is not None:
        answer = Answer.GO_ON if count < 130 else Answer.CANCEL
        people.wish(world, opened, Wished(Word.ANSWER, answer=answer))
