"""The fence of one instance of a host in memory."""

from dataclasses import dataclass

from slipway.core.release.steps import Fence
from slipway.ports import ForeignClaim, StaleClaim

Claim = tuple[int, int]


@dataclass(slots=True)
class FakeFence:
    """`heard` is the highest of chains and questions, `chained` of chains alone."""

    heard: Claim = (0, 0)
    chained: Claim = (0, 0)
    installation: str = ""

    def is_foreign(self, fence: Fence) -> bool:
        return bool(fence.installation and self.installation) and (
            fence.installation != self.installation
        )

    def is_late(self, fence: Fence) -> bool:
        return self.is_foreign(fence) or _claim(fence) < self.heard

    def is_overtaken(self, fence: Fence) -> bool:
        return self.is_foreign(fence) or _claim(fence) < self.chained

    def raise_to(self, fence: Fence, *, is_chain: bool) -> None:
        self.heard = _claim(fence)
        self.installation = fence.installation or self.installation
        if is_chain:
            self.chained = self.heard

    def refusal(self, host: str, service: str, fence: Fence) -> StaleClaim:
        epoch, sequence = self.heard
        if self.is_foreign(fence):
            return ForeignClaim(
                "Another installation, {installation}, takes care of {service} on {host}.",
                hint="Let only one of them release it.",
                host=host,
                service=service,
                epoch=epoch,
                sequence=sequence,
                installation=self.installation,
            )
        return StaleClaim(
            "{host} has heard something later about {service} (epoch {epoch}, {sequence}).",
            host=host,
            service=service,
            epoch=epoch,
            sequence=sequence,
        )


def _claim(fence: Fence) -> Claim:
    return fence.epoch, fence.sequence
