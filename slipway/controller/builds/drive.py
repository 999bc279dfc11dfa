"""Drives builds: looks, again and again, which ones want something, and does it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from slipway.controller.builds.steps import BuildSteps
from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell
from slipway.controller.worker.calls import Calls
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.round import Round
from slipway.core.builds.decide import Rest, Wait, decide
from slipway.core.builds.orders import ServerKind
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.versions import VersionStatus
from slipway.ports import Packages
from slipway.ports.builds import BuildServer
from slipway.records.builds.operations import claims, course

LOOK_EVERY = 10.0  # seconds; sooner when one is due, or the database says that it has changed
SOONEST = 0.5
AT_ONCE = 32
AFTER_FAULT = timedelta(seconds=30)

log = structlog.get_logger()


class Builds:
    """A build that is claimed stays its worker's until it is over: a command runs on this machine.
    Killed anywhere, another worker reads the rows, asks the server, and goes on."""

    def __init__(
        self,
        *,
        desk: Desk,
        servers: Mapping[ServerKind, BuildServer],
        packages: Packages,
        worker_id: str,
        bell: Bell,
    ) -> None:
        self._desk = desk
        self._worker_id = worker_id
        self._ear = bell.ear()
        self._pause = LOOK_EVERY
        self._steps = BuildSteps(
            desk=desk, servers=servers, packages=packages, calls=Calls(AT_ONCE)
        )
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Drive builds until cancelled."""
        try:
            await Round(self._look, "builds_failed", lambda: self._pause, self._ear, SOONEST).run()
        finally:
            for task in self._tasks.values():
                task.cancel()

    async def _look(self) -> None:
        self._pause = LOOK_EVERY
        await self.look_once()
        if due_at := await self._desk.run(claims.next_due_at):
            self._pause = min((due_at - clock.now()).total_seconds(), LOOK_EVERY)

    async def look_once(self) -> None:
        """Take up every build that is due; what is in hand goes on by itself."""
        self._tasks = {pk: task for pk, task in self._tasks.items() if not task.done()}
        room = AT_ONCE - len(self._tasks)
        if room <= 0:
            return
        due = await self._desk.run(
            partial(claims.list_due, worker=self._worker_id, now=clock.now(), limit=AT_ONCE * 2)
        )
        for build_id in [pk for pk in due if pk not in self._tasks][:room]:
            claim = await self._desk.run(
                partial(
                    claims.claim_build, build_id=build_id, worker=self._worker_id, now=clock.now()
                )
            )
            if claim is not None:
                self._tasks[build_id] = asyncio.create_task(self._drive(build_id, claim))

    async def settle(self) -> None:
        """Wait until what is in hand has come to a rest (for tests)."""
        await asyncio.gather(*self._tasks.values())

    async def _drive(self, build_id: int, claim: int) -> None:
        try:
            await self._go_on(build_id, claim)
        except claims.ClaimLost:
            log.info("build_claim_lost", build=build_id)
        except Exception:
            log.exception("build_failed", build=build_id)
            await self._put_off(build_id, claim)

    async def _go_on(self, build_id: int, claim: int) -> None:
        while True:
            try:
                build = await self._desk.run(partial(claims.load_build, build_id, claim))
            except Invalid as refused:  # its settings mean nothing any more
                return await self._give_up(build_id, claim, refused)
            match decide(build.state, clock.now()):
                case Rest():
                    return await self._rest(build, None)
                case Wait(until):
                    return await self._rest(build, until)
                case step:
                    await self._steps.take(step, build)

    async def _rest(self, build: claims.LoadedBuild, until: datetime | None) -> None:
        await self._desk.run(partial(claims.rest_until, build=build, due_at=until))

    async def _put_off(self, build_id: int, claim: int) -> None:
        """A fault of ours must not be tried in a tight loop."""
        fault = Refused(
            "Slipway itself failed at this build.", hint="Read the worker's log; it is tried again."
        )
        until = clock.now() + AFTER_FAULT
        await self._desk.run(
            partial(claims.put_off, build_id=build_id, claim=claim, until=until, problem=fault)
        )

    async def _give_up(self, build_id: int, claim: int, refused: Refused) -> None:
        await self._desk.run(
            partial(
                course.finish_without_package,
                build_id=build_id,
                claim=claim,
                status=VersionStatus.FAILED,
                reason=refused.sentence,
                now=clock.now(),
            )
        )
