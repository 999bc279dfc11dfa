"""What Jenkins remembers: recent builds, and the commits between two of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.adapters.builds.jenkins.jobs import Job, is_multibranch, read_project
from slipway.adapters.builds.jenkins.seen import (
    BUILD_TREE,
    CHANGES_TREE,
    builds_in,
    changes,
    entries,
    number,
    seen,
)
from slipway.adapters.builds.jenkins.talk import NoSuchPage, Talk
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.seen import Commit, Comparison, SeenBuild

_MOST = 100
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def list_recent(talk: Talk, order: BuildOrder, since: datetime) -> tuple[SeenBuild, ...]:
    """Return builds changed since then: of the job, or of all branches (the newest ten of each)."""
    of_job, of_branch = f"builds[{BUILD_TREE}]{{0,100}}", f"builds[{BUILD_TREE}]{{0,10}}"
    told = read_project(talk, order.project, f"_class,{of_job},jobs[name,{of_branch}]")
    found = [build for build in _seen(order, told) if _is_changed(build, since)]
    found.sort(key=lambda build: build.started_at or _EARLIEST, reverse=True)
    return tuple(found[:_MOST])


def _seen(order: BuildOrder, told: Mapping[str, Any]) -> Iterator[SeenBuild]:
    if not is_multibranch(told):
        for build in builds_in(told):
            yield seen(order, "", build)
        return
    for job in entries(told, "jobs"):
        if isinstance(job.get("name"), str):
            for build in builds_in(job):
                yield seen(order, job["name"], build)


def _is_changed(build: SeenBuild, since: datetime) -> bool:
    if not build.status.is_over:
        return True
    last = build.finished_at or build.started_at
    return last is not None and last >= since


def compare(talk: Talk, order: BuildOrder, job: Job, base: str, head: str) -> Comparison:
    """Join the change logs of the builds after that of `base`, up to that of `head`."""
    try:
        told = talk.read(job.path, f"builds[{CHANGES_TREE}]{{0,100}}")
    except NoSuchPage:
        return Comparison((), 0)
    builds = sorted(builds_in(told), key=lambda build: number(build.get("number")))
    commits = [seen(order, job.branch, build).commit for build in builds]
    if base not in commits or head not in commits:
        return Comparison((), 0)
    # The last that built `base`: it may have been built more than once.
    first, last = len(commits) - commits[::-1].index(base), commits.index(head)
    between: dict[str, Commit] = {}
    for build in builds[first : last + 1]:
        between.update((commit.id, commit) for commit in changes(build) if commit.id)
    newest_first = sorted(between.values(), key=lambda c: c.at or _EARLIEST, reverse=True)
    return Comparison(tuple(newest_first[:_MOST]), len(newest_first))
