"""The jobs of child pipelines, which a pipeline's own list does not name."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.adapters.builds.gitlab.answers import Job, job_from
from slipway.adapters.builds.gitlab.api import GitLabApi, NotThere, path

_MOST_CHILDREN = 50
_MOST_JOBS = 500  # of one pipeline


def jobs_of_children(
    api: GitLabApi, project: str, pipeline: Mapping[str, Any], *, retried: bool = False
) -> list[Job]:
    """Return the jobs of all pipelines below this one, each under the names of what triggered it;
    `retried`: with the tries before a retry."""
    jobs: list[Job] = []
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
            jobs += _jobs(api, project, number, title, retried=retried)
    return jobs


def _jobs(api: GitLabApi, project: str, number: int, above: str, *, retried: bool) -> Iterator[Job]:
    where = path("projects", project, "pipelines", number, "jobs")
    query = {"include_retried": "true"} if retried else {}
    try:
        yield from (job_from(each, above) for each in api.list(where, _MOST_JOBS, **query))
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
