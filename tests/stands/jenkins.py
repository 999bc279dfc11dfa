"""A Jenkins to test against: a real HTTP server on loopback that keeps what it is told.

```python
with JenkinsStand() as jenkins:
    jenkins.add_job("team/billing")                      # REF, COMMIT, SLIPWAY_BUILD declared
    jenkins.add_multibranch("team/shop", ("main", "feature/x"))
    access = jenkins.access()                            # the ServerAccess of its user
    …                                                    # somebody orders a build
    build = jenkins.leave_queue(jenkins.newest_item())   # it runs
    jenkins.append_log(build, "compiling\\n")
    jenkins.succeed(build, commit=SHA, artifacts={"dist/billing.tar.gz": b"…"})
    jenkins.fault("buildWithParameters", Silence())      # carried out, and never answered
    assert jenkins.orders == 1                           # builds made, whoever was told
```

Everything is done by hand, unless `on_order` is set: it is called with each new place in the
queue, and may let it run and end there and then. `requests` holds each request with its headers.
Faults are those of `jenkins_http`: Answer (429, HTML, a redirect …), Silence, Drop, Trickle, Cut.
"""

import itertools
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from slipway.core.builds.orders import ServerAccess, ServerKind
from tests.stands.jenkins_answers import Answers
from tests.stands.jenkins_http import Fault, Request, Wire
from tests.stands.jenkins_state import USUAL, Build, Change, Item, Job, encode_branch


def now() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


class JenkinsStand:
    """Set the attributes before, or between, requests. `prefix`: where Jenkins lives on its host
    ("/jenkins"). `root_url`: what Jenkins believes its address to be, its real one unless given."""

    def __init__(
        self,
        *,
        prefix: str = "",
        root_url: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.prefix = prefix
        self.username, self.token, self.password = "slipway", "11aatoken", password
        self.crumb, self.session = "c0ffee", "node01"
        self.wants_crumbs = True
        self.anonymous_reads = False
        self.denied: set[str] = set()  # rights that the user has not: "build", "cancel"
        self.on_order: Callable[[Item], object] | None = None
        self.jobs: dict[str, Job] = {}
        self.items: dict[int, Item] = {}  # the queue, and what has left it lately
        self.orders = 0
        self.clock: Callable[[], int] = now  # milliseconds
        self._ids = itertools.count(1)
        self._wire = Wire(Answers(self).answer, tls)
        self.url = f"{self._wire.url}{prefix}"
        self.root_url = root_url or f"{self.url}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wire.close()

    @property
    def requests(self) -> list[Request]:
        return self._wire.requests

    def access(self, credential: str | None = None, **others: Any) -> ServerAccess:
        """Return how its user reaches it: with the token, unless another credential is given.
        `others`: fields of ServerAccess."""
        given = self.token if credential is None else credential
        access = ServerAccess("jenkins-1", ServerKind.JENKINS, self.url, self.username, given)
        return replace(access, **others)

    # Faults

    def fault(self, pattern: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests go wrong whose `METHOD /path` the pattern is found in."""
        self._wire.plan(pattern, fault, times)

    def heal(self) -> None:
        self._wire.heal()

    # Jobs

    def add_job(
        self, path: str, parameters: Iterable[str] = USUAL, *, kind: str = "WorkflowJob"
    ) -> Job:
        """Make a job; the folders above it are made as well. `kind`: also FreeStyleProject."""
        *above, name = path.split("/")
        return self._put(above, Job(name, kind, parameters=tuple(parameters)))

    def add_folder(self, path: str) -> Job:
        *above, name = path.split("/")
        return self._put(above, Job(name, "Folder"))

    def add_multibranch(
        self, path: str, branches: Iterable[str], parameters: Iterable[str] = ("SLIPWAY_BUILD",)
    ) -> Job:
        """Make a multibranch project with a job for each branch (`feature/x`)."""
        *above, name = path.split("/")
        project = self._put(above, Job(name, "WorkflowMultiBranchProject"))
        for branch in branches:
            project.add(Job(encode_branch(branch), parameters=tuple(parameters)))
        return project

    def job_at(self, names: Iterable[str]) -> Job | None:
        found: Job | None = None
        for name in names:
            found = (found.children if found else self.jobs).get(name)
            if found is None:
                return None
        return found

    def _put(self, above: list[str], job: Job) -> Job:
        if not above:
            self.jobs[job.name] = job
            return job
        folder = self.job_at(above) or self._put(above[:-1], Job(above[-1], "Folder"))
        return folder.add(job)

    # The queue

    def accept(self, job: Job, parameters: Mapping[str, str]) -> Item:
        """Take an order, as from anybody: it waits in the queue."""
        with self.lock:
            item = Item(next(self._ids), job, dict(parameters))
            self.items[item.id] = item
            self.orders += 1
            if self.on_order:
                self.on_order(item)
            return item

    def newest_item(self) -> Item:
        return self.items[max(self.items)]

    def leave_queue(self, item: Item) -> Build:
        """Let it run: it has a number now."""
        with self.lock:
            job, ref = item.job, item.parameters.get("REF", item.job.name)
            build = Build(job, job.next_number, item.id, item.parameters, self.clock(), ref=ref)
            job.next_number += 1
            job.builds[build.number] = item.build = build
            return build

    def run(self, job: Job, **parameters: str) -> Build:
        """Have a build of somebody else's run."""
        return self.leave_queue(self.accept(job, parameters))

    def expire_item(self, item: Item) -> None:
        """Forget a place in the queue, as Jenkins does five minutes after it was left."""
        with self.lock:
            del self.items[item.id]

    # Builds

    def succeed(
        self,
        build: Build,
        *,
        commit: str = "",
        artifacts: Mapping[str, bytes] | None = None,
        changes: Iterable[Change] = (),
    ) -> None:
        with self.lock:
            build.commit = commit or build.commit
            build.artifacts.update(artifacts or {})
            build.changes.extend(changes)
            self.finish(build, "SUCCESS")

    def fail(self, build: Build, result: str = "FAILURE") -> None:
        """End it as FAILURE, UNSTABLE or NOT_BUILT."""
        self.finish(build, result)

    def abort(self, build: Build) -> None:
        self.finish(build, "ABORTED")

    def finish(self, build: Build, result: str) -> None:
        with self.lock:
            build.result, build.duration = result, self.clock() - build.timestamp + 1

    def append_log(self, build: Build, text: str | bytes) -> None:
        with self.lock:
            build.log += text.encode() if isinstance(text, str) else text

    def expire_artifacts(self, build: Build) -> None:
        with self.lock:
            build.artifacts.clear()

    def delete(self, build: Build) -> None:
        with self.lock:
            del build.job.builds[build.number]

    def rebuild(self, build: Build) -> Build:
        """Press “Rebuild”: another build with the same parameters, our correlation among them."""
        return self.leave_queue(self.accept(build.job, build.parameters))
