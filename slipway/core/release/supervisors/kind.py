"""What all supervisors are: what their host is told of them."""

from typing import Protocol

from slipway.core.spec.values import Hook, Supervisor


class Unit(Protocol):
    """A unit file of ours: `name` ends in .service; `text` is the whole of it, or "" unwritten."""

    @property
    def name(self) -> str: ...

    @property
    def text(self) -> str: ...


class SupervisedBy(Protocol):
    @property
    def kind(self) -> Supervisor: ...

    @property
    def unit(self) -> Unit | None:
        """What runs it, or starts it with its host."""

    @property
    def user(self) -> str:
        """As whom its scripts run; "" is whoever logs in."""

    @property
    def scripts(self) -> tuple[tuple[str, Hook], ...]:
        """What of the package is run by it, by name."""

    def told_by_unit(self, version: str) -> tuple[tuple[str, str], ...]:
        """Return what its unit says to it beside the environment of its release."""
