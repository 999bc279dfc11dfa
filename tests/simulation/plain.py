"""Plain stories that both levels can tell: one upgrade, one thing that goes wrong, and its end."""

from dataclasses import dataclass

from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.planned import Policy
from slipway.core.rollout.value.rollout import Rollout
from tests.simulation import plans
from tests.simulation.chance import Chance
from tests.simulation.driver import forget
from tests.simulation.history import tick
from tests.simulation.kinds import Kind
from tests.simulation.plans import Wanted
from tests.simulation.scenario import Scenario, build
from tests.simulation.world import World

LONG = 200  # ticks in which a plain story ends
KINDS = (
    *(Kind.GOOD, Kind.GOOD, Kind.SLOW, Kind.EXITS, Kind.BAD_HOOK, Kind.NEVER_HEALTHY),
    *(Kind.UNRUNNABLE, Kind.PICKY),
)
TROUBLES = ("", "", "cut", "worker killed", "login refused", "process dead")


@dataclass(frozen=True, slots=True)
class Plain:
    """`trouble` happens to the machine `number` (from 1) right after the start, or to whoever
    drives, at the tick `at`. In the middle of a chain the levels differ: in how long a step takes,
    and so in what a version that shows later what it is still meets."""

    scenario: Scenario
    trouble: str
    number: int
    at: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended, as both levels say it: by host its heading, stage and cause."""

    end: str
    halted: str
    withdrawn: tuple[str, ...]
    targets: dict[str, str]


def plain(seed: int) -> Plain:
    dice = Chance(seed).dice(7)
    kinds = {"v0": Kind.GOOD, "v1": Kind.GOOD, "v2": dice.choice(KINDS)}
    policy = Policy(
        allowed_away=1, left_out=dice.choice((0, 1)), bake=10.0, watch=20.0, patience=30.0,
        goes_back=dice.random() < 0.8,
    )  # fmt: skip
    machines = dice.choice((3, 4))
    scenario = Scenario(seed, machines, ("a",), 0, kinds, (policy,), 0.0, 0, ())
    return Plain(
        scenario, dice.choice(TROUBLES), dice.randrange(machines) + 1, dice.randrange(3, 9)
    )


def tell_in_the_brain(story: Plain) -> Ending:
    world, chance = build(story.scenario, telling=False), Chance(story.scenario.seed)
    for _ in range(5):
        tick(world, chance, 0.0)
    goal = plans.release(world, "a", "v2")
    plans.start(
        world, "a", "upgrade", {row.place: Wanted(goal, up=True) for row in world.rows.of("a")}
    )
    _trouble(world, story)
    for number in range(LONG):
        if number == story.at and story.trouble == "worker killed":
            _kill(world)
        tick(world, chance, 0.0)
    values = [each.value for each in world.rows.over]
    values += [each.value for each in world.rows.open.values()]
    return ending(values[0])


def _trouble(world: World, story: Plain) -> None:
    machine = world.machines[f"h{story.number}"]
    match story.trouble:
        case "cut":
            machine.cut = True
        case "login refused":
            machine.refuses = True
        case "process dead":
            spot = world.spots[f"a@{machine.name}"]
            spot.running, spot.outside = NOTHING, world.now


def _kill(world: World) -> None:
    for index, worker in enumerate(world.workers):
        for number in list(worker.drivers):
            forget(world, index, number)


def ending(value: Rollout) -> Ending:
    return Ending(
        value.end.value if value.end else f"asks {value.asks.code if value.asks else ''}",
        value.halted.value if value.halted else "",
        tuple(sorted(value.withdrawn)),
        {
            _host(target.place): f"{target.heading} {target.stage} {target.cause or '-'}"
            for target in value.targets.values()
        },
    )


def _host(place: str) -> str:
    return place.rpartition("@")[2].partition(":")[0]
