"""What all targets of a rollout share while one worker drives it."""

from dataclasses import dataclass

from slipway.controller.ledger import Ledger
from slipway.controller.narration import Narration
from slipway.core.steps import Fence
from slipway.ports import Hosts, Packages


@dataclass(slots=True)
class Crew:
    """The doors to the world, the book that is written in, and the claim that both go by."""

    hosts: Hosts
    packages: Packages
    ledger: Ledger
    narration: Narration
    epoch: int
    sequence: int = 0

    def fence(self) -> Fence:
        """The next fence of this claim: hosts refuse what comes later and is lower."""
        self.sequence += 1
        return Fence(self.epoch, self.sequence)
