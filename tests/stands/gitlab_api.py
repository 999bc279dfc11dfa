"""The calls of GitLab's REST API v4 that the stand-in answers."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlencode

from tests.stands import gitlab_json
from tests.stands.gitlab_http import Reply, Request
from tests.stands.gitlab_state import DEVELOPER, MAINTAINER, Job, Pipeline, Project
from tests.stands.gitlab_world import World

VERSION = "18.5.0"
_MOST_PER_PAGE = 100


class Trouble(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, message: object) -> None:
        super().__init__(status, message)
        self.reply = as_json({"message": message}, status)


def as_json(data: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(data).encode(), {"Content-Type": "application/json"})


class RestApi:
    """Answers requests below /api/v4 out of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        number, name = r"(\d+)", r"([^/]+)"
        project = rf"/projects/{name}"
        pipeline, job = rf"{project}/pipelines/{number}", rf"{project}/jobs/{number}"
        self._routes: list[tuple[str, str, Callable[..., Reply]]] = [
            ("GET", "/version", self._version),
            ("GET", "/personal_access_tokens/self", self._token),
            ("GET", project, self._project),
            ("GET", rf"{project}/runners", self._runners),
            ("GET", rf"{project}/repository/commits/(.+)", self._commit),
            ("GET", rf"{project}/repository/compare", self._compare),
            ("POST", rf"{project}/pipeline", self._start),
            ("GET", rf"{project}/pipelines", self._pipelines),
            ("GET", pipeline, self._pipeline),
            ("DELETE", pipeline, self._delete),
            ("GET", rf"{pipeline}/variables", self._variables),
            ("GET", rf"{pipeline}/jobs", self._jobs),
            ("GET", rf"{pipeline}/bridges", self._bridges),
            ("POST", rf"{pipeline}/cancel", self._cancel),
            ("POST", rf"{pipeline}/retry", self._retry),
            ("GET", rf"{job}/trace", self._trace),
            ("GET", rf"{job}/artifacts", self._artifacts),
            ("GET", rf"{job}/artifacts/(.+)", self._artifact),
            ("GET", rf"{project}/packages/generic/{name}/{name}/(.+)", self._package),
        ]

    def answer(self, request: Request, path: str) -> Reply:
        """`path`: what follows /api/v4."""
        for method, pattern, call in self._routes:
            if method == request.method and (match := re.fullmatch(pattern, path)):
                try:
                    return call(request, *map(unquote, match.groups()))
                except Trouble as trouble:
                    return trouble.reply
        return as_json({"error": "404 Not Found"}, 404)

    def _version(self, request: Request) -> Reply:
        return as_json({"version": VERSION, "revision": "0a1b2c3d4e5"})

    def _token(self, request: Request) -> Reply:
        token = {
            "id": 4,
            "name": "slipway",
            "revoked": False,
            "scopes": list(self._world.scopes),
            "user_id": 1,
            "active": True,
            "expires_at": self._world.token_expires_at,
        }
        return as_json(token)

    def _project(self, request: Request, name: str) -> Reply:
        return as_json(gitlab_json.project(self._visible(name), self._world.web))

    def _runners(self, request: Request, name: str) -> Reply:
        project = self._visible(name, at_least=MAINTAINER)
        online = [{"id": n, "status": "online"} for n in range(project.runners_online)]
        return self._page(request, online)

    def _commit(self, request: Request, name: str, commit: str) -> Reply:
        project = self._visible(name)
        found = project.find_commit(commit)
        if not found:
            raise Trouble(404, "404 Commit Not Found")
        return as_json(gitlab_json.commit(found, project, self._world.web))

    def _compare(self, request: Request, name: str) -> Reply:
        project = self._visible(name)
        base, head = (project.find_commit(request.query.get(key, "")) for key in ("from", "to"))
        if not base or not head:
            raise Trouble(404, "404 Ref Not Found")
        web = self._world.web
        commits = [gitlab_json.commit(c, project, web) for c in project.between(base, head)]
        answer = {
            "commit": commits[-1] if commits else None,
            "commits": commits,
            "diffs": [],
            "compare_timeout": False,
            "compare_same_ref": base.id == head.id,
            "web_url": f"{web}/{project.path}/-/compare/{base.id}...{head.id}",
        }
        return as_json(answer)

    def _start(self, request: Request, name: str) -> Reply:
        project = self._visible(name, at_least=DEVELOPER)
        body = json.loads(request.body)
        ref, given = body.get("ref"), body.get("variables", [])
        if not ref:
            return as_json({"error": "ref is missing"}, 400)
        if ref in project.protected and project.access_level < MAINTAINER:
            words = "You do not have sufficient permission to run a pipeline on this branch"
            raise Trouble(400, {"base": [words]})
        if given and project.variables_role == "no_one_allowed":
            raise Trouble(400, {"base": ["Insufficient permissions to set pipeline variables"]})
        if not (sha := project.find_ref(ref)):
            raise Trouble(400, {"base": ["Reference not found"]})
        variables = {each["key"]: each["value"] for each in given}
        pipeline = self._world.make_pipeline(project, ref, sha, "api", variables)
        return as_json(gitlab_json.pipeline_whole(pipeline, self._world.web), 201)

    def _pipelines(self, request: Request, name: str) -> Reply:
        query = request.query
        found = list(self._visible(name).pipelines.values())
        if query.get("source") != "parent_pipeline":  # children are told only to who asks for them
            found = [each for each in found if each.source != "parent_pipeline"]
        for key in ("ref", "source", "status", "sha"):
            if key in query:
                found = [each for each in found if getattr(each, key) == query[key]]
        if "updated_after" in query:
            since = datetime.fromisoformat(query["updated_after"])
            found = [each for each in found if each.updated_at > since]
        order = query.get("order_by", "id")
        if order not in ("id", "status", "ref", "updated_at", "user_id"):
            return as_json({"error": "order_by does not have a valid value"}, 400)
        found.sort(key=lambda each: getattr(each, order), reverse=query.get("sort") != "asc")
        web = self._world.web
        return self._page(request, [gitlab_json.pipeline_basic(each, web) for each in found])

    def _pipeline(self, request: Request, name: str, number: str) -> Reply:
        return as_json(gitlab_json.pipeline_whole(self._found(name, number), self._world.web))

    def _delete(self, request: Request, name: str, number: str) -> Reply:
        self._world.delete(self._found(name, number))
        return Reply(204)

    def _variables(self, request: Request, name: str, number: str) -> Reply:
        pipeline = self._found(name, number)
        if not pipeline.project.variables_readable:
            raise Trouble(403, "403 Forbidden")
        return as_json(
            [
                {"variable_type": "env_var", "key": key, "value": value, "raw": False}
                for key, value in pipeline.variables.items()
            ]
        )

    def _jobs(self, request: Request, name: str, number: str) -> Reply:
        pipeline = self._found(name, number)
        with_retried = request.query.get("include_retried") == "true"
        jobs = pipeline.jobs if with_retried else pipeline.current_jobs
        newest_first = sorted(jobs, key=lambda each: -each.id)
        web = self._world.web
        return self._page(request, [gitlab_json.job(each, pipeline, web) for each in newest_first])

    def _bridges(self, request: Request, name: str, number: str) -> Reply:
        children = self._found(name, number).children
        web = self._world.web
        bridges = [
            {
                "id": number,
                "name": name,
                "downstream_pipeline": gitlab_json.pipeline_basic(child, web),
            }
            for number, (name, child) in enumerate(children.items())
        ]
        waiting = {"id": len(bridges), "name": "later", "downstream_pipeline": None}
        return self._page(request, [*bridges, waiting])

    def _cancel(self, request: Request, name: str, number: str) -> Reply:
        pipeline = self._found(name, number)
        self._world.cancel(pipeline)
        return as_json(gitlab_json.pipeline_whole(pipeline, self._world.web))

    def _retry(self, request: Request, name: str, number: str) -> Reply:
        pipeline = self._found(name, number)
        self._world.retry(pipeline)
        return as_json(gitlab_json.pipeline_whole(pipeline, self._world.web), 201)

    def _trace(self, request: Request, name: str, number: str) -> Reply:
        return Reply(200, self._job(name, number).trace, {"Content-Type": "text/plain"})

    def _artifacts(self, request: Request, name: str, number: str) -> Reply:
        job = self._job(name, number)
        if job.archive is None:
            raise Trouble(404, "404 Not Found")
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": 'attachment; filename="artifacts.zip"',
        }
        return Reply(200, job.archive, headers)

    def _artifact(self, request: Request, name: str, number: str, inner: str) -> Reply:
        job = self._job(name, number)
        if ".." in inner.split("/"):
            raise Trouble(400, "400 Bad request")
        data = self._world.inside(job, inner)
        if data is None:
            raise Trouble(404, "404 Not Found")
        return Reply(200, data, {"Content-Type": "application/octet-stream"})

    def _package(self, request: Request, name: str, package: str, version: str, file: str) -> Reply:
        project = self._visible(name)
        if not re.fullmatch(r"[\w.+/-]+", version):
            return as_json({"error": "package_version is invalid"}, 400)
        data = project.packages.get((package, version, file))
        if data is None:
            raise Trouble(404, "404 Package Not Found")
        return Reply(200, data, {"Content-Type": "application/octet-stream"})

    def _visible(self, name: str, *, at_least: int = 10) -> Project:
        project = self._world.find_project(name)
        if not project or project.access_level < 10:
            raise Trouble(404, "404 Project Not Found")
        if project.access_level < at_least:
            raise Trouble(403, "403 Forbidden")
        return project

    def _found(self, name: str, number: str) -> Pipeline:
        pipeline = self._visible(name).pipelines.get(int(number))
        if not pipeline:
            raise Trouble(404, "404 Not found")
        return pipeline

    def _job(self, name: str, number: str) -> Job:
        for pipeline in self._visible(name).pipelines.values():
            for job in pipeline.jobs:
                if job.id == int(number):
                    return job
        raise Trouble(404, "404 Not found")

    def _page(self, request: Request, items: Sequence[Any]) -> Reply:
        """One page of them, with the headers and the link that GitLab gives."""
        size = min(int(request.query.get("per_page", 20)), _MOST_PER_PAGE)
        page = int(request.query.get("page", 1))
        pages = max(-(-len(items) // size), 1)
        shown = as_json(list(items[(page - 1) * size : page * size]))
        headers = {
            "X-Page": str(page),
            "X-Per-Page": str(size),
            "X-Total": str(len(items)),
            "X-Total-Pages": str(pages),
            "X-Next-Page": str(page + 1) if page < pages else "",
            "X-Prev-Page": str(page - 1) if page > 1 else "",
        }
        if page < pages:
            query = urlencode({**request.query, "page": page + 1, "per_page": size})
            headers["Link"] = f'<{self._world.web}{request.path}?{query}>; rel="next"'
        return Reply(200, shown.body, {**shown.headers, **headers})
