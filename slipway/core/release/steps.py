"""The steps a host can be asked to do, as values. An adapter carries them out; nothing here does.

Every step becomes a ticket on the host: started twice it runs once, and its result stays until
it has been read. What a step does on the host is said in its docstring; the host program does it.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from slipway.core.release.supervisors.kind import SupervisedBy
from slipway.core.spec.values import HealthCheck, Hook

PORT_HELD = 78  # exit status of a probe, restart or start: the host is at fault, not the version


class PackageFormat(StrEnum):
    TAR = "tar"
    TAR_GZ = "tar.gz"
    TAR_ZST = "tar.zst"
    TAR_XZ = "tar.xz"
    TAR_BZ2 = "tar.bz2"
    ZIP = "zip"
    FILE = "file"  # .whl, .jar, .war, .ear and a single executable: kept as the one file it is


@dataclass(frozen=True, slots=True)
class PackageRef:
    """A stored package: its bytes are named by `sha256`; `size` in bytes."""

    sha256: str
    size: int
    format: PackageFormat
    filename: str
    unpacked_size: int = 0


@dataclass(frozen=True, slots=True)
class Unpack:
    """Verify the received package's sha256, unpack it into releases/<version>, make that read-only.

    A release that is there already with the same sha256 is kept as it is (exit 0).
    Refuses hostile archives with a sentence and exit 65; no package received: exit 66.
    """

    version: str
    package: PackageRef
    unpacked_limit: int  # bytes


@dataclass(frozen=True, slots=True)
class RunHook:
    """Run a command of the package in releases/<version>, as `user` where given.

    Before a `drain` begins, `undo`, the same release's undrain, is kept on the host with the
    environment that it is to have, until an Undrain has paid it. An `after_activate` that ended
    with 0 is no longer owed.
    """

    hook: str  # before_activate, after_activate, drain, undrain
    command: Hook
    version: str
    user: str = ""
    undo: Hook | None = None
    readers: str = ""


@dataclass(frozen=True, slots=True)
class Undrain:
    """Take back what was drained here, by the undrain of each release that drained; what ended
    with 0 is not kept any longer. Nothing to do, and exit 0, where nothing is kept."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Make `current` point at releases/<version> by an atomic rename; link the shared folders;
    write the instance's environment file and, for systemd, its unit (which what starts it enables).

    With the script supervisor a running older release is stopped first, by its own stop script,
    so that `stop` runs from the release that was started. Where its unit cannot be written, the
    output says that it will not start with its host.
    """

    version: str
    environment: tuple[tuple[str, str], ...]  # complete, PORT, VERSION… included
    shared: tuple[str, ...]
    supervised_by: SupervisedBy
    shared_owner: str = ""
    readers: str = ""  # who can read the release: the user it runs as, or "everybody" on the host
    stop_timeout: timedelta = timedelta(seconds=30)  # bounds the stop of an older release
    # Names the whole of what is switched to: at most 64 signs, and behind a dot at most 15.
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Restart:
    """(Re)start what `current` points at. `stop_timeout` bounds the stop of the old process.

    `owes` says whether the release that is started has an after_activate, which is owed from the
    beginning of this step until it has run; None leaves what is owed as it is.
    """

    supervised_by: SupervisedBy
    stop_timeout: timedelta
    owes: bool | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Start what `current` points at. `owes` as in Restart."""

    supervised_by: SupervisedBy
    owes: bool | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    supervised_by: SupervisedBy
    stop_timeout: timedelta


@dataclass(frozen=True, slots=True)
class Probe:
    """Wait until the instance is healthy: `check` (its places already filled) without a failure for
    min_healthy_time, and the running process is the one of releases/<version>. Not so at
    healthy_deadline: exit 70, the last reason printed; PORT_HELD where somebody else listens on the
    instance's port and is who would answer."""

    check: HealthCheck
    version: str
    supervised_by: SupervisedBy


@dataclass(frozen=True, slots=True)
class Receipt:
    """Write down under the instance's receipts/ what was done here, by which rollout and epoch."""

    rollout: int
    action: str  # deploy, upgrade, revert, delete, restart, stop, start
    from_version: str
    to_version: str


@dataclass(frozen=True, slots=True)
class Prune:
    """Remove releases of the service that no instance points at and no undrain is owed from,
    except `keep`. What cannot be removed is told and tried again by the next one: the exit status
    is 0."""

    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the stopped instance: its unit, link, environment file and empty shared folders; and,
    when it was the last instance of the service here, the releases. Receipts stay. Shared folders
    that hold something are kept and named in the output, as are releases that cannot be removed.
    What was owed is owed no more. Anything of it that still runs, or listens on its port: exit 75.
    """

    supervised_by: SupervisedBy


HostStep = (
    Unpack | RunHook | Undrain | Switch | Restart | Start | Stop | Probe | Receipt | Prune | Remove
)


@dataclass(frozen=True, slots=True)
class Fence:
    """Who asks: a later claim has a higher epoch; within one claim the sequence grows. A fence of
    another installation is never raised over; `installation` is a plain name, at most 128."""

    epoch: int
    sequence: int
    installation: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One step under a name that is unique for ever: asked for again, it is the same step.

    `id` matches `[a-z0-9][a-z0-9-]{0,95}`; `timeout` bounds the step on the host, after which it is
    killed and its exit status is 124.
    """

    id: str
    step: HostStep
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Chain:
    """Tickets to run on one instance, one after the other, ending at the first that fails.

    `instance` is the port as text, or `main` where the service has none.
    """

    service: str
    instance: str
    fence: Fence
    tickets: tuple[Ticket, ...]
    told: tuple[tuple[str, str], ...] = ()  # of all its scripts, but for names of their own
