"""A GitLab for tests: a real server on loopback that speaks its REST API v4, and remembers.

    with GitLabStand() as stand:
        project = stand.add_project("shop/billing")
        project.commit("main", "Add invoices")
        …  # a GitLabServer with stand.access() starts a pipeline
        pipeline = stand.newest(project)
        stand.run(pipeline)
        stand.print(pipeline, "compiling\\n")
        stand.succeed(pipeline, {"dist/billing.tar.gz": b"…"})

Everything is done by hand, unless `world.on_pipeline` is set: it is called with each pipeline that
the API makes. Faults are scripted: `stand.fault(on="POST /pipeline", do=gitlab_faults.error(500))`.
`made` counts the pipelines that came by the API; `requests` holds every request with its headers.
"""

from collections.abc import Mapping
from typing import Self

from slipway.core.builds.orders import ServerAccess, ServerKind
from tests.stands.gitlab_api import RestApi, as_json
from tests.stands.gitlab_faults import Fault
from tests.stands.gitlab_http import LoopbackServer, Reply, Request
from tests.stands.gitlab_state import Pipeline, Project, now
from tests.stands.gitlab_tls import own_authority
from tests.stands.gitlab_world import World

TOKEN = "glpat-of-the-stand-in"


class GitLabStand:
    """`tls`: https, with a certificate of `ca_certificate` (PEM). `root`: where GitLab lies below
    its host ("/gitlab"), as some companies have it."""

    def __init__(self, *, tls: bool = False, root: str = "", drip_pause: float = 0.1) -> None:
        self.token = TOKEN
        self.ca_certificate, context = own_authority() if tls else ("", None)
        self._http = LoopbackServer(self._answer, tls=context, drip_pause=drip_pause)
        self._root = root
        self.url = self._http.url + root
        self._world = World(self._http.url)  # links repeat the path of the request
        self._api = RestApi(self._world)

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.__exit__(*exc)

    def access(self, **changes: object) -> ServerAccess:
        """Return what it takes to reach it."""
        facts: dict[str, object] = {
            "name": "gitlab-1",
            "kind": ServerKind.GITLAB,
            "base_url": self.url,
            "credential": self.token,
            "ca_certificate": self.ca_certificate,
        }
        return ServerAccess(**(facts | changes))  # type: ignore[arg-type]

    @property
    def requests(self) -> list[Request]:
        return self._http.requests

    @property
    def made(self) -> int:
        return self._world.made

    @property
    def world(self) -> World:
        """For what is rarely needed: on_pipeline, the token's scopes, another web address, …"""
        return self._world

    def fault(self, *, on: str, do: Fault, times: int = 1) -> None:
        """Let the next `times` requests that fit `on` ("POST /pipeline", "GET /jobs/*/trace": a
        method and how the path ends) meet a fault."""
        self._http.fault(on=on, do=do, times=times)

    def add_project(self, path: str, **facts: object) -> Project:
        """Return a new project; `facts`: fields of Project."""
        return self._world.add_project(path, **facts)

    def newest(self, project: Project) -> Pipeline:
        return project.pipelines[max(project.pipelines)]

    def push(self, project: Project, ref: str = "main", source: str = "push") -> Pipeline:
        """Make a pipeline that somebody else started."""
        sha = project.find_ref(ref)
        return self._world.make_pipeline(project, ref, sha, source, {})

    def run(self, pipeline: Pipeline) -> None:
        """Begin its next job."""
        self._world.run(pipeline)

    def print(self, pipeline: Pipeline, text: str | bytes, *, job: str = "") -> None:
        """Let the job (the last one) print; one that has not begun begins."""
        data = text.encode() if isinstance(text, str) else text
        printing = pipeline.job(job)
        if not printing.started_at:
            printing.start()
        printing.trace += data

    def succeed(
        self,
        pipeline: Pipeline,
        files: Mapping[str, bytes] | None = None,
        *,
        job: str = "",
        dotenv: str = "",
    ) -> None:
        """End it well. `files`: the artifacts of `job` (the last one); `dotenv`: its report."""
        self._world.succeed(pipeline, files, job=job, dotenv=dotenv)

    def keep(self, pipeline: Pipeline, files: Mapping[str, bytes], *, job: str = "") -> None:
        """Let the job have artifacts."""
        self._world.keep(pipeline, files, job=job)

    def fail(self, pipeline: Pipeline, *, job: str = "", reason: str = "script_failure") -> None:
        self._world.fail(pipeline, job=job, reason=reason)

    def become(self, pipeline: Pipeline, status: str) -> None:
        """Give it one of GitLab's other statuses: manual, scheduled, skipped, …"""
        pipeline.become(status)

    def cancel(self, pipeline: Pipeline) -> None:
        self._world.cancel(pipeline)

    def retry(self, pipeline: Pipeline) -> None:
        self._world.retry(pipeline)

    def delete(self, pipeline: Pipeline) -> None:
        self._world.delete(pipeline)

    def expire(self, pipeline: Pipeline) -> None:
        self._world.expire(pipeline)

    def publish(self, project: Project, package: str, version: str, file: str, data: bytes) -> None:
        """Put a file into the project's generic package registry."""
        project.packages[package, version, file] = data

    def _answer(self, request: Request) -> Reply:
        prefix = f"{self._root}/api/v4"
        if not request.path.startswith(f"{prefix}/"):
            return Reply(404, b"<html>The page could not be found</html>")
        bearer = request.headers.get("authorization") == f"Bearer {self.token}"
        if request.headers.get("private-token") != self.token and not bearer:
            return as_json({"message": "401 Unauthorized"}, 401)
        reply = self._api.answer(request, request.path.removeprefix(prefix))
        return Reply(reply.status, reply.body, {"X-Request-Id": f"{now():%f}", **reply.headers})
