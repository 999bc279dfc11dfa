"""What a host said when it was asked, once it has passed the reader: bounded, typed, and no more
than that."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slipway.core.hosts.drift_words import Drift
from slipway.core.release.steps import Fence
from slipway.core.spec.values import HealthCheck


class Outcome(StrEnum):
    """What the host itself says of a ticket. That it says nothing is no outcome."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Report:
    """What a host says of one ticket, in the middle of it or at its end."""

    ticket: str
    outcome: Outcome
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class TicketResult:
    """How one ticket ended on the host. `interrupted`: the host lost it half-way (it rebooted, or
    was killed) and its `exit_code` says nothing."""

    ticket: str
    exit_code: int
    output: str  # the last 64 KiB, decoded with replacement, NUL removed
    started_at: datetime | None = None
    finished_at: datetime | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class SeenInstance:
    """One instance as found on its host; "" and None where there is nothing.

    `fingerprint` names the release that `current` was switched to, `started_with` the one that the
    process was started with. `healthy` is None where no check was asked for.
    """

    instance: str
    link: str  # version that `current` points at
    unit: str  # systemd's ActiveState, or "" without a unit
    running_version: str  # version whose release the running process comes from
    pid: int | None
    epoch: int  # highest fence seen
    birth: str = ""  # of the process: another one under the same pid has another
    enabled: bool = False  # whether a reboot would start it
    fingerprint: str = ""
    started_with: str = ""
    healthy: bool | None = None
    why: str = ""  # it is not healthy: the check's own words
    held_by: str = ""  # who holds its port and is not ours: "python3 (pid 39108)"
    hook_owed: bool = False  # after_activate of what runs has not run
    drained_by: str = ""  # version whose drain has run and whose undrain is owed
    drift: tuple[Drift, ...] = ()  # told to whoever asks, not at a chain's end
    sequence: int = 0
    installation: str = ""
    reports: tuple[Report, ...] = ()
    lacks_user: bool = False  # there is no such user as it is to run as

    @property
    def process(self) -> str:
        """Which process it is, told from any other of the same boot; "" where none runs."""
        return f"{self.pid}.{self.birth}" if self.pid else ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is true on a host for one service, asked just now; sizes in bytes."""

    instances: tuple[SeenInstance, ...]
    releases: tuple[tuple[str, str], ...]  # (version, sha256 of its package)
    disk_free: int
    inodes_free: int
    root_writable: bool
    boot: str = ""  # another one after each start of the host
    systemd: bool = True  # runs there

    def find(self, instance: str) -> SeenInstance | None:
        return next((one for one in self.instances if one.instance == instance), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about one instance, beyond what lies there.

    `check` is tried once, of the process that is ours. With `fence` the question is one of a claim:
    what was sent before it and has not begun never begins. `tickets` are reported on.
    """

    instance: str
    check: HealthCheck | None = None
    port: int | None = None
    fence: Fence | None = None
    tickets: tuple[str, ...] = ()
    user: str = ""  # as whom it is to run: whether there is one
