"""What we need from those who build for us: GitLab CI, Jenkins, or a command of our own."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from slipway.core.builds.orders import BuildOrder, ServerAccess
from slipway.core.builds.seen import Comparison, FetchedPackage, Finding, LogPiece, SeenBuild
from slipway.core.words.refusal import Refused


class ServerTrouble(Refused):
    """The server did not answer as it should (network, 5xx, 429, no JSON); later it may.

    `retry_after` is what it asked for, if it did.
    """

    code = "build_server_trouble"
    retry_after: timedelta | None = None


class StartUnsure(ServerTrouble):
    """The order was sent and no answer came: the build may have been started."""

    code = "build_start_unsure"


class ServerRefused(Refused):
    """The server says no, and will say so again: a credential, a right, a project, a ref."""

    code = "build_server_refused"


class OffLimits(ServerRefused):
    """The server pointed to an address that requests may not go to."""

    code = "off_limits"


class BuildGone(Refused):
    """The server does not know the build (any more)."""

    code = "build_gone"


class PackageMissing(Refused):
    """The build ended well, and its package is not where it should be: a wrong path, or expired."""

    code = "package_missing"


class BuildServer(Protocol):
    """One kind of build server; blocking, called in threads. Every method raises ServerTrouble or
    ServerRefused (OffLimits among them) besides what it names itself."""

    def test(self, access: ServerAccess, project: str = "") -> tuple[Finding, ...]:
        """Say what works and what not: the address, the certificate, the credential, its rights,
        the project. Raises nothing of the above: trouble is a finding."""

    def resolve(self, order: BuildOrder) -> str:
        """Return the commit that the order's ref stands for now; "" where nobody can say before
        the build begins. Raises ServerRefused for a ref that is not there."""

    def start(self, order: BuildOrder) -> str:
        """Have it built; returns the id. Raises StartUnsure when it may have been started."""

    def find(self, order: BuildOrder) -> SeenBuild | None:
        """Return the build with the order's correlation, if there is one (looked for among those
        of the last day)."""

    def look(self, order: BuildOrder, build_id: str) -> SeenBuild:
        """Say how far it is. Raises BuildGone. The returned id is the one to ask with from now on
        (Jenkins: a place in the queue becomes a number)."""

    def log(self, order: BuildOrder, build_id: str, position: str) -> LogPiece:
        """Return what was printed since `position` ("": the beginning), at most 256 KiB a call.
        Raises BuildGone."""

    def fetch(self, order: BuildOrder, build_id: str) -> AbstractContextManager[FetchedPackage]:
        """Give the package of a build that ended well. Raises PackageMissing, BuildGone; while the
        chunks are read also ServerTrouble."""

    def cancel(self, order: BuildOrder, build_id: str) -> None:
        """End it; one that has ended, or is gone, is fine."""

    def list_recent(self, order: BuildOrder, since: datetime) -> tuple[SeenBuild, ...]:
        """Return builds of the order's project changed since then, whoever started them, the
        newest first, at most 1,000. The order's ref and correlation do not matter."""

    def tidy(self, now: datetime) -> None:
        """Remove what builds that ended long ago have left on this machine, if anything is left
        here by this kind. Raises nothing of the above."""

    def compare(self, order: BuildOrder, base: str, head: str) -> Comparison:
        """Return what lies between two commits, at most 100 of them."""
