"""Everything of a history on the real level: machines, rows, workers, and who looks on."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from tests.simulation.chance import Chance
from tests.simulation.kinds import Kind
from tests.simulation.real.desk import Outages
from tests.simulation.real.doors import Fleet, Wire
from tests.simulation.real.ground import START, Shape, address
from tests.simulation.real.loop import BEGINS_AT
from tests.simulation.real.machines import FULL, ROOM, Copy, Nature, SimMachine
from tests.simulation.real.mirror import Mirror
from tests.simulation.real.watching import Watcher
from tests.simulation.real.workers import SimWorker

STARTS_AGAIN_AFTER = 10.0  # seconds in which a worker that ended is started anew
SPREAD = 5  # an occasion of chance


class Town:
    """A world with its own time. Made inside its loop."""

    def __init__(
        self, shape: Shape, seed: int, kinds: dict[str, Kind], rate: float, *, telling: bool = False
    ) -> None:
        self.shape = shape
        self.chance = Chance(seed)
        self.loop = asyncio.get_running_loop()
        self.began_at = START
        self.nature = Nature(kinds)
        self.fleet = Fleet(self.nature)
        for number in range(1, shape.machines + 1):
            machine = self.fleet.add(f"h{number}", address(number), odd=number % 2 == 1)
            machine.now = self.now
        self.wire = Wire(self.chance, rate)
        self.outages = Outages()
        self.mirror = Mirror(self.fleet, shape.services, telling=telling)
        self.watcher = Watcher(self.mirror, self.loop.time, self.now)
        self.nature.begins = self.watcher.begins
        self.nature.changed = self.watcher.changed
        self.nature.happened = self.mirror.happened
        self.nature.tell = self.watcher.tell
        self.old: dict[str, Copy] = {}  # copies of machines, from which they may be restored
        self.workers: list[SimWorker] = []
        self._beats: dict[str, float] = {}
        self._lives = 0

    def now(self) -> datetime:
        return self.began_at + timedelta(seconds=self.time - BEGINS_AT)

    @property
    def story(self) -> list[str]:
        return self.mirror.story

    @property
    def time(self) -> float:
        return self.loop.time()

    def tell(self, text: str) -> None:
        self.watcher.tell(text)

    @property
    def machines(self) -> list[SimMachine]:
        return list(self.fleet.machines.values())

    @property
    def is_database_away(self) -> bool:
        return self.time < self.outages.away_until

    @contextmanager
    def open(self, workers: int) -> Iterator[None]:
        """Let workers work, with somebody who looks on."""
        with self.watcher.watching():
            for index in range(workers):
                self.workers.append(self._worker(index))
            try:
                yield
            finally:
                for worker in self.workers:
                    worker.kill()
                for task in asyncio.all_tasks(self.loop) - {asyncio.current_task(self.loop)}:
                    task.cancel()

    def kill(self, index: int) -> None:
        """A worker ends, and is started anew under another name."""
        self.tell(f"{self.workers[index].name} is killed")
        self.workers[index].kill()
        self.loop.call_later(STARTS_AGAIN_AFTER, self._start_again, index, self.workers[index])

    def _start_again(self, index: int, former: SimWorker) -> None:
        if self.workers[index] is former:
            self.workers[index] = self._worker(index)

    def _worker(self, index: int) -> SimWorker:
        self._lives += 1
        life = self._lives

        def spread(low: float, high: float) -> float:
            luck = self.chance.at(SPREAD, life, int(self.time * 1000))
            return low + (high - low) * luck

        worker = SimWorker(
            f"worker-{index}:{life}",
            outages=self.outages,
            fleet=self.fleet,
            wire=self.wire,
            spread=spread,
            now=self.now,
            left=lambda: self.kill(index),
            beats=self._beats,
        )
        worker.begin()
        return worker

    # --- machines ----------------------------------------------------------------------------

    def mend(self) -> None:
        """All that goes wrong is over."""
        self.outages.away_until, self.outages.next_commit = -1.0, ""
        self.nature.outage_until = -1.0
        self.wire.rate = 0.0
        for worker in self.workers:
            worker.life.frozen_until = -1.0
        for machine in self.machines:
            machine.cut = machine.hung = machine.babbles = machine.denied = False
            machine.disk_free = ROOM
            machine.held.clear()
            machine.lies.clear()

    def fill(self, machine: SimMachine, *, is_full: bool) -> None:
        machine.disk_free = FULL if is_full else ROOM
