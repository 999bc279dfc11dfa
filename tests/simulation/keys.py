"""What makes two states of a small world the same: everything but how it came to be, and how old
things are beyond what decides. Workers are alike: which of them holds a claim is folded away."""

from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Stage
from tests.simulation.hosts import Spot
from tests.simulation.rows import Open
from tests.simulation.world import Driver, Message, World

Key = tuple[object, ...]


def key(world: World) -> Key:
    workers = sorted((_worker(index, world) for index in range(len(world.workers))), key=repr)
    return (
        tuple(_spot(spot) for spot in world.spots.values()),
        tuple((m.cut, m.boot) for m in world.machines.values()),
        tuple(_open(each) for each in world.rows.open.values()),
        tuple(workers),
        tuple((row.wanted, row.up, row.history, row.owed) for row in world.rows.places.values()),
        tuple(row.withdrawn for row in world.rows.services.values()),
        tuple(over.value.end for over in world.rows.over),
    )


def _spot(spot: Spot) -> Key:
    tickets = tuple((t.errand.name, t.at, t.outcome) for t in spot.tickets)
    what = (spot.link, spot.running, spot.enabled, spot.hook_owed, spot.drained_by, spot.ill)
    return (*what, spot.probing, min(spot.age, 9), tickets)


def _open(opened: Open) -> Key:
    words = tuple(wish.word for wish in opened.wishes)
    return (_value(opened.value, below=False), opened.lease >= 0, words, opened.heard)


def _worker(index: int, world: World) -> Key:
    worker = world.workers[index]
    drivers = tuple(
        (number, _driver(d, world), _value(worker.values[number], below=True))
        for number, d in worker.drivers.items()
    )
    return (drivers, _wire([m for m in world.wire if m.worker == index], world))


def _wire(messages: list[Message], world: World) -> Key:
    """Fences count by their order at a place only."""
    messages.sort(key=lambda m: (m.place, m.fence))
    return tuple(
        (m.place, m.fence < world.spots[m.place].fence, m.errand and m.errand.name, m.given_up)
        for m in messages
    )


def _driver(driver: Driver, world: World) -> Key:
    is_current = (driver.epoch, driver.revision) == (driver.open.claim, driver.open.revision)
    inbox = tuple((a.place, a.look) for a in driver.inbox if _is_awaited(driver, a.place, a.number))
    asked = tuple((place, each.tick < 0) for place, each in sorted(driver.asked.items()))
    is_fenced = tuple(spot.fence[0] > driver.epoch for spot in world.spots.values())
    return (is_current, is_fenced, asked, inbox, driver.heard)


def _is_awaited(driver: Driver, place: str, number: int) -> bool:
    asked = driver.asked.get(place)
    return asked is not None and asked.number == number


def _value(value: Rollout, *, below: bool) -> Key:
    told = (value.paused, value.asks and value.asks.code, value.cancelled, value.halted, value.end)
    rest = (value.answered, value.withdrawn, value.is_proven_guilty, value.promoted)
    targets = tuple(_target(target, value, below=below) for target in value.targets.values())
    return (*told, *rest, targets)


def _target(target: Target, value: Rollout, *, below: bool) -> Key:
    t, policy = target, value.policy
    most = max(policy.patience, policy.bake, t.planned.deadline)
    age = min(value.driven - t.since, most) if t.is_open or t.stage is Stage.WELL else 0.0
    cause = (t.cause, t.problem.code if t.problem else "", t.blamed_at >= 0, t.losses)
    above = (t.stage, t.heading, t.attempt, t.way, t.touched, t.owed, t.reprieved, t.stands_in, age)
    if not below:
        return (*above, *cause, t.process, t.boot)
    silent = min(value.driven - max(t.since, t.heard_at), policy.patience)
    fresh = (t.looked_at >= t.since, t.looked_at >= t.turn, t.cleared_in == value.beat)
    baked = min(t.looked_at - t.since, policy.bake)
    return (*above, *cause, t.process, t.boot, t.look, t.lost, t.ill_looks, silent, *fresh, baked)
