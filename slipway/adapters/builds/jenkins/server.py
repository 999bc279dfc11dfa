"""Jenkins, as one of those who build for us."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx

from slipway.adapters.builds.jenkins import log as logs
from slipway.adapters.builds.jenkins import packages
from slipway.adapters.builds.jenkins.findings import find_all, finding
from slipway.adapters.builds.jenkins.history import compare, list_recent
from slipway.adapters.builds.jenkins.jobs import (
    Job,
    Place,
    build_path,
    check_meant,
    find_job,
    gone,
    is_url_of,
    parse_id,
    path_of,
    place_of_url,
)
from slipway.adapters.builds.jenkins.parameters import parameters
from slipway.adapters.builds.jenkins.seen import (
    BUILD_TREE,
    ITEM_TREE,
    builds_in,
    entries,
    is_ordered_by,
    number,
    seen,
    waiting,
)
from slipway.adapters.builds.jenkins.talk import NoSuchPage, Talk
from slipway.adapters.builds.pauses import retry_after
from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.outlet import RequestLimits
from slipway.adapters.egress.trouble import Unanswered
from slipway.core.builds.orders import BuildOrder, ServerAccess
from slipway.core.builds.seen import Comparison, FetchedPackage, Finding, LogPiece, SeenBuild
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import BuildGone, ServerRefused, StartUnsure

_QUEUED = re.compile(r"/queue/item/([0-9]{1,18})/?$")
_RECENT = "{0,100}"  # Jenkins' own cut


class JenkinsServer:
    """The port BuildServer, for jobs (with a parameter for the ref) and multibranch projects (whose
    branch's job is chosen by the ref). Ids: see Place. Keeps nothing between calls; safe for many
    threads."""

    def __init__(
        self, *, limits: RequestLimits | None = None, resolver: Resolver = resolve
    ) -> None:
        self._limits = limits
        self._resolver = resolver

    def _talk(self, access: ServerAccess) -> Talk:
        return Talk(access, limits=self._limits, resolver=self._resolver)

    def test(self, access: ServerAccess, project: str = "") -> tuple[Finding, ...]:
        try:
            with self._talk(access) as talk:
                return tuple(find_all(talk, project))
        except Refused as error:  # an address, or a certificate, that cannot be used at all
            return (finding(error),)

    def resolve(self, order: BuildOrder) -> str:
        """Return "": Jenkins can say the commit only once it builds it."""
        with self._talk(order.access) as talk:
            check_meant(order, find_job(talk, order))
        return ""

    def start(self, order: BuildOrder) -> str:
        """Have it built; returns its place in the queue."""
        with self._talk(order.access) as talk:
            job = find_job(talk, order)
            check_meant(order, job)
            given = parameters(order, job)
            try:
                response = talk.post(job.path, "buildWithParameters", given)
            except Unanswered as error:
                raise _unsure(order, error.sentence) from error
            return _started(talk, order, response)

    def find(self, order: BuildOrder) -> SeenBuild | None:
        with self._talk(order.access) as talk:
            job = find_job(talk, order)
            # First the queue: what leaves it meanwhile is among the builds a moment later.
            for item in entries(_read(talk, "queue/", f"items[{ITEM_TREE}]"), "items"):
                task = item.get("task")
                url = task.get("url") if isinstance(task, dict) else None
                if is_ordered_by(item, order) and is_url_of(job, url):
                    return waiting(order, item)
            ours = [told for told in _builds(talk, job) if is_ordered_by(told, order)]
        # Somebody who builds it again in Jenkins hands on our mark: the first one is ours.
        first = min(ours, key=lambda told: number(told.get("number")), default=None)
        return seen(order, job.branch, first) if first else None

    def look(self, order: BuildOrder, build_id: str) -> SeenBuild:
        with self._talk(order.access) as talk:
            found = _follow(talk, order, build_id)
            return _see(talk, order, found) if isinstance(found, Place) else found

    def log(self, order: BuildOrder, build_id: str, position: str) -> LogPiece:
        with self._talk(order.access) as talk:
            found = _follow(talk, order, build_id)
            if isinstance(found, SeenBuild):
                return logs.waiting_piece(found.says, position)
            try:
                return logs.read_log(talk, build_path(order, found), position)
            except NoSuchPage as error:
                raise gone(order, build_id) from error

    @contextmanager
    def fetch(self, order: BuildOrder, build_id: str) -> Iterator[FetchedPackage]:
        with self._talk(order.access) as talk:
            found = _follow(talk, order, build_id)
            if isinstance(found, SeenBuild):
                raise gone(order, build_id)  # it never came to building it
            with packages.fetch(talk, order, found) as package:
                yield package

    def cancel(self, order: BuildOrder, build_id: str) -> None:
        with self._talk(order.access) as talk:
            try:
                place = parse_id(order, build_id)
                if place.queue:
                    _end(talk, order, "queue/", "cancelItem", {"id": str(place.queue)})
                # What has left the queue before that runs.
                found = _follow(talk, order, build_id)
            except BuildGone:
                return
            if isinstance(found, Place):
                _end(talk, order, build_path(order, found), "stop", {})

    def list_recent(self, order: BuildOrder, since: datetime) -> tuple[SeenBuild, ...]:
        """As the port says. What waits in the queue is no build yet."""
        with self._talk(order.access) as talk:
            return list_recent(talk, order, since)

    def tidy(self, now: datetime) -> None:
        """Do nothing: all it leaves is over there."""

    def compare(self, order: BuildOrder, base: str, head: str) -> Comparison:
        """Return what the change logs of the builds after `base` up to `head` say: nothing, where
        Jenkins does not know both as builds of the job of the order's ref (any more)."""
        with self._talk(order.access) as talk:
            return compare(talk, order, find_job(talk, order), base, head)


def _read(talk: Talk, path: str, tree: str) -> Mapping[str, Any]:
    """Read what is always there."""
    try:
        return talk.read(path, tree)
    except NoSuchPage as error:
        raise ServerRefused(
            "{server} has no {path}.",
            hint="Is its address that of Jenkins' first page, and does the job still exist?",
            server=talk.access.name,
            path=shown(path, 200),
        ) from error


def _builds(talk: Talk, job: Job) -> Iterator[Mapping[str, Any]]:
    return builds_in(_read(talk, job.path, f"builds[{BUILD_TREE}]{_RECENT}"))


def _started(talk: Talk, order: BuildOrder, response: httpx.Response) -> str:
    """Return the id. Only an answer that says so says that nothing was started."""
    status = response.status_code
    queued = _QUEUED.search(path_of(response.headers.get("Location")))
    if status == 201 and queued:
        return Place(queue=int(queued[1])).id
    if status == 409:
        raise ServerRefused(
            "{project} on {server} cannot be built now.",
            hint="Is it disabled? Enable it in Jenkins.",
            project=shown(order.project),
            server=order.access.name,
        )
    if 400 <= status < 500:
        talk.checked(response)
    template = "{server} answered with the status {status}."
    answer = Sentence.of("answered", template, server=order.access.name, status=status)
    unsure = _unsure(order, answer)
    unsure.retry_after = retry_after(response.headers)
    raise unsure


def _unsure(order: BuildOrder, reason: Sentence) -> StartUnsure:
    return StartUnsure(
        "{server} may have started the build of {project}: {reason}",
        hint="It is looked for before it is started again. Look at {server} if it stays so.",
        server=order.access.name,
        project=shown(order.project),
        reason=replace(reason, hint=""),
    )


def _follow(talk: Talk, order: BuildOrder, build_id: str) -> Place | SeenBuild:
    """Return the place of the build, or what is seen of it while, or because, it has no number.
    Raises BuildGone."""
    place = parse_id(order, build_id)
    if not place.queue:
        return place
    try:
        item = talk.read(f"queue/item/{place.queue}/", ITEM_TREE)
    except NoSuchPage:  # forgotten some minutes after it was left
        return _by_queue(talk, order, place)
    executable = item.get("executable")
    if not isinstance(executable, dict):
        return replace(waiting(order, item), id=place.id)
    if built := place_of_url(order, executable.get("url")):
        return built
    raise gone(order, build_id)


def _by_queue(talk: Talk, order: BuildOrder, place: Place) -> Place:
    job = find_job(talk, order)
    for told in _builds(talk, job):
        if number(told.get("queueId")) == place.queue:
            return Place(branch=job.branch, number=number(told["number"]))
    raise gone(order, place.id)


def _see(talk: Talk, order: BuildOrder, place: Place) -> SeenBuild:
    try:
        told = talk.read(build_path(order, place), BUILD_TREE)
    except NoSuchPage as error:
        raise gone(order, place.id) from error
    return replace(seen(order, place.branch, told), id=place.id)


def _end(talk: Talk, order: BuildOrder, path: str, entry: str, data: Mapping[str, str]) -> None:
    """What is not there (any more) has ended; a redirect leads to a page for people."""
    response = talk.post(path, entry, data)
    if response.is_redirect or response.status_code == 404:
        return
    talk.check(response)
