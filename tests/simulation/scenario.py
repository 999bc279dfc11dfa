"""What a seed decides before anything happens: places, versions, policies, and who acts when."""

from dataclasses import dataclass, replace

from slipway.core.rollout.value.history import Release, WellState
from slipway.core.rollout.value.planned import Policy
from tests.simulation.chance import Chance
from tests.simulation.hosts import Machine, Spot
from tests.simulation.kinds import NEW, Kind
from tests.simulation.rows import PlaceRow, ServiceRow
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody or something acts at a tick; `number` names the act for its dice."""

    tick: int
    number: int
    is_fault: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """`rate`: how much goes wrong on the wire. Acts can be left out one by one."""

    seed: int
    machines: int
    services: tuple[str, ...]
    spare: int  # places that are registered and were never deployed
    kinds: dict[str, Kind]
    policies: tuple[Policy, ...]
    rate: float
    length: int
    acts: tuple[Act, ...]

    def without(self, numbers: frozenset[int]) -> "Scenario":
        return replace(self, acts=tuple(a for a in self.acts if a.number not in numbers))


def scenario(seed: int) -> Scenario:
    dice = Chance(seed).dice(0)
    services = ("a", "b") if dice.random() < 0.3 else ("a",)
    kinds = {"v0": Kind.GOOD, "v1": Kind.GOOD, "v2": dice.choice(NEW), "v3": dice.choice(NEW)}
    kinds |= {"v4": Kind.GOOD}
    policies = tuple(
        Policy(
            allowed_away=dice.choice((1, 1, 2)),
            failures=dice.choice((0, 0, 1)),
            left_out=dice.choice((0, 1, 1, 2)),
            bake=dice.choice((10.0, 25.0)),
            watch=dice.choice((0.0, 20.0, 40.0)),
            patience=30.0,
            needs_promotion=dice.random() < 0.2,
            goes_back=dice.random() < 0.9,
        )
        for _ in services
    )
    rate = dice.choice((0.3, 1.0, 2.0)) if dice.random() < 0.85 else 0.0
    length = dice.choice((60, 120))
    acts: list[Act] = []
    for tick in range(length):
        if dice.random() < 0.22:
            acts.append(Act(tick, len(acts), is_fault=False))
        if dice.random() < 0.11 * rate:
            acts.append(Act(tick, len(acts), is_fault=True))
    machines = dice.choice((1, 2, 3, 3, 4, 4))
    return Scenario(
        *(seed, machines, services, int(dice.random() < 0.2), kinds, policies, rate, length),
        tuple(acts),
    )


def build(plan: Scenario, *, telling: bool) -> World:
    """Return the world as it is before anything happens: all well on v1."""
    world = World(workers=2, telling=telling)
    world.kinds = plan.kinds
    for service, policy in zip(plan.services, plan.policies, strict=True):
        world.rows.services[service] = ServiceRow(service, policy)
    for number in range(1, plan.machines + 1):
        machine = world.machines[f"h{number}"] = Machine(f"h{number}", odd=number % 2 == 1)
        for service in plan.services:
            is_spare = number == plan.machines and plan.spare and number > 1
            _furnish(world, service, machine, is_spare=bool(is_spare))
    if telling:
        world.tell(f"seed {plan.seed}: {dict(plan.kinds)}")
        for row in world.rows.services.values():
            world.tell(f"{row.name}: {row.policy}")
    return world


def _furnish(world: World, service: str, machine: Machine, *, is_spare: bool) -> None:
    place = f"{service}@{machine.name}"
    spot = world.spots[place] = Spot(place, service, machine)
    row = world.rows.places[place] = PlaceRow(place, service)
    if is_spare:
        spot.enabled = False
        return
    v0, v1 = Release("v0", "v0.0"), Release("v1", "v1.0")
    row.history = (WellState(v0, 0, 0), WellState(v1, 0, 1))
    world.judge.memory.stood_on[place] = ["v0", "v1"]
    row.wanted = spot.link = spot.running = v1
    spot.process = world.new_process()
