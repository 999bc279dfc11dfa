"""Build servers under test, each with the knobs that the contract turns.

A rig belongs to one kind of server. To put a further one under the contract, write it in a module
of its own and add it to RIGS.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Protocol

from slipway.adapters.builds.gitlab import GitLabServer
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.orders import BuildOrder, ServerAccess, ServerKind
from slipway.core.builds.package_source import PackageSource
from slipway.core.builds.state import SeenStatus
from slipway.ports.builds import BuildServer, StartUnsure
from tests.adapters.builds.command.rig import COMMAND_RIGS
from tests.adapters.builds.jenkins.rig import JENKINS_RIGS
from tests.fakes.builds import FakeBuildServer
from tests.stands import gitlab_faults
from tests.stands.gitlab import GitLabStand

FILE = "billing.tar.gz"
# Enough for whatever comes at all, on a busy machine too.
PATIENCE = RequestLimits(connect=10, read=10, answer=10)


class Rig(Protocol):
    """A server, and what happens over there. The ids are those that `start` returned."""

    server: BuildServer
    commit: str  # what the orders' ref stands for; "" where nobody knows before the build begins

    def order(self) -> BuildOrder:
        """Return a new order, with a correlation of its own; its package is called FILE."""

    def run(self, build_id: str) -> None:
        """Let it begin."""

    def print(self, build_id: str, text: str) -> None:
        """Let one that runs print."""

    def succeed(self, build_id: str, package: bytes | None = None) -> None:
        """Let one that runs end well, with a package or without."""

    def fail(self, build_id: str) -> None:
        """Let one that runs end badly."""

    def vanish(self, build_id: str) -> None:
        """Let the server forget it."""

    def lose_next_start(self) -> None:
        """Let the next order be carried out, and its answer be lost."""

    def outside(self) -> None:
        """Let somebody else start a build of the same project and ref."""

    def outside_change(self) -> None:
        """Let somebody ask for a merge, and that be built."""


class FakeRig:
    """The fake in memory, which other rooms rely on to be like the real ones."""

    commit = "a" * 40

    def __init__(self) -> None:
        self.fake = FakeBuildServer(refs={"main": self.commit})
        self.server: BuildServer = self.fake
        self._access = ServerAccess("fake-1", ServerKind.GITLAB, "https://gitlab.example.com")
        self._numbers = itertools.count(1)

    def order(self) -> BuildOrder:
        return _order(self._access, "shop/billing", next(self._numbers))

    def run(self, build_id: str) -> None:
        self.fake.say(build_id, SeenStatus.RUNNING)

    def print(self, build_id: str, text: str) -> None:
        self.fake.say(build_id, SeenStatus.RUNNING, log=text)

    def succeed(self, build_id: str, package: bytes | None = None) -> None:
        self.fake.say(build_id, SeenStatus.SUCCESS, package=package)

    def fail(self, build_id: str) -> None:
        self.fake.say(build_id, SeenStatus.FAILED)

    def vanish(self, build_id: str) -> None:
        self.fake.forget(build_id)

    def lose_next_start(self) -> None:
        self.fake.lost["start"] = [StartUnsure("No answer came.")]

    def outside(self) -> None:
        self.fake.outside("main")

    def outside_change(self) -> None:
        self.fake.outside("refs/merge-requests/7/head")


class GitLabRig:
    """The adapter for GitLab, over HTTP to the stand-in."""

    def __init__(self, stand: GitLabStand) -> None:
        self.stand = stand
        self.project = stand.add_project("shop/billing")
        self.commit = self.project.commit("main", "Add invoices")
        self.server: BuildServer = GitLabServer(limits=PATIENCE)
        self._numbers = itertools.count(1)

    def order(self) -> BuildOrder:
        order = _order(self.stand.access(), self.project.path, next(self._numbers))
        return replace(order, source=PackageSource(job="package", path=f"dist/{FILE}"))

    def run(self, build_id: str) -> None:
        self.stand.run(self.project.pipelines[int(build_id)])

    def print(self, build_id: str, text: str) -> None:
        self.stand.print(self.project.pipelines[int(build_id)], text)

    def succeed(self, build_id: str, package: bytes | None = None) -> None:
        files = None if package is None else {f"dist/{FILE}": package, "report.txt": b"fine"}
        self.stand.succeed(self.project.pipelines[int(build_id)], files)

    def fail(self, build_id: str) -> None:
        self.stand.fail(self.project.pipelines[int(build_id)])

    def vanish(self, build_id: str) -> None:
        self.stand.delete(self.project.pipelines[int(build_id)])

    def lose_next_start(self) -> None:
        self.stand.fault(on="POST /pipeline", do=gitlab_faults.hang_up_after_work())

    def outside(self) -> None:
        self.stand.push(self.project)

    def outside_change(self) -> None:
        ref, source = "refs/merge-requests/7/head", "merge_request_event"
        self.stand.world.make_pipeline(self.project, ref, self.commit, source, {})


def _order(access: ServerAccess, project: str, number: int) -> BuildOrder:
    return BuildOrder(
        access,
        service="billing",
        project=project,
        ref="main",
        commit="",
        correlation=f"build-{number}",
        source=PackageSource(path=FILE),
        variables={"TARGET": "linux"},
    )


@contextmanager
def _fake() -> Iterator[Rig]:
    yield FakeRig()


@contextmanager
def _gitlab() -> Iterator[Rig]:
    with GitLabStand() as stand:
        yield GitLabRig(stand)


RIGS: dict[str, Callable[[], AbstractContextManager[Rig]]] = {
    "fake": _fake,
    "gitlab": _gitlab,
    **JENKINS_RIGS,
    **COMMAND_RIGS,
}
