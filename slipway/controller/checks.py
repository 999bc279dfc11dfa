"""Looks at hosts because somebody asked: learns keys, verifies, gathers facts."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import structlog

from slipway.controller import clock
from slipway.controller.desk import Desk
from slipway.core.refusal import Refused
from slipway.ports import HostAccess, HostFacts, Hosts
from slipway.records.fleet import operations, queries

if TYPE_CHECKING:
    from slipway.records.fleet.models import HostCheck

AT_ONCE = 32

log = structlog.get_logger()


class _Claim(NamedTuple):
    check: "HostCheck"
    access: HostAccess


class HostChecks:
    """Takes checks that wait, and writes down what came of them."""

    def __init__(self, *, desk: Desk, hosts: Hosts, worker_id: str) -> None:
        self._desk = desk
        self._hosts = hosts
        self._worker_id = worker_id

    async def run_waiting(self) -> int:
        """Do the checks that wait; returns how many there were."""
        # Asked first without a claim: claiming writes, and this is asked five times a second.
        if not await self._desk.run(queries.has_waiting_checks):
            return 0
        claimed = await self._desk.run(self._claim)
        await asyncio.gather(*(self._run(*claim) for claim in claimed))
        return len(claimed)

    def _claim(self) -> list[_Claim]:
        checks = operations.claim_checks(worker=self._worker_id, limit=AT_ONCE, now=clock.now())
        return [_Claim(check, queries.get_access(check.host)) for check in checks]

    async def _run(self, check: "HostCheck", access: HostAccess) -> None:
        facts: HostFacts | None = None
        learnt: str | None = None
        problem: Refused | None = None
        try:
            if check.learn_key and not access.host_key:
                learnt = await self._hosts.learn_key(access)
                access = replace(access, host_key=learnt)
            facts = await self._hosts.check(access)
        except Refused as refused:
            problem = refused
        except Exception:
            log.exception("host_check_failed", host=access.name)
            problem = Refused("The check of {host} failed inside Slipway.", host=access.name)
        await self._desk.run(
            lambda: operations.finish_check(
                check=check, facts=facts, host_key=learnt, problem=problem, now=clock.now()
            )
        )
