"""Runs real builds by command in a folder of its own, and waits for what they do."""

import dataclasses
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from slipway.adapters.builds.command.enclosure.isolation import Isolation
from slipway.adapters.builds.command.places import BuildFolder, Workshop
from slipway.adapters.builds.command.server import CommandServer
from slipway.core.builds.orders import BuildOrder, ServerAccess, ServerKind
from slipway.core.builds.package_source import PackageSource
from slipway.core.builds.seen import SeenBuild
from slipway.core.builds.state import SeenStatus
from tests.stands.repository import Entry, StandRepository, make_repository

NEEDS_ROOT = "only root can give builds a user of their own"
PACKAGE = PackageSource(path="dist/shop.tar.gz")
MAKES_PACKAGE = "#!/bin/sh\nset -e\nmkdir dist\necho of $SLIPWAY_COMMIT >dist/shop.tar.gz\n"


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Raises AssertionError when it has not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def pid_inside(number: int) -> int:
    """The process that calls itself `number` in a namespace of its own."""
    for path in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            line = path.read_text().partition("\nNSpid:")[2].partition("\n")[0].split()
            if len(line) > 1 and line[-1] == str(number) and _is_of_a_build(path.parent):
                return int(line[0])
    raise AssertionError(f"nobody calls itself {number}")


def _is_of_a_build(process: Path) -> bool:
    return b"\0SLIPWAY_SERVICE=shop\0" in (process / "environ").read_bytes()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@dataclass(slots=True)
class Bench:
    folder: Path
    repository: StandRepository
    server: CommandServer
    access: ServerAccess
    _orders: list[tuple[BuildOrder, str]] = field(default_factory=list)

    @property
    def builds(self) -> Path:
        return self.folder / "builds"

    def place(self, correlation: str = "b-1") -> BuildFolder:
        return BuildFolder(self.builds / correlation)

    def commit(self, script: str, **files: str | Entry) -> str:
        """Commit build.sh, and other files beside it."""
        return self.repository.commit({"build.sh": f"#!/bin/sh\n{script}\n", **files})

    def order(
        self,
        ref: str = "main",
        *,
        correlation: str = "b-1",
        command: tuple[str, ...] = ("./build.sh",),
        source: PackageSource = PACKAGE,
        variables: Mapping[str, str] | None = None,
        declared: frozenset[str] | None = None,
        seconds: float = 60,
        size_limit: int = 1024**3,
    ) -> BuildOrder:
        return BuildOrder(
            self.access,
            service="shop",
            project=self.repository.url,
            ref=ref,
            commit="",
            correlation=correlation,
            source=source,
            variables=variables or {},
            declared=frozenset(variables or {}) if declared is None else declared,
            command=command,
            time_limit=timedelta(seconds=seconds),
            size_limit=size_limit,
        )

    def start(self, order: BuildOrder) -> str:
        build_id = self.server.start(order)
        self._orders.append((order, build_id))
        return build_id

    def await_end(self, order: BuildOrder, build_id: str) -> SeenBuild:
        until(lambda: self.server.look(order, build_id).status.is_over)
        return self.server.look(order, build_id)

    def build(self, order: BuildOrder) -> SeenBuild:
        return self.await_end(order, self.start(order))

    def log(self, order: BuildOrder, seen: SeenBuild) -> str:
        text, position = "", ""
        while (piece := self.server.log(order, seen.id, position)).text:
            text, position = text + piece.text, piece.position
        return text

    def package(self, order: BuildOrder, seen: SeenBuild) -> tuple[str, bytes]:
        with self.server.fetch(order, seen.id) as package:
            return package.filename, b"".join(package.chunks)

    def await_file(self, path: Path) -> str:
        """The text of a file that a build writes in one go."""
        until(lambda: path.exists() and path.read_text().endswith("\n"))
        return path.read_text().strip()

    def end_all(self) -> None:
        for order, build_id in self._orders:
            if (self.builds / order.correlation).exists():
                self.server.cancel(order, build_id)
                self.await_end(order, build_id)


def attach(folder: Path) -> Bench:
    """The bench in `folder` as another process sees it."""
    isolation = Isolation(readable=(str(turns_in(folder)),))
    repository = StandRepository(folder / "git" / "shop")
    access = ServerAccess("here", ServerKind.COMMAND, (folder / "git").as_uri())
    return Bench(folder, repository, CommandServer(folder / "builds", isolation), access)


def turns_in(folder: Path) -> Path:
    """A folder beside that of builds which they may read."""
    turns = folder / "turns"
    turns.mkdir(exist_ok=True)
    return turns


@contextmanager
def a_bench() -> Iterator[Bench]:
    # Not pytest's folder: as root, commands run as somebody who could not get into it.
    folder = Path(tempfile.mkdtemp(prefix="slipway-command-"))
    folder.chmod(0o711)
    make_repository(folder / "git" / "shop")
    bench = attach(folder)
    try:
        yield bench
        bench.end_all()
    finally:
        workshop = Workshop(bench.builds)
        for place in workshop.places():
            workshop.forget(place)  # it can remove what a build has closed to us
        shutil.rmtree(folder)


def starter(bench: Bench, *, dies: bool = False) -> list[str]:
    """The command line of a process that starts the bench's build and prints its id."""
    module = "tests.adapters.builds.command.bench"
    return [sys.executable, "-m", module, str(bench.folder), "die" if dies else "live"]


def over_http(
    bench: Bench, url: str, base_url: str, credential: str = ""
) -> Callable[..., BuildOrder]:
    """Orders as the bench makes them, for a repository behind a server."""
    access = dataclasses.replace(bench.access, base_url=base_url, credential=credential)

    def order(*words: str, **more: object) -> BuildOrder:
        made = bench.order(*words, **more)  # type: ignore[arg-type]
        return dataclasses.replace(made, access=access, project=url)

    return order


SUCCESS, FAILED, CANCELLED = SeenStatus.SUCCESS, SeenStatus.FAILED, SeenStatus.CANCELLED
IS_ROOT = os.geteuid() == 0


if __name__ == "__main__":
    here = attach(Path(sys.argv[1]))
    print(here.server.start(here.order()), flush=True)
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
