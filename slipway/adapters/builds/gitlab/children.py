"""The jobs of child pipelines, which a pipeline's own list does not name."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from slipway.adapters.builds.gitlab.answers import PipelineJob, job_from
from slipway.adapters.builds.gitlab.api import GitLabApi, NotThere, path
from slipway.core.builds.orders import BuildOrder

ASKED_ONCE_IN = 6  # times that a pipeline that runs is looked at or its log is read
_MOST_CHILDREN = 50
_MOST_JOBS = 500  # of one pipeline
_MOST_KNOWN = 1000  # pipelines that run; of another one it is asked anew


@dataclass(frozen=True, slots=True)
class Child:
    """A pipeline below another; `above`: the names of what triggered it."""

    id: int
    above: str


@dataclass(slots=True)
class _Family:
    children: tuple[Child, ...]
    times: int = 1


class Families:
    """The children of pipelines that run: each pipeline below one is asked for its own, which most
    have none of, so that is not done at every look. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, ...], _Family] = OrderedDict()

    def children_of(
        self, api: GitLabApi, order: BuildOrder, pipeline: Mapping[str, Any], *, is_over: bool
    ) -> tuple[Child, ...]:
        """Return the pipelines below this one; once it is over, all of them."""
        key = (order.access.base_url, order.project, str(pipeline["id"]))
        known = None if is_over else self._recall(key)
        if known is not None:
            return known
        found = tuple(list_children(api, order.project, pipeline))
        with self._lock:
            self._known.pop(key, None)
            if not is_over:
                self._known[key] = _Family(found)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return found

    def _recall(self, key: tuple[str, ...]) -> tuple[Child, ...] | None:
        with self._lock:
            family = self._known.get(key)
            if family is None or family.times >= ASKED_ONCE_IN:
                return None
            family.times += 1
            return family.children


def list_children(api: GitLabApi, project: str, pipeline: Mapping[str, Any]) -> Iterator[Child]:
    """Yield all pipelines below this one."""
    waiting, seen = [(pipeline, "")], {int(pipeline["id"])}
    while waiting:
        parent, above = waiting.pop(0)
        for child, trigger in _children(api, project, parent):
            number = int(child["id"])
            if number in seen or len(seen) > _MOST_CHILDREN:
                continue
            seen.add(number)
            title = f"{above}: {trigger}" if above else trigger
            waiting.append((child, title))
            yield Child(number, title)


def jobs_of(
    api: GitLabApi, project: str, children: tuple[Child, ...], *, retried: bool = False
) -> list[PipelineJob]:
    """Return their jobs, each under the names of what triggered it; `retried`: with the tries
    before a retry."""
    return [job for child in children for job in _jobs(api, project, child, retried=retried)]


def _jobs(api: GitLabApi, project: str, child: Child, *, retried: bool) -> Iterator[PipelineJob]:
    where = path("projects", project, "pipelines", child.id, "jobs")
    query = {"include_retried": "true"} if retried else {}
    try:
        yield from (job_from(each, child.above) for each in api.list(where, _MOST_JOBS, **query))
    except NotThere:  # deleted in the meantime
        return


def _children(
    api: GitLabApi, project: str, parent: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield each child, and the name of the job that has triggered it."""
    where = path("projects", project, "pipelines", int(parent["id"]), "bridges")
    try:
        for bridge in api.list(where, _MOST_JOBS):
            child = bridge.get("downstream_pipeline")
            # One of another project is not built from this commit.
            if child and _home(child) == _home(parent):
                yield child, str(bridge.get("name") or child["id"])
    except NotThere:  # a GitLab from before there were any
        return


def _home(pipeline: Mapping[str, Any]) -> str:
    return str(pipeline["web_url"]).rpartition("/")[0]
