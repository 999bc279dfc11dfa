"""Whatever GitLab or Jenkins does, a build ends in a true status, is started once, and says why.

The real adapters, over HTTP, against servers that remember and misbehave by script.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from slipway.adapters.builds.gitlab import GitLabServer
from slipway.adapters.builds.jenkins.server import JenkinsServer
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.state import SEARCH_TIME
from slipway.core.words.versions import VersionStatus as V
from slipway.records.builds.operations import builds
from slipway.records.builds.queries.builds import get_late_offers
from slipway.records.catalog.models import Build
from tests.controller.works import PACKAGE, Works
from tests.stands import gitlab_faults, jenkins_http
from tests.stands.gitlab import GitLabStand
from tests.stands.jenkins import JenkinsStand

PATH = "dist/billing.tar.gz"
SHORT = RequestLimits(read=1, answer=2)  # a server that drips is given up within seconds


class GitLab:
    """What happens over there, in words that hold for both."""

    def __init__(self, folder: Path) -> None:
        self.stand = GitLabStand()
        self.stand.__enter__()
        self.project = self.stand.add_project("team/billing")
        self.project.commit("main", "Begin")
        self.works = Works(
            folder,
            access=self.stand.access(),
            adapter=GitLabServer(limits=SHORT),
            package={"path": PATH},
        )

    def close(self) -> None:
        self.stand.__exit__()

    @property
    def orders(self) -> int:
        return self.stand.made

    def on_start(self, fault: str, times: int = 1) -> None:
        self.stand.fault(on="POST /pipeline", do=self._fault(fault), times=times)

    def on_look(self, fault: str, times: int = 1) -> None:
        self.stand.fault(on="GET /pipelines/*", do=self._fault(fault), times=times)

    def run(self) -> None:
        self.stand.run(self.stand.newest(self.project))

    def succeed(self, *, packed: bool = True) -> None:
        files = {PATH: PACKAGE} if packed else {}
        self.stand.succeed(self.stand.newest(self.project), files)

    def fail(self) -> None:
        self.stand.fail(self.stand.newest(self.project))

    def cancel(self) -> None:
        self.stand.cancel(self.stand.newest(self.project))

    def retry(self) -> None:
        self.stand.retry(self.stand.newest(self.project))

    def delete(self) -> None:
        self.stand.delete(self.stand.newest(self.project))

    def expire(self) -> None:
        self.stand.expire(self.stand.newest(self.project))

    def _fault(self, name: str) -> gitlab_faults.Fault:
        return {
            "500": gitlab_faults.error(),
            "429": gitlab_faults.too_many(7),
            "lost": gitlab_faults.silence_after_work(),
            "dripping": gitlab_faults.drip(),
            "HTML": gitlab_faults.html(),
            "elsewhere": gitlab_faults.redirect("http://169.254.169.254/latest/meta-data"),
        }[name]


class Jenkins:
    def __init__(self, folder: Path) -> None:
        self.stand = JenkinsStand()
        self.stand.add_job("team/billing")
        self.works = Works(
            folder,
            access=self.stand.access(),
            adapter=JenkinsServer(limits=SHORT),
            package={"path": PATH},
        )

    def close(self) -> None:
        self.stand.__exit__(None, None, None)

    @property
    def orders(self) -> int:
        return self.stand.orders

    def on_start(self, fault: str, times: int = 1) -> None:
        self.stand.fault("buildWithParameters", self._fault(fault), times=times)

    def on_look(self, fault: str, times: int = 1) -> None:
        self.stand.fault("/1/api/json", self._fault(fault), times=times)

    def run(self) -> None:
        self._build = self.stand.leave_queue(self.stand.newest_item())

    def succeed(self, *, packed: bool = True) -> None:
        self.stand.succeed(
            self._build, commit="a" * 40, artifacts={PATH: PACKAGE} if packed else {}
        )

    def fail(self) -> None:
        self.stand.fail(self._build)

    def cancel(self) -> None:
        self.stand.abort(self._build)

    def delete(self) -> None:
        self.stand.delete(self._build)

    def expire(self) -> None:
        self.stand.expire_artifacts(self._build)

    def _fault(self, name: str) -> jenkins_http.Fault:
        elsewhere = {"Location": "http://169.254.169.254/latest/meta-data"}
        page = {"Content-Type": "text/html"}
        faults: dict[str, jenkins_http.Fault] = {
            "500": jenkins_http.Answer(500, b"oops"),
            "429": jenkins_http.Answer(429, b"slow down", {"Retry-After": "7"}),
            "lost": jenkins_http.Silence(),
            "dripping": jenkins_http.Trickle(),
            "HTML": jenkins_http.Answer(200, b"<html>log in</html>", page),
            "elsewhere": jenkins_http.Answer(302, b"", elsewhere),
        }
        return faults[name]


There = GitLab | Jenkins


@pytest.fixture(params=[GitLab, Jenkins], ids=["gitlab", "jenkins"])
def there(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path
) -> Iterator[There]:
    made: There = request.param(tmp_path)
    yield made
    made.close()


def begin(there: There, seconds: float = 3, rounds: int = 3) -> Build:
    """Ask, and let it be started; it runs."""
    build = there.works.ask(ref="main")
    there.works.work_and_wait(seconds, rounds)
    there.run()
    there.works.work_and_wait(seconds)
    return build


def ended(there: There, build: Build) -> tuple[V, str]:
    """All that is left is done; returns how it ended and why."""
    there.works.work_and_wait(10, rounds=6)
    assert there.orders == 1
    return there.works.status(build), str(there.works.now(build).reason or "")


@pytest.mark.parametrize("fault", ["lost", "429", "500", "HTML", "dripping"])
def test_trouble_at_the_start_starts_one_build(there: There, fault: str) -> None:
    there.on_start(fault)
    build = begin(there, seconds=SEARCH_TIME.total_seconds() + 1)
    there.succeed()
    assert ended(there, build) == (V.SUCCESS, "")


@pytest.mark.parametrize("fault", ["429", "500", "HTML", "dripping", "elsewhere"])
def test_trouble_while_it_runs_is_only_told(there: There, fault: str) -> None:
    build = begin(there)
    there.on_look(fault, times=2)
    there.works.work_and_wait(5)
    told = there.works.now(build)
    assert told.problem
    assert there.works.status(build) is V.BUILDING
    there.works.later(600)
    there.succeed()
    assert ended(there, build) == (V.SUCCESS, "")


def test_a_server_that_sends_every_order_elsewhere_builds_nothing(there: There) -> None:
    there.on_start("elsewhere", times=9)
    build = there.works.ask(ref="main")
    there.works.work_and_wait(SEARCH_TIME.total_seconds() + 1, rounds=8)
    assert there.works.status(build) is V.FAILED
    assert re.search("169.254.169.254|status 302", str(there.works.now(build).reason))
    assert there.orders == 0


@dataclass(frozen=True)
class Case:
    happens: Callable[[There], None]
    says: str


def _succeed_unpacked(there: There) -> None:
    there.succeed(packed=False)


def _expire(there: There) -> None:
    there.succeed()
    there.expire()


CASES = {
    "fails": Case(lambda there: there.fail(), "failed on the build server"),
    "is cancelled": Case(lambda there: there.cancel(), "cancelled on the build server"),
    "is deleted": Case(lambda there: there.delete(), ""),
    "leaves nothing": Case(_succeed_unpacked, ""),
    "has expired": Case(_expire, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_what_ends_badly_there_ends_badly_here_with_a_reason(there: There, name: str) -> None:
    build = begin(there)
    CASES[name].happens(there)
    status, reason = ended(there, build)
    assert status is V.FAILED
    assert CASES[name].says in reason
    assert len(reason.split()) >= 4, reason


def test_one_that_takes_too_long_is_ended_there(there: There) -> None:
    build = begin(there)
    there.works.later(3700)
    assert ended(there, build)[0] is V.TIMEOUT
    assert any("cancel" in r.path or "stop" in r.path.lower() for r in there.stand.requests)


def test_one_that_was_retried_there_after_it_failed_is_offered(
    transactional_db: None, tmp_path: Path
) -> None:
    there = GitLab(tmp_path)
    build = begin(there)
    there.fail()
    assert ended(there, build)[0] is V.FAILED
    there.retry()
    there.succeed()
    there.works.work_and_wait(120, rounds=2)
    assert there.works.status(build) is V.FAILED
    (offer,) = get_late_offers(there.works.service)
    taken = builds.take_late_success(
        build=offer, by=there.works.alice, now=there.works.now(build).created_at
    )
    assert ended(there, taken) == (V.SUCCESS, "")
    there.close()


def test_the_credential_goes_nowhere_else(there: There) -> None:
    build = begin(there)
    there.succeed()
    assert ended(there, build)[0] is V.SUCCESS
    for request in there.stand.requests:
        assert there.works.server.credential not in request.path
