"""Looks again at instances that were well a moment ago: some versions die only after a while."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from slipway.controller.verdict import find
from slipway.core.refusal import Refused
from slipway.core.seen import SeenInstance
from slipway.ports import (
    Hosts,
)
from slipway.records.rollouts.course import TargetCourse

AT_ONCE = 64


class DiedLater(Refused):
    """An instance was healthy, and then its process ended."""

    code = "died_later"


@dataclass(slots=True)
class Vigil:
    """Remembers which process was well on each target; a new one in its place means it died."""

    service: str
    hosts: Hosts
    _pids: dict[int, int] = field(default_factory=dict)

    async def gone_ill(
        self, targets: Iterable[TargetCourse]
    ) -> dict[int, tuple[Refused, SeenInstance | None]]:
        """Ask the hosts; returns what is wrong, by target id. A host that does not answer says
        nothing about its instance, and is left out."""
        places = asyncio.Semaphore(AT_ONCE)
        found: dict[int, tuple[Refused, SeenInstance | None]] = {}

        async def look(target: TargetCourse) -> None:
            try:
                async with places:
                    seen = await self.hosts.observe(target.access, self.service)
            except Refused:
                return
            one = find(seen, target.context.instance)
            if problem := self._problem(target, one):
                found[target.id] = (problem, one)

        await asyncio.gather(*(look(target) for target in targets))
        return found

    def _problem(self, target: TargetCourse, seen: SeenInstance | None) -> Refused | None:
        version = target.to_version or target.from_version
        if seen is None or seen.running_version != version:
            return DiedLater(
                "{host}: {version} was healthy, and does not run any more.",
                hint="Read the service's own log on the host for why it ended.",
                host=target.host,
                version=version,
            )
        known = self._pids.setdefault(target.id, seen.pid or 0)
        if seen.pid and known and seen.pid != known:
            return DiedLater(
                "{host}: {version} was healthy, then ended and was started again.",
                hint="Read the service's own log on the host for why it ended.",
                host=target.host,
                version=version,
            )
        return None
