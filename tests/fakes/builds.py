"""A build server in memory, as strict about its contract as the real ones; with faults."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from slipway.core.builds.orders import BuildOrder, ServerAccess
from slipway.core.builds.seen import (
    Commit,
    Comparison,
    FetchedPackage,
    Finding,
    LogPiece,
    SeenBuild,
)
from slipway.core.builds.state import SeenStatus
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import theirs
from slipway.ports.builds import BuildGone, PackageMissing, ServerRefused

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class MadeBuild:
    """A build there. `order` is None for one that somebody else started."""

    seen: SeenBuild
    order: BuildOrder | None = None
    log: str = ""
    package: bytes | None = None
    filename: str = "package.tar.gz"


@dataclass
class FakeBuildServer:
    """`faults` are raised, one a call, by the method they are kept for; `lost` methods do their
    work first and raise then: the answer is what got lost."""

    refs: dict[str, str] = field(default_factory=lambda: {"main": "a" * 40})
    resolves: bool = True
    builds: dict[str, MadeBuild] = field(default_factory=dict)
    faults: dict[str, list[Refused]] = field(default_factory=dict)
    lost: dict[str, list[Refused]] = field(default_factory=dict)
    commits: tuple[Commit, ...] = ()
    cancelled: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # --- what tests do ----------------------------------------------------------------------------

    @property
    def started(self) -> list[MadeBuild]:
        return [made for made in self.builds.values() if made.order is not None]

    def only(self) -> str:
        """Return the id of the one build there is."""
        (build_id,) = self.builds
        return build_id

    def outside(self, ref: str = "main", commit: str = "b" * 40) -> str:
        """Somebody else starts a build; returns its id."""
        return self._make(ref, commit, "", None)

    def say(
        self, build_id: str, status: SeenStatus, *, says: str = "", log: str = "",
        package: bytes | None = None,
    ) -> None:  # fmt: skip
        made = self.builds[build_id]
        made.seen = replace(made.seen, status=status, says=theirs(says))
        made.log += log
        made.package = package if package is not None else made.package

    def forget(self, build_id: str) -> None:
        del self.builds[build_id]

    # --- the port ---------------------------------------------------------------------------------

    def test(self, access: ServerAccess, project: str = "") -> tuple[Finding, ...]:
        self.calls.append("test")
        return (Finding.of("answers", "{name} answers.", True, name=access.name),)

    def resolve(self, order: BuildOrder) -> str:
        self._enter("resolve")
        if not self.resolves:
            return ""
        if order.ref not in self.refs:
            raise ServerRefused("There is no ref {ref}.", hint="Push it first.", ref=order.ref)
        return self.refs[order.ref]

    def start(self, order: BuildOrder) -> str:
        self._enter("start")
        commit = order.commit or self.refs.get(order.ref, "a" * 40)
        build_id = self._make(order.ref, commit, order.correlation, order)
        self._leave("start")
        return build_id

    def find(self, order: BuildOrder) -> SeenBuild | None:
        self._enter("find")
        made = [m for m in self.builds.values() if m.seen.correlation == order.correlation]
        return made[-1].seen if made else None

    def look(self, order: BuildOrder, build_id: str) -> SeenBuild:
        self._enter("look")
        return self._known(build_id).seen

    def log(self, order: BuildOrder, build_id: str, position: str) -> LogPiece:
        self._enter("log")
        start = int(position or 0)
        text = self._known(build_id).log[start : start + 256 * 1024]
        return LogPiece(text, str(start + len(text)))

    @contextmanager
    def fetch(self, order: BuildOrder, build_id: str) -> Iterator[FetchedPackage]:
        self._enter("fetch")
        made = self._known(build_id)
        if made.package is None:
            raise PackageMissing("The build left no package.", hint="Look at its artifacts.")
        yield FetchedPackage(made.filename, iter([made.package]))

    def cancel(self, order: BuildOrder, build_id: str) -> None:
        self._enter("cancel")
        self.cancelled.append(build_id)
        made = self.builds.get(build_id)
        if made and not made.seen.status.is_over:
            self.say(build_id, SeenStatus.CANCELLED)

    def list_recent(self, order: BuildOrder, since: datetime) -> tuple[SeenBuild, ...]:
        self._enter("list_recent")
        return tuple(made.seen for made in reversed(self.builds.values()))[:100]

    def tidy(self, now: datetime) -> None:
        self.calls.append("tidy")

    def compare(self, order: BuildOrder, base: str, head: str) -> Comparison:
        self._enter("compare")
        return Comparison(self.commits[:100], len(self.commits), f"https://ci/{base}...{head}")

    # --- inside -----------------------------------------------------------------------------------

    def _make(self, ref: str, commit: str, correlation: str, order: BuildOrder | None) -> str:
        with self._lock:
            build_id = str(len(self.builds) + 1)
            url = f"https://ci.example.com/{build_id}"
            seen = SeenBuild(
                build_id, SeenStatus.WAITING, url, ref, commit, correlation, started_at=EPOCH
            )
            self.builds[build_id] = MadeBuild(seen, order)
            return build_id

    def _known(self, build_id: str) -> MadeBuild:
        if build_id not in self.builds:
            raise BuildGone("There is no build {build} any more.", build=build_id)
        return self.builds[build_id]

    def _enter(self, method: str) -> None:
        self.calls.append(method)
        if waiting := self.faults.get(method):
            raise waiting.pop(0)

    def _leave(self, method: str) -> None:
        if waiting := self.lost.get(method):
            raise waiting.pop(0)
