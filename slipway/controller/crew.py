"""What all targets of a rollout share while one worker drives it."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.controller import clock
from slipway.controller.ledger import Ledger
from slipway.controller.narration import Narration
from slipway.core.steps import Fence
from slipway.ports import Hosts, Packages
from slipway.records.rollouts import steps
from slipway.records.rollouts.finishing import End, finish_targets
from slipway.records.rollouts.steps import Intent, Report


@dataclass(slots=True)
class Crew:
    """The doors to the world, the book that is written in, and the claim that both go by."""

    hosts: Hosts
    packages: Packages
    ledger: Ledger
    narration: Narration
    rollout_id: int
    epoch: int
    sequence: int = 0

    async def begin(self, intent: Intent) -> None:
        """Write down the intent of a target, with those of others that come at the same moment."""
        await self.ledger.add(self._begin_all, intent)

    async def report(self, report: Report) -> None:
        """Write down what was heard of a target, likewise."""
        await self.ledger.add(self._finish_all, report)

    async def end(self, end: End) -> None:
        """Write down how a target ended, likewise, and behind all that was heard of it."""
        await self.ledger.add(self._end_all, end, last=True)

    def _begin_all(self, intents: Sequence[Intent]) -> None:
        steps.begin_steps(
            rollout_id=self.rollout_id, epoch=self.epoch, intents=intents, now=clock.now()
        )

    def _finish_all(self, reports: Sequence[Report]) -> None:
        steps.finish_steps(
            rollout_id=self.rollout_id, epoch=self.epoch, reports=reports, now=clock.now()
        )

    def _end_all(self, ends: Sequence[End]) -> None:
        finish_targets(rollout_id=self.rollout_id, epoch=self.epoch, ends=ends, now=clock.now())

    def fence(self) -> Fence:
        """The next fence of this claim: hosts refuse what comes later and is lower."""
        self.sequence += 1
        return Fence(self.epoch, self.sequence)
