"""One history on the real level: faults and people, then a calm in which everything must end."""

import asyncio
import os
import pickle
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from slipway.core.rollout.value.questions import Answer
from slipway.core.rollout.value.words import Word
from slipway.core.words.kinds import RolloutKind
from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.operations.hosts import change_host, set_maintenance
from slipway.records.rollouts.models import TO_BE_DRIVEN, Lock, Rollout
from tests.simulation.real import database, deeds, faults, orders
from tests.simulation.real.ground import Shape, plant, set_policy
from tests.simulation.real.loop import VirtualLoop
from tests.simulation.real.machines import Copy
from tests.simulation.real.people import People
from tests.simulation.real.town import Town
from tests.simulation.scenario import Scenario
from tests.simulation.world import SECONDS

CALM = 400  # times SECONDS in which everything must have ended
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Ground:
    """Rows and machines as they are before anything happens, and when: v0 was there before v1."""

    rows: bytes
    machines: dict[str, tuple[Copy, Copy]]  # by name: with v0, with v1
    time: float


@cache
def _ground(shape: Shape) -> Ground:
    """Bring v0 and v1 to a new world as people do: the real way, once a shape. What one process has
    made, those that were begun with it need not make."""
    known = database.folder() / f"ground-{shape.machines}-{len(shape.services)}-{shape.spare}"
    if known.exists():
        ground: Ground = pickle.loads(known.read_bytes())
        return ground
    ground = _made(shape)
    mine = known.with_suffix(f".{os.getpid()}")
    mine.write_bytes(pickle.dumps(ground))
    mine.rename(known)
    return ground


def _made(shape: Shape) -> Ground:
    database.put_back(_nothing())
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_break_ground(shape))


@cache
def _nothing() -> bytes:
    return database.kept()


async def _break_ground(shape: Shape) -> Ground:
    database.share()
    town = Town(shape, 0, {}, 0.0)
    database.tell_time(town.now)
    plant(shape)
    crowd = People(town)
    with town.open(workers=1):
        with_v0: dict[str, Copy] = {}
        for kind, version in ((RolloutKind.DEPLOY, "v0"), (RolloutKind.UPGRADE, "v1")):
            for number, name in enumerate(shape.services):
                service = Service.objects.get(name=name)
                count = shape.machines - (shape.spare if number == 0 else 0)
                hosts = tuple(f"h{n}" for n in range(1, count + 1))
                all_at_once = {"batches": "100%", "max_unavailable": "100%"}
                rollout = crowd.start(service, kind, version, hosts, **all_at_once)
                assert rollout is not None, "nothing is in the way"
                await _is_over(rollout)
            if not with_v0:
                with_v0 = {machine.name: machine.copied() for machine in town.machines}
        machines = {m.name: (with_v0[m.name], m.copied()) for m in town.machines}
        return Ground(database.kept(), machines, town.time)


async def _is_over(rollout: Rollout) -> None:
    for _ in range(CALM):
        await asyncio.sleep(SECONDS)
        if not Rollout.objects.filter(TO_BE_DRIVEN, pk=rollout.pk).exists():
            return
    raise AssertionError(f"{rollout} does not end: {rollout.targets.values()}")


def live(plan: Scenario, *, telling: bool = False, kept: list[Town] | None = None) -> None:
    """Live through a history. Raises Broken where an invariant does not hold."""
    ground = lay_out(plan)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(_live(plan, ground, telling, [] if kept is None else kept))


async def _live(plan: Scenario, ground: Ground, telling: bool, kept: list[Town]) -> None:
    town = enter(plan, ground, telling=telling)
    kept.append(town)
    crowd = People(town)
    with town.open(WORKERS):
        await _storm(plan, town, crowd)
        await _calm(town, crowd)


def lay_out(plan: Scenario) -> Ground:
    """Make the rows what they are before anything happens."""
    ground = _ground(_shape(plan))
    database.put_back(ground.rows)
    return ground


def _shape(plan: Scenario) -> Shape:
    return Shape(plan.machines, plan.services, plan.spare if plan.machines > 1 else 0)


