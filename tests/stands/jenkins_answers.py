"""What the Jenkins stand-in answers: Jenkins' remote access API, as far as anybody here asks."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.stands.jenkins_http import Answer, Request
from tests.stands.jenkins_json import build_json, item_json, job_json, prune
from tests.stands.jenkins_state import Build, Job

if TYPE_CHECKING:
    from tests.stands.jenkins import JenkinsStand

VERSION = "2.516.3"
MOST_LINES = 10_000  # of one that runs, in one answer
_NOTE = re.compile(rb"\x1b\[8mha:.*?\x1b\[0m", re.DOTALL)  # what Jenkins hides in raw logs
_LINE_END = re.compile(rb"[\r\n]")
_LONE_LF = re.compile(rb"(?<!\r)\n")
_HTML = {"Content-Type": "text/html;charset=utf-8"}
_JOB = re.compile(r"((?:/job/[^/]+)+)(?:/(.*))?")
_BUILD = re.compile(r"([0-9]+)(?:/(.*))?")
_ITEM = re.compile(r"/queue/item/([0-9]+)/api/json")


class Answers:
    """Called in the server's threads, one at a time."""

    def __init__(self, stand: "JenkinsStand") -> None:
        self.stand = stand

    def answer(self, request: Request) -> Answer:
        with self.stand.lock:
            answer = self._answer(request)
        headers = {"X-Jenkins": VERSION, **answer.headers}
        return Answer(answer.status, answer.body, headers)

    def _answer(self, request: Request) -> Answer:
        if not request.path.startswith(self.stand.prefix):
            return self.page(404, "Not Found")
        path = request.path.removeprefix(self.stand.prefix)
        if problem := self._who_asks(request, path):
            return problem
        if request.method == "POST" and (problem := self._crumb_missing(request)):
            return problem
        return self._route(request, path)

    def _route(self, request: Request, path: str) -> Answer:
        if found := _ITEM.fullmatch(path):
            item = self.stand.items.get(int(found[1]))
            return _json(request, item_json(item, self.stand.root_url)) if item else self.page(404)
        if found := _JOB.fullmatch(path):
            job = self.stand.job_at(unquote(name) for name in found[1].split("/job/")[1:])
            return self._of_job(request, job, found[2] or "") if job else self.page(404)
        routes: dict[str, Callable[[Request], Answer]] = {
            "/api/json": self._top,
            "/me/api/json": self._me,
            "/queue/api/json": self._queue,
            "/queue/cancelItem": self._cancel_item,
            "/crumbIssuer/api/json": self._crumb,
        }
        return routes[path](request) if path in routes else self.page(404)

    # Who asks

    def _who_asks(self, request: Request, path: str) -> Answer | None:
        given = request.headers.get("authorization", "")
        if given:
            expected = (self.stand.token, self.stand.password)
            tried = base64.b64decode(given.removeprefix("Basic ")).decode()
            if tried not in [f"{self.stand.username}:{secret}" for secret in expected if secret]:
                return self.page(401, "Invalid password/token for user", {"WWW-Authenticate": "B"})
            return None
        if self.stand.anonymous_reads and request.method != "POST" and not path.startswith("/me/"):
            return None
        return self.page(403, "Authentication required")

    def _has_token(self, request: Request) -> bool:
        name = f"{self.stand.username}:{self.stand.token}".encode()
        given = request.headers.get("authorization", "")
        return given == f"Basic {base64.b64encode(name).decode()}"

    def _crumb(self, request: Request) -> Answer:
        if not self.stand.wants_crumbs:
            return self.page(404)
        told = {"crumb": self.stand.crumb, "crumbRequestField": "Jenkins-Crumb"}
        cookie = {"Set-Cookie": f"JSESSIONID={self.stand.session}; Path=/; HttpOnly"}
        answer = _json(request, {"_class": "hudson.security.csrf.DefaultCrumbIssuer", **told})
        return Answer(answer.status, answer.body, {**answer.headers, **cookie})

    def _crumb_missing(self, request: Request) -> Answer | None:
        if not self.stand.wants_crumbs or self._has_token(request):
            return None
        cookies = SimpleCookie(request.headers.get("cookie", ""))
        session = cookies["JSESSIONID"].value if "JSESSIONID" in cookies else ""
        crumb = request.headers.get("jenkins-crumb")
        if crumb == self.stand.crumb and session == self.stand.session:
            return None
        return self.page(403, "No valid crumb was included in the request")

    # The server

    def _top(self, request: Request) -> Answer:
        jobs = [job_json(job, self.stand.root_url) for job in self.stand.jobs.values()]
        told = {"mode": "NORMAL", "useCrumbs": self.stand.wants_crumbs, "jobs": jobs}
        return _json(request, {"_class": "hudson.model.Hudson", **told})

    def _me(self, request: Request) -> Answer:
        name = self.stand.username
        return _json(request, {"_class": "hudson.model.User", "fullName": name, "id": name})

    def _queue(self, request: Request) -> Answer:
        waiting = [item for item in self.stand.items.values() if not item.is_left]
        items = [item_json(item, self.stand.root_url) for item in waiting]
        return _json(request, {"_class": "hudson.model.Queue", "items": items})

    def _cancel_item(self, request: Request) -> Answer:
        if request.method != "POST":
            return self.page(405)
        item = self.stand.items.get(int(request.value("id") or 0))
        if "cancel" in self.stand.denied:
            return self._may_not("Cancel")
        if item and not item.is_left:
            item.cancelled = True
        return Answer(204)

    # A job

    def _of_job(self, request: Request, job: Job, rest: str) -> Answer:
        if rest == "api/json":
            return _json(request, job_json(job, self.stand.root_url))
        if rest == "buildWithParameters":
            return self._order(request, job)
        if rest == "build" and request.method == "GET" and job.parameters:
            if "build" in self.stand.denied:
                return self._may_not("Build")
            return self.page(405, "This build requires parameters")
        if found := _BUILD.fullmatch(rest):
            build = job.builds.get(int(found[1]))
            return self._of_build(request, build, found[2] or "") if build else self.page(404)
        return self.page(404)

    def _order(self, request: Request, job: Job) -> Answer:
        if "build" in self.stand.denied:
            return self._may_not("Build")
        if request.method != "POST":
            return self.page(405)
        if not job.buildable:
            return self.page(409, "is not buildable")
        if not job.parameters:
            return self.page(400, "is not parameterized")
        given = {name: request.value(name) or "" for name in job.parameters}
        item = self.stand.accept(job, given)
        place = f"{self.stand.root_url}queue/item/{item.id}/"
        return Answer(201, b"", {"Location": place})

    # A build

    def _of_build(self, request: Request, build: Build, rest: str) -> Answer:
        if rest == "api/json":
            return _json(request, build_json(build, self.stand.root_url))
        if rest == "logText/progressiveText":
            return _log(request, build)
        if rest == "stop":
            return self._stop(request, build)
        if unquote(rest) == "artifact/*zip*/archive.zip":
            packed = _packed(build.artifacts)
            return Answer(200, packed, {"Content-Type": "application/zip"})
        if rest.startswith("artifact/"):
            content = build.artifacts.get(unquote(rest.removeprefix("artifact/")))
            kind = {"Content-Type": "application/octet-stream"}
            return self.page(404) if content is None else Answer(200, content, kind)
        return self.page(404)

    def _stop(self, request: Request, build: Build) -> Answer:
        if request.method != "POST":
            return self.page(405)
        if "cancel" in self.stand.denied:
            return self._may_not("Cancel")
        if build.result is None:
            self.stand.finish(build, "ABORTED")
        return Answer(302, b"", {"Location": self.stand.root_url + build.path})

    def _may_not(self, right: str) -> Answer:
        wanted = {"X-Required-Permission": f"hudson.model.Item.{right}"}
        return self.page(
            403, f"{self.stand.username} is missing the Job/{right} permission", wanted
        )

    def page(
        self, status: int, text: str = "Not Found", headers: dict[str, str] | None = None
    ) -> Answer:
        body = f"<html><head><title>Error {status}</title></head><body>{text}</body></html>"
        return Answer(status, body.encode(), _HTML | (headers or {}))


def _json(request: Request, told: dict[str, Any]) -> Answer:
    tree = request.query.get("tree")
    body = json.dumps(prune(told, tree) if tree else told).encode()
    return Answer(200, body, {"Content-Type": "application/json;charset=utf-8"})


def _log(request: Request, build: Build) -> Answer:
    """From the raw place `start` on: without what Jenkins hides in it, and with CR LF. Of one that
    runs only whole lines, and not too many at once."""
    start = int(request.query.get("start", "0"))
    start = 0 if start > len(build.log) else start
    raw, headers = build.log[start:], {"Content-Type": "text/plain;charset=utf-8"}
    if build.result is None:
        ends = [0, *(end.end() for end in _LINE_END.finditer(raw))]
        raw = raw[: ends[:MOST_LINES][-1]]
        headers["X-More-Data"] = "true"
    headers["X-Text-Size"] = str(start + len(raw))
    return Answer(200, _LONE_LF.sub(b"\r\n", _NOTE.sub(b"", raw)), headers)


def _packed(artifacts: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in artifacts.items():
            archive.writestr(f"archive/{name}", content)
    return kept.getvalue()
