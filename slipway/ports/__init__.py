"""What we need from the outside world, in our words. Adapters implement it; tests keep fakes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import Asked, Observation, SeenInstance, TicketResult
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import Chain, PackageRef
from slipway.core.words.refusal import Refused

# --- hosts -------------------------------------------------------------------------------------


class HostTrouble(Refused):
    """Something is the matter with a host, or on the way there.

    `sent` belongs to `perform`: False only where certainly nothing of the chain has left us, so
    that none of its steps has begun. From the first byte on, whatever the error: unknown.
    """

    sent: bool = True


class HostUnreachable(HostTrouble):
    """No answer, or the connection was lost: the outcome of what was asked is unknown."""

    code = "host_unreachable"


class HostKeyChanged(HostTrouble):
    """The host showed another key than the one learnt: over this connection nothing was sent."""

    code = "host_key_changed"


class HostKeyUnknown(HostTrouble):
    """The host's key was never learnt."""

    code = "host_key_unknown"


class HostDenied(HostTrouble):
    """The host does not let our user in, or the user may not do what is needed."""

    code = "host_denied"


class HostIncapable(HostTrouble):
    """The host was reached and cannot do it: disk full, read-only, a tool missing."""

    code = "host_incapable"


class HostGarbled(HostTrouble):
    """The host was reached and what it said is no answer: nothing is known from it."""

    code = "host_garbled"


class OursAtFault(HostTrouble):
    """It failed on our own machine, or by an error of ours: it says nothing about the host."""

    code = "ours"


class StaleClaim(Refused):
    """The host has seen a higher fence: whose that is, only our own row can say. `epoch` and
    `sequence` are what it has seen."""

    code = "stale_claim"

    def __init__(
        self, message: str, *, hint: str = "", epoch: int, sequence: int, **values: object
    ) -> None:
        super().__init__(message, hint=hint, epoch=epoch, sequence=sequence, **values)
        self.epoch = epoch
        self.sequence = sequence


class ForeignClaim(StaleClaim):
    """Another installation takes care of this instance: it is never raised over. `installation` is
    that one's."""

    code = "foreign_claim"

    def __init__(self, message: str, *, installation: str, **values: object) -> None:
        super().__init__(message, installation=installation, **values)  # type: ignore[arg-type]
        self.installation = installation


OnResult = Callable[[TicketResult], None]
OnOutput = Callable[[str, str], None]  # ticket id, text
OnSeen = Callable[[SeenInstance, str], None]  # at the chain's end; the host's boot


class Hosts(Protocol):
    """Machines reached by SSH. Connections are pooled and kept: a second operation on a host opens
    none. Every method raises HostUnreachable, HostKeyChanged, HostKeyUnknown, HostDenied,
    HostGarbled or OursAtFault, and no other error; each question ends in time, and is heard within
    bounds, whatever the host does."""

    async def learn_key(self, access: HostAccess) -> str:
        """Ask the host for its public key, without logging in: "ssh-ed25519 AAAA…"."""

    async def reach(self, access: HostAccess) -> None:
        """Be connected: the host verified, our user let in, nothing asked. Free when it is so."""

    async def check(self, access: HostAccess, users: Sequence[str] = ()) -> HostFacts:
        """Reach, verify, gather facts, also whether these users are there."""

    async def observe(
        self, access: HostAccess, service: str, *, asked: tuple[Asked, ...] = ()
    ) -> Observation:
        """Say what is there of a service, changing nothing but fences. Raises StaleClaim.

        About an instance that is not there nothing is said, asked or not."""

    async def survey(
        self, access: HostAccess, services: Sequence[str]
    ) -> dict[str, tuple[SeenInstance, ...]]:
        """Say of each of these services which instances are there; one question for many."""

    async def send_package(
        self, access: HostAccess, service: str, package: PackageRef, source: Path
    ) -> int:
        """Put the package beside the releases; verified there. Returns the bytes moved, 0 if it was
        there already. Raises HostIncapable (disk full, read-only)."""

    async def perform(
        self,
        access: HostAccess,
        chain: Chain,
        *,
        on_result: OnResult,
        on_output: OnOutput | None = None,
        on_seen: OnSeen | None = None,
    ) -> tuple[TicketResult, ...]:
        """Start the chain, or join it where it already runs, and follow it to its end.

        `on_result` hears each ticket as it ends (also those that ended before), `on_seen` what the
        instance is at the chain's end, and in which boot of its host: before this returns, and not
        where the chain had ended before it was asked for. The returned results end at
        the first ticket that failed. Safe to call again after any error. Raises StaleClaim, and
        HostUnreachable when the connection was lost and could not be made again in time, or the
        host hangs: the chain may still be running, unless the error says that it was not `sent`.
        """

    async def forget(self, access: HostAccess, tickets: tuple[str, ...]) -> None:
        """The results were read and written down: remove them, and what is left over with them."""

    async def close(self) -> None:
        """Close all connections."""


# --- packages ----------------------------------------------------------------------------------


class PackageRefused(Refused):
    """Not a package we can release: hostile, broken, of an unknown kind, too large."""

    code = "package_refused"


class PackageDamaged(Refused):
    """The stored bytes are missing or are not what was taken in."""

    code = "package_damaged"


class StoreFull(Refused):
    """No room left in the store; nothing was kept."""

    code = "store_full"


class Packages(Protocol):
    """Packages, kept by the sha256 of their bytes."""

    def ingest(self, source: Iterator[bytes] | BinaryIO, *, filename: str) -> StoredPackage:
        """Take a package in, streamed; the same bytes twice are one package. Nothing is visible or
        left over when this raises PackageRefused or StoreFull."""

    def verified(self, ref: PackageRef) -> Path:
        """A local file with exactly these bytes, hashed again just now (once per process and file
        as long as the file does not change). Raises PackageDamaged."""

    def portable(self, ref: PackageRef, *, tools: tuple[str, ...]) -> tuple[PackageRef, Path]:
        """The package in a form that a host with these tools can unpack: itself, or the same tree
        as .tar.gz, made once. Raises PackageDamaged."""

    def open(self, ref: PackageRef) -> Iterator[bytes]:
        """The bytes, for a download."""

    def remove(self, sha256: str, *, unless_touched_after: datetime | None = None) -> int:
        """Forget a package; returns the bytes freed, 0 where it was taken in (again) after
        `unless_touched_after`: it stays then. Safe against an `ingest` at the same time."""

    def list_untouched(self, since: datetime) -> Iterator[str]:
        """The sha256 of every package that was not taken in, nor anything made of it, after
        `since`."""

    def free_bytes(self) -> int:
        """Room left in the store."""
