"""Plain stories on the real level: printed, one a line, for whoever compares."""

import asyncio
import json
from dataclasses import asdict

from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.words.kinds import RolloutKind
from slipway.records.catalog.models import Service
from slipway.records.rollouts.run.loading import load
from tests.simulation.plain import LONG, Ending, Plain, ending, plain
from tests.simulation.real.history import Ground, enter, lay_out
from tests.simulation.real.loop import VirtualLoop
from tests.simulation.real.machines import SimMachine
from tests.simulation.real.people import People
from tests.simulation.real.town import Town
from tests.simulation.world import SECONDS


def tell(story: Plain) -> Ending:
    ground = lay_out(story.scenario)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return ending(runner.run(_tell(story, ground)))


async def _tell(story: Plain, ground: Ground) -> Value:
    town = enter(story.scenario, ground, telling=False)
    crowd = People(town)
    machine = town.machines[story.number - 1]
    with town.open(workers=2):
        rollout = crowd.start(Service.objects.get(name="a"), RolloutKind.UPGRADE, "v2")
        assert rollout is not None, "nothing is in the way"
        _trouble(machine, story.trouble)
        for number in range(LONG):
            if number == story.at and story.trouble == "worker killed":
                _kill(town, rollout.pk)
            await asyncio.sleep(SECONDS)
            town.watcher.tick()
        if town.watcher.broken is not None:
            raise town.watcher.broken
        return load(rollout.pk).value


def _trouble(machine: SimMachine, trouble: str) -> None:
    match trouble:
        case "cut":
            machine.cut = True
        case "login refused":
            machine.denied = True
        case "process dead":
            for here in machine.instances.values():
                here.running, here.pid = "", None


def _kill(town: Town, number: int) -> None:
    for index, worker in enumerate(town.workers):
        if worker.driver(number) is not None:
            town.kill(index)


def main(words: list[str]) -> None:
    first, count = int(words[0]), int(words[1])
    for seed in range(first, first + count):
        print(json.dumps(asdict(tell(plain(seed)))), flush=True)
