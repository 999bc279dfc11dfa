"""The jobs of child pipelines, which a pipeline's own list does not name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.adapters.builds.gitlab.answers import Job, job_from
from slipway.adapters.builds.gitlab.api import GitLabApi, NotThere, path
from slipway.core.builds import PackageSource, SourceKind

_MOST_CHILDREN = 50
_MOST_JOBS = 500  # of one pipeline


def with_jobs_of_children(
    api: GitLabApi,
    project: str,
    pipeline: Mapping[str, Any],
    jobs: Sequence[Job],
    source: PackageSource,
) -> list[Job]:
    """Return `jobs`, and those of children where none of these can have the package."""
    if source.kind is SourceKind.REGISTRY or any(_may_have_it(job, source) for job in jobs):
        return list(jobs)
    return [*jobs, *_jobs_of_children(api, project, pipeline)]


def _may_have_it(job: Job, source: PackageSource) -> bool:
    if source.job:
        return job.name == source.job
    return job.has_dotenv if source.kind is SourceKind.URL else job.has_archive


def _jobs_of_children(api: GitLabApi, project: str, pipeline: Mapping[str, Any]) -> Iterator[Job]:
    waiting, seen = [pipeline], {int(pipeline["id"])}
    while waiting:
        parent = waiting.pop(0)
        for child in _children(api, project, parent):
            number = int(child["id"])
            if number in seen or len(seen) > _MOST_CHILDREN:
                continue
            seen.add(number)
            waiting.append(child)
            where = path("projects", project, "pipelines", number, "jobs")
            yield from (job_from(each) for each in api.list(where, _MOST_JOBS))


def _children(
    api: GitLabApi, project: str, parent: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    where = path("projects", project, "pipelines", int(parent["id"]), "bridges")
    try:
        bridges = api.list(where, _MOST_JOBS)
    except NotThere:  # a GitLab from before there were any
        return
    for bridge in bridges:
        child = bridge.get("downstream_pipeline")
        # One of another project is not built from this commit.
        if child and _home(child) == _home(parent):
            yield child


def _home(pipeline: Mapping[str, Any]) -> str:
    return str(pipeline["web_url"]).rpartition("/")[0]
