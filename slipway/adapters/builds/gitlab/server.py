"""The port BuildServer over GitLab's REST API: starts, searches, looks, fetches, cancels."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from slipway.adapters.builds.gitlab.answers import (
    TOLD_BY_CHILDREN,
    TOLD_BY_JOBS,
    PipelineJob,
    build_from,
    commit_from,
    commit_id,
    created_at,
    job_from,
    reading,
)
from slipway.adapters.builds.gitlab.api import GitLabApi, NotThere, TooMany, path
from slipway.adapters.builds.gitlab.children import Families, jobs_of
from slipway.adapters.builds.gitlab.fetching import fetched
from slipway.adapters.builds.gitlab.findings import GitLabTest
from slipway.adapters.builds.gitlab.log import read_log
from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.outlet import RequestLimits
from slipway.adapters.egress.trouble import Unreachable
from slipway.core.builds.orders import BuildOrder, ServerAccess
from slipway.core.builds.seen import Comparison, FetchedPackage, Finding, LogPiece, SeenBuild
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.ports.builds import BuildGone, ServerTrouble, StartUnsure

CORRELATION = "SLIPWAY_BUILD"
SEARCHED = 300  # pipelines, the newest first
SEARCH_AGE = timedelta(days=1)
MOST_JOBS = 1000
MOST_RECENT = 1000  # a night of a busy project, should no worker have looked
MOST_COMMITS = 100


class GitLabServer:
    """See ports.builds.BuildServer. Keeps nothing between calls but what pipelines that run have
    below them; safe for many threads."""

    def __init__(
        self,
        *,
        limits: RequestLimits | None = None,
        resolver: Resolver = resolve,
        scratch: Path | None = None,
    ) -> None:
        """`scratch`: where archives wait while one file is taken out of them; as large as the
        largest of them. None: the system's folder for such files."""
        self._limits = limits
        self._resolver = resolver
        self._scratch = scratch
        self._families = Families()

    def test(self, access: ServerAccess, project: str = "") -> tuple[Finding, ...]:
        try:
            with self._api(access) as api:
                return GitLabTest(api, access, project).findings()
        except Refused as error:
            return (Finding(error.sentence, False),)

    def resolve(self, order: BuildOrder) -> str:
        with self._api(order.access) as api, reading(api):
            where = path("projects", order.project, "repository", "commits", order.ref)
            return commit_id(api.get(where, stats="false"))

    def start(self, order: BuildOrder) -> str:
        """GitLab builds a ref, so what the ref is by now is built, whatever the order's commit."""
        variables = {**order.variables, CORRELATION: order.correlation}
        body = {
            "ref": order.ref,
            "variables": [{"key": key, "value": value} for key, value in variables.items()],
        }
        with self._api(order.access) as api:
            try:
                with reading(api):
                    return str(
                        int(api.post(path("projects", order.project, "pipeline"), body)["id"])
                    )
            except (Unreachable, TooMany):
                raise  # nothing was started
            except ServerTrouble as error:
                raise StartUnsure(
                    "{server} may have started a pipeline for {project}, and did not say so: "
                    "{reason}",
                    hint="It is looked for before another one is started.",
                    server=order.access.name,
                    project=shown(order.project),
                    reason=error.sentence,
                ) from error

    def find(self, order: BuildOrder) -> SeenBuild | None:
        """Pipelines do not show their variables: each one that came by the API is asked for its
        own, those of the order's ref first."""
        with self._api(order.access) as api, reading(api):
            asked: set[int] = set()
            for query in ({"ref": order.ref}, {}):
                for pipeline in self._newest(api, order, query):
                    if (number := int(pipeline["id"])) in asked:
                        continue
                    asked.add(number)
                    if self._correlation(api, order, number) == order.correlation:
                        return build_from(pipeline, correlation=order.correlation)
        return None

    def look(self, order: BuildOrder, build_id: str) -> SeenBuild:
        with self._api(order.access) as api, self._gone(order, build_id), reading(api):
            pipeline = self._pipeline(api, order, build_id)
            status = pipeline["status"]
            jobs = self._jobs(api, order, build_id) if status in TOLD_BY_JOBS else []
            seen = build_from(pipeline, jobs=jobs)
            if seen.says or status not in TOLD_BY_CHILDREN:
                return seen
            return build_from(pipeline, jobs=self._below(api, order, pipeline))

    def log(self, order: BuildOrder, build_id: str, position: str) -> LogPiece:
        with self._api(order.access) as api, self._gone(order, build_id):
            with reading(api):
                pipeline = self._pipeline(api, order, build_id)
                jobs = self._jobs(api, order, build_id, retried=True)
                jobs += self._below(api, order, pipeline, retried=True)
            return read_log(api, order.project, jobs, position)

    def fetch(self, order: BuildOrder, build_id: str) -> AbstractContextManager[FetchedPackage]:
        return self._fetch(order, build_id)

    @contextmanager
    def _fetch(self, order: BuildOrder, build_id: str) -> Iterator[FetchedPackage]:
        with self._api(order.access, download=order.size_limit) as api:
            with self._gone(order, build_id), reading(api):
                pipeline = self._pipeline(api, order, build_id)
                own = self._jobs(api, order, build_id)

            def children() -> list[PipelineJob]:
                with reading(api):
                    return self._below(api, order, pipeline)

            with fetched(api, order, pipeline, own, children, self._scratch) as package:
                yield package

    def cancel(self, order: BuildOrder, build_id: str) -> None:
        where = path("projects", order.project, "pipelines", build_id, "cancel")
        with self._api(order.access) as api, reading(api), suppress(NotThere):
            build_from(api.post(where, {}))

    def list_recent(self, order: BuildOrder, since: datetime) -> tuple[SeenBuild, ...]:
        with self._api(order.access) as api, reading(api):
            pipelines = api.list(
                path("projects", order.project, "pipelines"),
                MOST_RECENT,
                updated_after=since.isoformat(),
                order_by="updated_at",
                sort="desc",
            )
            return tuple(self._with_correlation(api, order, each) for each in pipelines)

    def tidy(self, now: datetime) -> None:
        """Do nothing: all it leaves is over there."""

    def compare(self, order: BuildOrder, base: str, head: str) -> Comparison:
        with self._api(order.access) as api, reading(api):
            where = path("projects", order.project, "repository", "compare")
            answer = api.get(where, **{"from": base, "to": head})
            commits = [commit_from(each) for each in answer["commits"]]
            # The oldest comes first, as in the history.
            commits.reverse()
            url = str(answer.get("web_url") or "")
            return Comparison(tuple(commits[:MOST_COMMITS]), len(commits), url)

    def _api(self, access: ServerAccess, *, download: int = 4 * 1024**3) -> GitLabApi:
        return GitLabApi(access, download=download, limits=self._limits, resolver=self._resolver)

    def _pipeline(self, api: GitLabApi, order: BuildOrder, build_id: str) -> Mapping[str, Any]:
        pipeline = api.get(path("projects", order.project, "pipelines", build_id))
        build_from(pipeline)  # it is one
        return pipeline

    def _jobs(
        self, api: GitLabApi, order: BuildOrder, build_id: str, *, retried: bool = False
    ) -> list[PipelineJob]:
        where = path("projects", order.project, "pipelines", build_id, "jobs")
        query = {"include_retried": "true"} if retried else {}
        jobs = [job_from(each) for each in api.list(where, MOST_JOBS, **query)]
        return sorted(jobs, key=lambda job: job.id)

    def _below(
        self,
        api: GitLabApi,
        order: BuildOrder,
        pipeline: Mapping[str, Any],
        *,
        retried: bool = False,
    ) -> list[PipelineJob]:
        """The jobs of child pipelines."""
        is_over = build_from(pipeline).status.is_over
        children = self._families.children_of(api, order, pipeline, is_over=is_over)
        return jobs_of(api, order.project, children, retried=retried)

    def _newest(
        self, api: GitLabApi, order: BuildOrder, query: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any]]:
        """The pipelines of the last day that came by the API, by the server's clock."""
        where = path("projects", order.project, "pipelines")
        found = api.list(where, SEARCHED, source="api", order_by="id", sort="desc", **query)
        for pipeline in found:
            made_at, now = created_at(pipeline), api.now()
            if made_at and now and made_at < now - SEARCH_AGE:
                return
            yield pipeline

    def _correlation(self, api: GitLabApi, order: BuildOrder, pipeline: int) -> str:
        where = path("projects", order.project, "pipelines", pipeline, "variables")
        try:
            variables = {str(each["key"]): str(each["value"]) for each in api.list(where)}
        except NotThere:
            return ""  # deleted in the meantime
        return variables.get(CORRELATION, "")

    def _with_correlation(
        self, api: GitLabApi, order: BuildOrder, pipeline: Mapping[str, Any]
    ) -> SeenBuild:
        correlation = ""
        if pipeline.get("source") == "api":  # ours are
            correlation = self._correlation(api, order, int(pipeline["id"]))
        return build_from(pipeline, correlation=correlation)

    @contextmanager
    def _gone(self, order: BuildOrder, build_id: str) -> Iterator[None]:
        try:
            yield
        except NotThere as error:
            raise BuildGone(
                "{server} does not know pipeline {id} of {project} (any more).",
                hint="It was deleted there, or the token's user may no longer see it. Build again.",
                server=order.access.name,
                id=build_id,
                project=shown(order.project),
            ) from error