def enter(plan: Scenario, ground: Ground, *, telling: bool) -> Town:
    """Make the town that belongs to the rows. Called inside its loop."""
    database.share()
    town = Town(_shape(plan), plan.seed, dict(plan.kinds), plan.rate, telling=telling)
    town.began_at += timedelta(seconds=ground.time + 600)
    database.tell_time(town.now)
    for machine in town.machines:
        town.old[machine.name], now = ground.machines[machine.name]
        machine.restore(now)
    _set_policy(plan, town)
    town.mirror.look_at_hosts(town.time)
    town.mirror.look_at_rows(town.now())
    for name, place in town.mirror.rows.places.items():
        town.mirror.judge.memory.stood_on[name] = [well.release.version for well in place.history]
    if telling:
        town.tell(f"seed {plan.seed}: {dict(plan.kinds)} {plan.policies[0]}")
    return town


def _set_policy(plan: Scenario, town: Town) -> None:
    policy = plan.policies[0]
    set_policy(
        {
            "max_unavailable": str(policy.allowed_away),
            "failure_budget": str(policy.failures),
            "left_out_budget": str(policy.left_out),
            "bake_time": int(policy.bake),
            "watch_time": int(policy.watch),
            "patience": int(policy.patience),
            "promotion_needed": policy.needs_promotion,
            "automatic_rollback": policy.goes_back,
            "progress_deadline": 120,
        },
        town.now(),
    )


async def _storm(plan: Scenario, town: Town, crowd: People) -> None:
    acts = {tick: [a for a in plan.acts if a.tick == tick] for tick in {a.tick for a in plan.acts}}
    for number in range(plan.length):
        for act in acts.get(number, ()):
            dice = town.chance.dice(4, act.number)
            if act.is_fault:
                faults.strike(town, dice)
            else:
                deeds.act(crowd, dice)
        await _pass(town)


async def _pass(town: Town) -> None:
    await asyncio.sleep(SECONDS / 2)
    town.watcher.tick()
    await asyncio.sleep(SECONDS / 2)
    town.watcher.tick()
    if town.watcher.broken is not None:
        raise town.watcher.broken


# --- calm ----------------------------------------------------------------------------------------


async def _calm(town: Town, crowd: People) -> None:
    """All is mended; who asks gets an answer; then everything must have ended."""
    town.tell("calm")
    town.mend()
    _lift_orders(crowd)
    town.mirror.judge.calm_began()
    for count in range(CALM):
        opened = list(Rollout.objects.filter(TO_BE_DRIVEN).order_by("pk"))
        if not opened and count > 8:
            break
        for rollout in opened:
            if not rollout.watching:
                _soothe(town, crowd, rollout, count)
        await _pass(town)
    for _ in range(10):
        await _pass(town)
    town.watcher.judge(town.mirror.judge.calm)
    if town.watcher.broken is not None:
        raise town.watcher.broken


def _lift_orders(crowd: People) -> None:
    now = crowd.town.now()
    for host in Host.objects.filter(state=HostState.MAINTENANCE):
        set_maintenance(host=host, on=False, by=crowd.bob, now=now)
    for host in Host.objects.exclude(environment__name="prod"):
        change_host(host=host, changes={"environment": crowd.environment}, by=crowd.bob, now=now)
    for instance in Instance.objects.all():
        if instance.locked_at is not None:
            orders.lock_or_unlock(crowd, instance)
        if instance.is_maintain:
            orders.maintain(crowd, instance, on=False)
    orders.close(crowd, is_closed=False)
    for lock in Lock.objects.filter(released_at=None, holder__isnull=False):
        orders.unlock(crowd, lock.service)
    crowd.town.mirror.look_at_rows(now)


def _soothe(town: Town, crowd: People, rollout: Rollout, count: int) -> None:
    value = town.mirror.rows.open[rollout.pk].value
    if count == 25 and rollout.is_paused:
        crowd.say(rollout, Word.RESUME)
    if count % 20 == 19 and rollout.promotion_needed:
        crowd.say(rollout, Word.PROMOTE)
    if count % 30 == 29 and rollout.asks:
        crowd.answer(rollout, Answer.GO_ON if count < 130 else Answer.CANCEL)
    town.watcher.judge(lambda: town.mirror.judge.in_calm(value, count))
