"""Jenkins under the contract: a job with parameters, and a multibranch project."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from slipway.adapters.builds.jenkins.server import JenkinsServer
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource
from slipway.ports.builds import BuildServer
from tests.adapters.builds.jenkins.orders import SHA, order
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_http import Drop
from tests.stands.jenkins_state import Build, Job

_PARAMETERS = ("REF", "COMMIT", "SLIPWAY_BUILD", "TARGET")


class JenkinsRig:
    """See rigs.Rig. The ids are places in the queue, also once they were left."""

    commit = ""  # Jenkins says it only once it has checked it out

    def __init__(self, stand: JenkinsStand, project: str, job: Job) -> None:
        self.server: BuildServer = JenkinsServer(limits=RequestLimits(read=3, answer=3))
        self._stand = stand
        self._project = project
        self._job = job
        self._numbers = itertools.count(1)

    def order(self) -> BuildOrder:
        """One without a commit: the server is to find out."""
        number = next(self._numbers)
        usual = order(self._stand, self._project, correlation=f"build-{number}")
        source = PackageSource(path="dist/billing.tar.gz")
        return replace(usual, commit="", source=source, variables={"TARGET": "linux"})

    def run(self, build_id: str) -> None:
        self._stand.leave_queue(self._stand.items[_number(build_id)])

    def print(self, build_id: str, text: str) -> None:
        self._stand.append_log(self._build(build_id), text)

    def succeed(self, build_id: str, package: bytes | None = None) -> None:
        files = {"dist/report.txt": b"fine"}
        if package is not None:
            files["dist/billing.tar.gz"] = package
        self._stand.succeed(self._build(build_id), commit=SHA, artifacts=files)

    def fail(self, build_id: str) -> None:
        self._stand.fail(self._build(build_id))

    def vanish(self, build_id: str) -> None:
        self._stand.delete(self._build(build_id))

    def lose_next_start(self) -> None:
        self._stand.fault("buildWithParameters", Drop())

    def outside(self) -> None:
        self._stand.run(self._job, REF="main")

    def outside_change(self) -> None:
        project = self._job.parent
        if project is not None and project.kind == "WorkflowMultiBranchProject":
            self._stand.run(project.add(Job("PR-7")))
        else:
            self._stand.run(self._job, REF="origin/pr/7/merge")

    def _build(self, build_id: str) -> Build:
        build = self._stand.items[_number(build_id)].build
        assert build is not None
        return build


def _number(build_id: str) -> int:
    return int(build_id.removeprefix("queue:"))


@contextmanager
def jenkins_job() -> Iterator[JenkinsRig]:
    with JenkinsStand() as stand:
        yield JenkinsRig(stand, "team/billing", stand.add_job("team/billing", _PARAMETERS))


@contextmanager
def jenkins_branches() -> Iterator[JenkinsRig]:
    with JenkinsStand() as stand:
        project = stand.add_multibranch("team/shop", ("main", "feature/x"), _PARAMETERS)
        yield JenkinsRig(stand, "team/shop", project.children["main"])


JENKINS_RIGS: dict[str, Callable[[], AbstractContextManager[JenkinsRig]]] = {
    "jenkins": jenkins_job,
    "jenkins branches": jenkins_branches,
}
