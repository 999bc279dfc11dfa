"""Other questions to build servers: do you work, what lies between two commits, what is new."""

import asyncio
from collections.abc import Mapping
from functools import partial

import structlog

from slipway.controller.builds.outside import OutsideBuilds
from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell
from slipway.controller.worker.calls import Calls
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.faults import as_refusal
from slipway.controller.worker.round import Round
from slipway.core.builds.orders import ServerKind
from slipway.core.builds.seen import Finding
from slipway.core.words.refusal import Refused
from slipway.ports.builds import BuildServer
from slipway.records.builds.operations import comparisons, deliveries
from slipway.records.builds.operations import logs as build_logs
from slipway.records.builds.operations.comparisons import ComparisonToMake
from slipway.records.builds.queries import builds
from slipway.records.catalog.operations.servers import (
    ServerCheckToDo,
    claim_server_checks,
    finish_server_check,
    forget_server_checks,
    request_checks_of_commands,
)
from slipway.records.catalog.queries.servers import get_access, get_server

LOOK_EVERY = 10.0  # seconds; sooner when the database says that it has changed
SOONEST = 0.5
POLL_EVERY = 5.0
TIDY_EVERY = 3600.0
AT_ONCE = 8
FAULT = "build_questions_failed"

_TEST_FAILED = Finding.of(
    "test_failed", "The test failed inside Slipway.", False, hint="Read the worker's log."
)

log = structlog.get_logger()


class BuildQuestions:
    """Each kind of question has a round of its own: one slow server holds up no other kind."""

    def __init__(
        self, *, desk: Desk, servers: Mapping[ServerKind, BuildServer], bell: Bell
    ) -> None:
        self._bell = bell
        self._desk = desk
        self._servers = servers
        self._calls = Calls(AT_ONCE)
        self._outside = OutsideBuilds(desk=desk, servers=servers, calls=Calls(AT_ONCE))

    async def run(self) -> None:
        """Ask until cancelled."""
        asked = (self.check_once, self.compare_once, self._outside.handle_once)
        rounds = [Round(ask, FAULT, LOOK_EVERY, self._bell.ear(), SOONEST) for ask in asked]
        rounds += [
            Round(self._outside.poll_once, FAULT, POLL_EVERY),
            Round(self.tidy_once, FAULT, TIDY_EVERY),
        ]
        await asyncio.gather(*(each.run() for each in rounds))

    async def tidy_once(self) -> None:
        """Let go of what old builds, webhooks and tests have left."""
        await self._desk.run(lambda: deliveries.forget_deliveries(now=clock.now()))
        await self._desk.run(lambda: forget_server_checks(now=clock.now()))
        await self._desk.run(lambda: request_checks_of_commands(now=clock.now()))
        await self._desk.run(lambda: build_logs.forget_build_logs(now=clock.now()))
        for server in self._servers.values():
            await self._calls.run(partial(server.tidy, clock.now()))

    async def check_once(self) -> None:
        """Do the tests of build servers that wait."""
        checks = await self._desk.run(partial(claim_server_checks, limit=AT_ONCE, now=clock.now()))
        await asyncio.gather(*(self._check(check) for check in checks))

    async def _check(self, check: ServerCheckToDo) -> None:
        try:
            access = await self._desk.run(lambda: get_access(get_server(check.server)))
            findings = await self._calls.run(
                lambda: self._servers[access.kind].test(access, check.project)
            )
        except Exception:
            log.exception("server_check_failed", server=check.server)
            findings = (_TEST_FAILED,)
        await self._desk.run(
            partial(
                finish_server_check,
                check_id=check.id,
                findings=findings,
                now=clock.now(),
            )
        )

    async def compare_once(self) -> None:
        """Answer the comparisons that wait."""
        waiting = await self._desk.run(
            partial(comparisons.list_comparisons_to_make, limit=AT_ONCE, now=clock.now())
        )
        await asyncio.gather(*(self._compare(each) for each in waiting))

    async def _compare(self, comparison: ComparisonToMake) -> None:
        try:
            order = await self._desk.run(partial(builds.get_service_order, comparison.service))
            if order is None:
                raise Refused("{service} has no build server.", service=comparison.service)
            server = self._servers[order.access.kind]
            found = await self._calls.run(
                lambda: server.compare(order, comparison.base, comparison.head)
            )
        except Exception as error:
            problem = as_refusal(error, "build_question_failed")
            write = partial(comparisons.put_off_comparison, comparison=comparison, problem=problem)
        else:
            write = partial(comparisons.finish_comparison, comparison_id=comparison.id, found=found)
        await self._desk.run(partial(write, now=clock.now()))
