"""What we need from those who build for us: GitLab CI, Jenkins, or a command of our own."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self

from slipway.core.builds.decide import PackageSource, SeenStatus
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence

# Codes of findings: builds by command are refused, or can do what the worker can.
NOT_ISOLATED = ("not_isolated", "unisolated")


class ServerKind(StrEnum):
    GITLAB = "gitlab"
    JENKINS = "jenkins"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """All it takes to reach a build server. Requests go to `base_url` and below it, and, without
    any credential, to `package_bases`; nowhere else, whatever a server answers."""

    name: str
    kind: ServerKind
    base_url: str  # "https://gitlab.example.com", "" for a command
    username: str = ""  # Jenkins, and git over HTTPS
    credential: str = field(default="", repr=False)  # a token; never shown, never logged
    ca_certificate: str = ""  # PEM; "" for those of the system
    proxy: str = ""  # "http://proxy:3128"; the environment's is never used
    package_bases: tuple[str, ...] = ()  # where packages may lie besides the server itself


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """What is to be built, and how its result is found again.

    `correlation` is handed to the build as the variable SLIPWAY_BUILD, and is what it is
    recognised by when nobody knows whether it was started.
    """

    access: ServerAccess
    service: str
    project: str  # id or path (GitLab), path of the job (Jenkins), URL of the repository (command)
    ref: str  # data: never part of a path or a command line
    commit: str  # "" where the server says which it is
    correlation: str
    source: PackageSource
    variables: Mapping[str, str] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()  # the variables that the service says it takes
    command: tuple[str, ...] = ()  # argv, for ServerKind.COMMAND
    time_limit: timedelta = timedelta(hours=1)
    size_limit: int = 4 * 1024**3  # bytes that a package, or the folder of a command, may have
    memory_limit: int = 4 * 1024**3  # bytes; this and the rest for ServerKind.COMMAND
    process_limit: int = 1024
    network: bool = True  # the machine's, or none


@dataclass(frozen=True, slots=True)
class SeenBuild:
    """A build as its server tells it just now."""

    id: str  # what the server calls it; kept, and asked with
    status: SeenStatus
    url: str = ""  # for people
    ref: str = ""
    commit: str = ""
    correlation: str = ""  # ours, where the server says it
    says: Sentence | None = None  # what is under way, or why it failed
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogPiece:
    """What was printed since `position`; the next call continues at the new one, which only the
    adapter understands."""

    text: str
    position: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a test of a build server: what works, or what not and what to do."""

    said: Sentence
    works: bool

    @classmethod
    def of(
        cls, code: str, template: str, works: bool, /, *, hint: str = "", **values: object
    ) -> Self:
        return cls(Sentence.of(code, template, hint=hint, **values), works)

    @property
    def what(self) -> str:
        return self.said.english

    @property
    def hint(self) -> str:
        return self.said.english_hint


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit between two versions."""

    id: str
    title: str
    author: str
    at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The commits that `head` has and `base` has not, the newest first; `total` counts all."""

    commits: tuple[Commit, ...]
    total: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class FetchedPackage:
    """The package as its server gives it, streamed."""

    filename: str
    chunks: Iterator[bytes]


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
