"""What people do: start, steer, answer, lock, maintain, move, change settings and policies."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from slipway.core.rollout.value.events import Wished
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.questions import ANSWERS
from slipway.core.rollout.value.rollout import Rollout
from slipway.core.rollout.value.words import Stage, Word
from tests.simulation import plans
from tests.simulation.plans import Wanted
from tests.simulation.rows import Open, PlaceRow
from tests.simulation.world import World

Free = list[PlaceRow]


def act(world: World, dice: Random) -> None:
    """Somebody does something; what, depends on the dice and on how things are."""
    service = dice.choice(list(world.rows.services))
    opened = world.rows.active(service)
    if opened is not None and dice.random() < 0.75:
        _steer(world, opened, dice)
    elif opened is None and dice.random() < 0.8:
        free = [row for row in world.rows.of(service) if row.is_free]
        dice.choice(STARTS)(world, service, free, dice)
    else:
        dice.choice(ORDERS)(world, service, dice)


# --- steering ------------------------------------------------------------------------------------


def _steer(world: World, opened: Open, dice: Random) -> None:
    value = opened.value
    if value.asks is not None and dice.random() < 0.5:
        answer(world, opened, dice)
        return
    words = (Word.PAUSE, Word.RESUME, Word.RESUME, Word.PROMOTE, Word.PROMOTE, Word.PROMOTE)
    word = dice.choice((*words, Word.CANCEL, Word.GONE))
    if word is Word.GONE:
        _say_gone(world, opened, dice)
    elif word is Word.PROMOTE:
        wish(world, opened, Wished(word, upto=value.promoted + 1))
    elif word is not Word.CANCEL or dice.random() < 0.5:
        wish(world, opened, Wished(word))


def _say_gone(world: World, opened: Open, dice: Random) -> None:
    lost = [
        target.place
        for target in opened.value.targets.values()
        if target.is_open and not world.spots[target.place].machine.answers
    ]
    if lost and dice.random() < 0.3:
        wish(world, opened, Wished(Word.GONE, place=lost[0]))


def answer(world: World, opened: Open, dice: Random) -> None:
    """Answer the question that is asked."""
    question = opened.value.asks
    assert question is not None, "somebody asks"
    choice = dice.choice(ANSWERS[question.code])
    wish(world, opened, Wished(Word.ANSWER, answer=choice))


def wish(world: World, opened: Open, wished: Wished) -> None:
    world.tell(f"a person says {wished.word} {wished.place}{wished.answer or ''}")
    world.judge.wished(opened.value, wished)
    opened.wishes = (*opened.wishes, wished)


def is_open(value: Rollout) -> bool:
    return any(t.is_open and t.stage is not Stage.DUE for t in value.targets.values())


# --- starting ------------------------------------------------------------------------------------


def _upgrade(world: World, service: str, free: Free, dice: Random) -> None:
    goal = plans.release(world, service, dice.choice(("v1", "v2", "v2", "v3", "v4")))
    rows = [row for row in free if row.wanted and dice.random() < 0.9]
    wanted = {row.place: Wanted(goal, row.up, orders=row.orders) for row in rows}
    plans.start(world, service, "upgrade", wanted)


def _roll_back(world: World, service: str, free: Free, dice: Random) -> None:
    plans.roll_back(world, service)


def _retry(world: World, service: str, free: Free, dice: Random) -> None:
    over = [each for each in world.rows.over if each.service == service]
    if over:
        plans.retry(world, dice.choice(over[-4:]))


def _apply(world: World, service: str, free: Free, dice: Random) -> None:
    """Bring changed settings to what is there."""
    world.rows.services[service].settings += 1
    wanted = {
        row.place: Wanted(
            plans.release(world, service, row.wanted.version), row.up, orders=row.orders
        )
        for row in free
        if row.wanted
    }
    plans.start(world, service, "apply", wanted)


def _restart(world: World, service: str, free: Free, dice: Random) -> None:
    rows = [row for row in free if row.wanted and row.up]
    wanted = {r.place: Wanted(r.wanted, up=True, anew=True, orders=r.orders) for r in rows}
    plans.start(world, service, "restart", wanted)


def _stop_or_start(world: World, service: str, free: Free, dice: Random) -> None:
    up = dice.random() < 0.5
    rows = [row for row in free if row.wanted and dice.random() < 0.5]
    wanted = {row.place: Wanted(row.wanted, up, orders=row.orders) for row in rows}
    plans.start(world, service, "start" if up else "stop", wanted)


def _deploy(world: World, service: str, free: Free, dice: Random) -> None:
    goal = plans.release(world, service, dice.choice(("v1", "v2")))
    wanted = {row.place: Wanted(goal, up=True) for row in free if not row.wanted}
    plans.start(world, service, "deploy", wanted)


def _remove(world: World, service: str, free: Free, dice: Random) -> None:
    rows = [row for row in free if row.wanted][-1:]
    wanted = {row.place: Wanted(NOTHING, up=False) for row in rows}
    plans.start(world, service, "remove", wanted)


def _weigh(world: World, service: str, free: Free, dice: Random) -> None:
    """Other weights and tags: orders, no release."""
    orders = dice.choice(("", "heavy", "light"))
    rows = [row for row in free if row.wanted and row.up]
    wanted = {row.place: Wanted(row.wanted, up=True, orders=orders) for row in rows}
    plans.start(world, service, "weigh", wanted)


def _pay(world: World, service: str, free: Free, dice: Random) -> None:
    plans.pay_what_is_owed(world, service)


STARTS: tuple[Callable[[World, str, Free, Random], None], ...] = (
    *(_upgrade, _upgrade, _upgrade, _upgrade, _upgrade, _roll_back, _roll_back, _retry, _retry),
    *(_apply, _restart, _stop_or_start, _stop_or_start, _deploy, _remove, _weigh, _pay),
)


# --- orders --------------------------------------------------------------------------------------


def _lock_place(world: World, service: str, dice: Random) -> None:
    row = dice.choice(world.rows.of(service))
    row.lock = not row.lock
    world.tell(f"{row.place} is {'locked' if row.lock else 'unlocked'}")


def _maintain(world: World, service: str, dice: Random) -> None:
    row = dice.choice(world.rows.of(service))
    row.maintenance = not row.maintenance
    world.tell(f"{row.place} is {'in' if row.maintenance else 'out of'} maintenance")


def _move(world: World, service: str, dice: Random) -> None:
    """A host is given to another environment, and comes back some day."""
    row = dice.choice(world.rows.of(service))
    row.moved = not row.moved
    world.tell(f"{row.place} is {'moved away' if row.moved else 'here again'}")


def _hold(world: World, service: str, dice: Random) -> None:
    row = world.rows.services[service]
    if dice.random() < 0.5:
        row.lock = not row.lock
    else:
        row.window_closed = not row.window_closed
    world.tell(f"{service}: lock {row.lock}, window closed {row.window_closed}")


def _withdraw(world: World, service: str, dice: Random) -> None:
    row = world.rows.services[service]
    row.withdrawn = frozenset() if row.withdrawn else frozenset({dice.choice(("v1", "v2"))})
    world.tell(f"{service}: withdrawn are {sorted(row.withdrawn)}")


def _change_policy(world: World, service: str, dice: Random) -> None:
    row = world.rows.services[service]
    row.policy = replace(row.policy, allowed_away=dice.choice((1, 2)), failures=dice.choice((0, 1)))
    world.tell(f"{service}: {row.policy.allowed_away} may be away")


ORDERS: tuple[Callable[[World, str, Random], None], ...] = (
    *(_lock_place, _maintain, _move, _hold, _withdraw, _change_policy),
)
