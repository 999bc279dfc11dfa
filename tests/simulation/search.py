"""All interleavings of small worlds, breadth first: the same brain, hosts and rows, and no clock.

A question that nobody waits for is answered at once, and a chain is done in two strides: to its
start, and to its end. All else may happen in any order.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from slipway.core.rollout.value.events import Wished
from slipway.core.rollout.value.planned import Policy
from slipway.core.rollout.value.words import Word
from tests.simulation import people, plans
from tests.simulation.cloning import cloned
from tests.simulation.driver import beat, forget
from tests.simulation.invariants import Broken
from tests.simulation.keys import key
from tests.simulation.kinds import Kind
from tests.simulation.plans import Wanted
from tests.simulation.scenario import Scenario, build
from tests.simulation.work import reboot, work
from tests.simulation.world import SECONDS, Driver, Message, World


@dataclass(frozen=True, slots=True)
class Budget:
    """What may still go wrong, and what the operator may still say."""

    deaths: int = 0  # of a worker, or its freezing until another has taken over
    losses: int = 0  # of a message or its answer
    commits: int = 0  # lost, or their answers
    reboots: int = 0
    wishes: int = 0


Act = Callable[[World], None]


@dataclass(frozen=True, slots=True)
class Found:
    """`is_whole`: nothing was left to look at."""

    states: int
    steps: int
    is_whole: bool
    words: str = ""


def small_world(kind: Kind, places: int = 2) -> World:
    """A service on hosts of its own, well on v1, and an upgrade to v2 that has begun."""
    policy = Policy(left_out=1, bake=0.0, watch=0.0, patience=SECONDS)
    kinds = {"v0": Kind.GOOD, "v1": Kind.GOOD, "v2": kind}
    world = build(Scenario(0, places, ("a",), 0, kinds, (policy,), 0.0, 0, ()), telling=False)
    world.now = 10
    goal = plans.release(world, "a", "v2")
    plans.start(world, "a", "upgrade", {place: Wanted(goal, up=True) for place in world.spots})
    for opened in world.rows.open.values():
        targets = {
            place: replace(t, planned=replace(t.planned, deadline=SECONDS))
            for place, t in opened.value.targets.items()
        }
        opened.value = replace(opened.value, targets=targets)
    return world


def search(world: World, budget: Budget, seconds: float = 3600.0, most: int = 10**9) -> Found:
    """Look at every state that can be reached; the first thing that breaks is told with its way."""
    seen = {hash((key(world), budget))}
    front: deque[tuple[World, Budget, tuple[str, ...]]] = deque([(world, budget, ())])
    steps, until = 0, time.monotonic() + seconds
    while front and len(seen) < most and time.monotonic() < until:
        now, left, way = front.popleft()
        own, moves = key(now), 0
        for name, act, after in _may_happen(now, left):
            new, steps = cloned(now), steps + 1
            try:
                act(new)
                new.judge.tick()
            except Broken as broken:
                return Found(len(seen), steps, False, _told(str(broken), (*way, name)))
            reached = key(new)
            at = hash((reached, after))
            moves += after == left and reached != own
            if at not in seen:
                seen.add(at)
                if new.rows.open:
                    front.append((new, after, (*way, name)))
        if not moves and _is_stuck(now):
            return Found(len(seen), steps, False, _told("§11 every rollout ends, or asks", way))
    return Found(len(seen), steps, not front)


def _told(words: str, way: tuple[str, ...]) -> str:
    return "\n   ".join((words, *way))


def _is_stuck(world: World) -> bool:
    return any(o.value.asks is None and not o.value.paused for o in world.rows.open.values())


# --- what may happen -----------------------------------------------------------------------------


def _may_happen(world: World, budget: Budget) -> Iterator[tuple[str, Act, Budget]]:
    """Yield what may happen next, and what may still go wrong after that."""
    for index, worker in enumerate(world.workers):
        if worker.drivers or _is_first_idle(world, index):
            yield f"beat {index}", _beat(index), budget
        if worker.drivers:
            yield from _faults_of_worker(index, budget)
    for number, message in enumerate(world.wire):
        yield from _ways_of_message(number, message, budget)
    for place, spot in world.spots.items():
        if spot.busy:
            yield f"{place} works", _stride(place), budget
    yield from _strokes(world, budget)


def _ways_of_message(
    number: int, message: Message, budget: Budget
) -> Iterator[tuple[str, Act, Budget]]:
    what = message.errand.name if message.errand else "ask"
    yield f"{message.place} hears {what}", _deliver(number), budget
    if budget.losses:
        fewer = replace(budget, losses=budget.losses - 1)
        yield f"{message.place}: {what} is lost", _lose(number), fewer
        yield f"{message.place}: the answer to {what} is lost", _lose_answer(number), fewer


def _strokes(world: World, budget: Budget) -> Iterator[tuple[str, Act, Budget]]:
    if budget.reboots:
        fewer = replace(budget, reboots=budget.reboots - 1)
        for place in world.spots:
            yield f"{place} reboots", _reboot(place), fewer
    if budget.wishes:
        fewer = replace(budget, wishes=budget.wishes - 1)
        for word in (Word.CANCEL, Word.PAUSE):
            yield f"a person says {word}", _wish(word), fewer


def _is_first_idle(world: World, index: int) -> bool:
    """Workers that do nothing are alike: one of them is enough."""
    free = any(opened.lease < world.now for opened in world.rows.open.values())
    idle = [i for i, worker in enumerate(world.workers) if not worker.drivers]
    return free and index == idle[0]


def _faults_of_worker(index: int, budget: Budget) -> Iterator[tuple[str, Act, Budget]]:
    if budget.commits:
        fewer = replace(budget, commits=budget.commits - 1)
        for fault in ("lost", "ambiguous"):
            yield f"beat {index}, its commit {fault}", _beat(index, fault), fewer
    if budget.deaths:
        fewer = replace(budget, deaths=budget.deaths - 1)
        yield f"worker {index} is killed", _kill(index), fewer
        yield f"worker {index} freezes", _expire, fewer


def _beat(index: int, fault: str = "") -> Act:
    def act(world: World) -> None:
        world.now += 1
        world.commit_fault = fault
        world.workers[index].last_beat = world.now
        for driver in world.workers[index].drivers.values():
            _wait_on(driver, world.now)
        beat(world, index)
        world.commit_fault = ""
        for driver in world.workers[index].drivers.values():
            driver.asked_last.clear()
        _answer_at_once(world)

    return act


def _wait_on(driver: Driver, now: int) -> None:
    """Only what is lost is waited for in vain."""
    for asked in driver.asked.values():
        asked.tick = now if asked.tick >= 0 else asked.tick


def _answer_at_once(world: World) -> None:
    """Who is not about to do anything answers at once: that it comes late is waited for nowhere."""
    for message in [m for m in world.wire if not m.errand and not _is_awaited(world, m)]:
        world.wire.remove(message)
        world.receive(message)


def _is_awaited(world: World, message: Message) -> bool:
    opened = world.rows.open.get(message.rollout)
    return opened is not None and opened.value.target(message.place).stage.is_open


def _deliver(number: int) -> Act:
    return lambda world: world.receive(world.wire.pop(number))


def _lose(number: int) -> Act:
    def act(world: World) -> None:
        message = world.wire.pop(number)
        _wait_no_more(world, message)

    return act


def _lose_answer(number: int) -> Act:
    def act(world: World) -> None:
        message = world.wire.pop(number)
        message.given_up = True
        world.receive(message)
        _wait_no_more(world, message)

    return act


def _wait_no_more(world: World, message: Message) -> None:
    driver = world.workers[message.worker].drivers.get(message.rollout)
    if driver is not None and message.place in driver.asked:
        driver.asked[message.place].tick = -99


def _stride(place: str) -> Act:
    def act(world: World) -> None:
        spot = world.spots[place]
        started = spot.process
        while spot.busy and spot.process == started:
            work(world, spot)

    return act


def _reboot(place: str) -> Act:
    return lambda world: reboot(world, world.spots[place].machine)


def _kill(index: int) -> Act:
    def act(world: World) -> None:
        for number in list(world.workers[index].drivers):
            forget(world, index, number)
        _expire(world)

    return act


def _expire(world: World) -> None:
    for opened in world.rows.open.values():
        opened.lease = -999


def _wish(word: Word) -> Act:
    def act(world: World) -> None:
        for opened in world.rows.open.values():
            people.wish(world, opened, Wished(word))

    return act
