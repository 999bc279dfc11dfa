"""Hosts: machines, what stands on them, and the tickets that run there."""

from dataclasses import dataclass

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.value.history import NOTHING, Release
from slipway.core.rollout.value.words import Cause, Way
from slipway.core.words.sentence import Sentence

Fence = tuple[int, int]

STEPS: dict[Way, tuple[str, ...]] = {
    Way.BRING: ("prepare", "drain", "switch", "start", "probe", "hook", "undrain"),
    Way.FINISH: ("probe", "hook", "undrain"),
    Way.REST: ("prepare", "stop", "switch"),
    Way.STOP: ("stop",),
    Way.REMOVE: ("stop", "remove"),
}
DISK_FULL = Sentence("disk_full", "The disk is full.")
PORT_HELD = Sentence("port_held", "The port is held by a stranger.")
NOT_HEALTHY = Sentence("not_healthy", "It is not healthy.")
NEVER_HEALTHY = Sentence("never_healthy", "It was never healthy.")
HOOK_FAILED = Sentence("hook_failed", "Its hook failed.")
CANNOT_RUN = Sentence("cannot_run", "Its files cannot be run.")


@dataclass(frozen=True, slots=True)
class Errand:
    """What a host is sent under a ticket."""

    name: str
    ticket: str
    way: Way
    goal: Release
    orders: str


@dataclass(slots=True)
class Ticket:
    """One chain on a host."""

    errand: Errand
    at: int = 0
    outcome: Outcome = Outcome.RUNNING
    disturbed: bool = False
    fault: Cause = Cause.VERSION
    problem: Sentence | None = None

    @property
    def step(self) -> str:
        return STEPS[self.errand.way][self.at]

    @property
    def runs(self) -> bool:
        return self.outcome is Outcome.RUNNING


@dataclass(slots=True)
class Machine:
    """`outside`: when something from outside last happened to it."""

    name: str
    odd: bool
    boot: int = 1
    cut: bool = False
    refuses: bool = False  # logins, for a while
    babbles: bool = False  # its answers do not pass the reader
    full: bool = False
    outside: int = -999

    @property
    def answers(self) -> bool:
        return not (self.cut or self.refuses or self.babbles)


@dataclass(slots=True)
class Spot:
    """One place on a machine, as it is in truth."""

    place: str
    service: str
    machine: Machine
    link: Release = NOTHING
    running: Release = NOTHING
    orders: str = ""
    process: int = 0
    age: int = 99
    enabled: bool = True
    hook_owed: bool = False
    drained_by: str = ""
    held: bool = False  # its port, by a stranger
    ill: bool = False  # its process answers no more
    lies: bool = False  # it says done of what was not done
    has_lied: bool = False  # ever
    probing: int = 0
    fence: Fence = (0, 0)
    tickets: tuple[Ticket, ...] = ()
    outside: int = -999

    @property
    def disturbed_at(self) -> int:
        """When something from outside last happened to it or its machine."""
        return max(self.outside, self.machine.outside)

    @property
    def busy(self) -> bool:
        return any(ticket.runs for ticket in self.tickets)

    def ticket(self, name: str) -> Ticket | None:
        return next((t for t in self.tickets if t.errand.name == name), None)
