"""Looks at hosts because somebody asked: learns keys, verifies, gathers facts."""

import asyncio
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import structlog

from slipway.controller.hosts.fitness import unfit
from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.round import Round
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import SeenInstance
from slipway.core.words.refusal import Refused
from slipway.ports import Hosts, HostUnreachable, OursAtFault
from slipway.records.catalog.queries.services import list_run_users
from slipway.records.fleet import due, queries
from slipway.records.fleet.operations.checks import ClaimedCheck, claim_checks, finish_check
from slipway.records.rows.database.outages import is_away

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

LOOK_EVERY = 15.0  # seconds, and at once when the database says that it has changed
AT_ONCE = 32
# Seconds for one check; the adapter has bounds of its own, so this is for what nobody foresaw.
LONGEST = 60.0
SLOW = 2.0  # seconds after which a check does not count among those at once

log = structlog.get_logger()


class _Claim(NamedTuple):
    check: ClaimedCheck
    services: "Sequence[tuple[int, str]]"  # of which nothing was seen there yet
    users: "Sequence[str]"  # as whom services run


class _Found(NamedTuple):
    facts: HostFacts | None
    host_key: str | None
    problem: Refused | None
    asked_at: "datetime"
    seen: dict[int, tuple[SeenInstance, ...]]


class HostChecks:
    """Takes checks that wait, and writes down what came of them. Each host is on its own: one that
    hangs holds up neither the others nor the next that are asked for."""

    def __init__(
        self, *, desk: Desk, hosts: Hosts, worker_id: str, bell: Bell, longest: float = LONGEST
    ) -> None:
        self._desk = desk
        self._hosts = hosts
        self._worker_id = worker_id
        self._ear = bell.ear()
        self._longest = longest
        self._tasks: dict[asyncio.Task[None], float] = {}  # since when

    async def run(self) -> None:
        """Take what waits until cancelled."""
        await Round(self.begin_waiting, "host_checks_failed", LOOK_EVERY, self._ear).run()

    async def begin_waiting(self) -> int:
        """Begin the checks that wait, as far as there is room; returns how many."""
        loop = asyncio.get_running_loop()
        room = AT_ONCE - sum(since > loop.time() - SLOW for since in self._tasks.values())
        # Asked first without a claim: claiming writes, and this is asked again and again.
        if room <= 0 or not await self._desk.run(queries.has_waiting_checks):
            return 0
        claimed = await self._desk.run(lambda: self._claim(room))
        for claim in claimed:
            task = loop.create_task(self._run(claim))
            self._tasks[task] = loop.time()
            task.add_done_callback(self._tasks.pop)
        return len(claimed)

    async def settle(self) -> None:
        """Wait for the checks that were begun."""
        await asyncio.gather(*self._tasks)

    def _claim(self, limit: int) -> list[_Claim]:
        checks = claim_checks(worker=self._worker_id, limit=limit, now=clock.now())
        users = cache(list_run_users)  # of many hosts that are checked at once
        return [claim for check in checks if (claim := _claimed(check, users)) is not None]

    async def _run(self, claimed: _Claim) -> None:
        check = claimed.check
        found = await self._look(claimed)
        try:
            await self._desk.run(
                lambda: finish_check(
                    check=check,
                    facts=found.facts,
                    host_key=found.host_key,
                    problem=found.problem,
                    now=clock.now(),
                    asked_at=found.asked_at,
                    seen=found.seen,
                )
            )
        except Exception:  # its claim runs out, and somebody does it again
            log.exception("host_check_not_written", host=check.access.name)

    async def _look(self, claimed: _Claim) -> _Found:
        access, asked_at = claimed.check.access, clock.now()
        learnt: str | None = None
        facts: HostFacts | None = None
        seen: dict[int, tuple[SeenInstance, ...]] = {}
        problem: Refused | None = None
        try:
            async with asyncio.timeout(self._longest):
                if claimed.check.learn_key and not access.host_key:
                    learnt = await self._hosts.learn_key(access)
                    access = replace(access, host_key=learnt)
                facts = await self._hosts.check(access, claimed.users)
                # What is another machine may be empty: a plan made at once is to know.
                found = await self._hosts.survey(access, [name for _, name in claimed.services])
                seen = {number: found[name] for number, name in claimed.services}
                problem = unfit(access, facts)
        except TimeoutError:
            problem = HostUnreachable("{host} did not end a look.", host=access.name)
        except Exception as error:
            problem = _refusal_of(error, access.name)
        return _Found(facts, learnt, problem, asked_at, seen)


def _claimed(check: ClaimedCheck, users_in: "Callable[[int], Sequence[str]]") -> _Claim | None:
    """Return what a check needs. One for which that cannot be read is over, with why: it is to keep
    no other waiting. Raises the database's error when it is away."""
    try:
        services = due.list_unseen_services(check.host_id)
        return _Claim(check, services, users_in(check.environment_id))
    except Exception as error:
        if is_away(error):
            raise
        problem = _refusal_of(error, check.access.name)
    finish_check(
        check=check, facts=None, host_key=None, problem=problem, now=clock.now(),
        asked_at=clock.now(), seen={},
    )  # fmt: skip
    return None


def _refusal_of(error: Exception, host: str) -> Refused:
    """Return what the end of a check says; call it while the error is handled."""
    if isinstance(error, Refused):
        return error
    log.exception("host_check_failed", host=host)
    return OursAtFault("The check of {host} failed inside Slipway.", host=host)
