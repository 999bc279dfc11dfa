"""The worker: the process that makes things happen."""

import asyncio
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import structlog
from django.conf import settings

from slipway.adapters.ssh import SshHosts
from slipway.controller.builds.drive import Builds
from slipway.controller.builds.questions import BuildQuestions
from slipway.controller.hosts.checks import HostChecks
from slipway.controller.hosts.instances import Observer
from slipway.controller.releasing.retention import Retention
from slipway.controller.releasing.rules import ReleaseRules
from slipway.controller.rollouts.advance import Rollouts
from slipway.controller.rollouts.engine import Engine
from slipway.controller.rollouts.sweep import Sweep
from slipway.controller.worker.attendance import BEAT, DEAD_AFTER, Attendance, new_worker_id
from slipway.controller.worker.bell import Bell
from slipway.controller.worker.desk import Desk
from slipway.core.builds.orders import ServerKind
from slipway.ports import Hosts, Packages
from slipway.ports.builds import BuildServer
from slipway.project import wiring
from slipway.project.builders import build_servers
from slipway.project.installation import key_file
from slipway.project.limits import files, memory

HAND_OVER_WITHIN = timedelta(seconds=8)

log = structlog.get_logger()


class WorkerProcess:
    """Drives rollouts, looks at hosts, takes over from workers that died; until told to stop."""

    def __init__(
        self,
        *,
        hosts: Hosts,
        packages: Packages,
        servers: Mapping[ServerKind, BuildServer],
        beat: timedelta = BEAT,
        dead_after: timedelta = DEAD_AFTER,
    ) -> None:
        self.id = new_worker_id()
        self._desk = Desk()
        self._bell = Bell()
        self._hosts = hosts
        self._rollouts = Rollouts(
            desk=self._desk,
            hosts=hosts,
            packages=packages,
            worker_id=self.id,
            hushed=self._bell.hushed,
        )
        self._attendance = Attendance(self.id, beat=beat, dead_after=dead_after)
        self._engine = Engine(
            url=settings.SLIPWAY_ENGINE_URL, worker_id=self.id, advance=self._advance
        )
        self._sweep = Sweep(
            desk=self._desk,
            engine=self._engine,
            rollouts=self._rollouts,
            dead_after=dead_after,
            bell=self._bell,
        )
        self._checks = HostChecks(desk=self._desk, hosts=hosts, worker_id=self.id, bell=self._bell)
        self._observer = Observer(desk=self._desk, hosts=hosts)
        self._builds = Builds(
            desk=self._desk,
            servers=servers,
            packages=packages,
            worker_id=self.id,
            bell=self._bell,
        )
        self._questions = BuildQuestions(desk=self._desk, servers=servers, bell=self._bell)
        self._release_rules = ReleaseRules(desk=self._desk, bell=self._bell)
        self._retention = Retention(desk=self._desk, packages=packages, worker_id=self.id)

    async def run(self, *, ready: Path | None = None) -> None:
        """Work until SIGTERM or SIGINT; `ready` is a file to make when work can begin."""
        self._loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stop.set)
        await self._desk.run(self._attendance.begin)
        await asyncio.to_thread(self._engine.launch)
        memory.settle()
        log.info("worker_ready", worker=self.id)
        if ready is not None:
            ready.touch()
        async with asyncio.TaskGroup() as tasks:
            loops = [
                tasks.create_task(loop.run())
                for loop in (
                    self._bell,
                    self._sweep,
                    self._checks,
                    self._observer,
                    self._builds,
                    self._questions,
                    self._release_rules,
                    self._retention,
                )
            ]
            await stop.wait()
            for task in loops:
                task.cancel()
        await self._leave()

    def _advance(self, rollout_id: int) -> None:
        """Called by the engine in a thread of its own; the work is done on the worker's loop."""
        asyncio.run_coroutine_threadsafe(self._rollouts.advance(rollout_id), self._loop).result()

    async def _leave(self) -> None:
        """Hand over: what runs on hosts runs on, and whoever takes over joins it there."""
        log.info("worker_leaving", worker=self.id, driving=sorted(self._rollouts.driving))
        await self._rollouts.let_go()
        await asyncio.to_thread(self._engine.close, HAND_OVER_WITHIN)
        await asyncio.to_thread(self._attendance.end)
        await self._hosts.close()
        self._desk.close()


def run(*, ready: Path | None = None) -> int:
    """Run a worker in this process; returns its exit status. Raises WrongKeys."""
    key_file.settle()
    beat = timedelta(seconds=settings.SLIPWAY_WORKER_BEAT)
    dead_after = timedelta(seconds=settings.SLIPWAY_WORKER_DEAD_AFTER)
    worker = WorkerProcess(
        hosts=SshHosts(
            connections=files.connections_within(files.raise_limit()),
            most_output=settings.SLIPWAY_OUTPUT_LIMIT,
        ),
        packages=wiring.packages(),
        servers=build_servers(),
        beat=beat,
        dead_after=dead_after,
    )
    asyncio.run(worker.run(ready=ready))
    return 0
