"""In which jobs the package is looked for: the pipeline's own, then those of its children."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from slipway.adapters.builds.gitlab.answers import PipelineJob
from slipway.adapters.builds.gitlab.api import GitLabApi
from slipway.adapters.builds.gitlab.packages import Jobs, PackageFinder
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.core.builds.seen import FetchedPackage
from slipway.ports.builds import PackageMissing


@contextmanager
def fetched(
    api: GitLabApi,
    order: BuildOrder,
    pipeline: Mapping[str, Any],
    own: Jobs,
    children: Callable[[], Jobs],
    scratch: Path | None,
) -> Iterator[FetchedPackage]:
    """Give the package of a pipeline. `children`: asks for the jobs of its children. Raises
    PackageMissing, ServerTrouble, ServerRefused."""
    with ExitStack() as held:

        def find(jobs: Jobs, known: Jobs) -> FetchedPackage:
            finder = PackageFinder(api, order, jobs, known, scratch)
            return held.enter_context(finder.fetch(pipeline))

        if _says_not_where(order.source):
            # The first archive that is met may be what a child is made of.
            every = [*own, *children()]
            package = find(every, every)
        else:
            try:
                package = find(own, own)
            except PackageMissing:
                others = [] if order.source.kind is SourceKind.REGISTRY else list(children())
                if not others:
                    raise
                fitting = [job for job in others if _may_have_it(job, order.source)]
                package = find(fitting or own, [*own, *others])
        yield package


def _says_not_where(source: PackageSource) -> bool:
    any_file = source.kind is SourceKind.ARTIFACT and not source.path
    return not source.job and (any_file or source.kind is SourceKind.ARCHIVE)


def _may_have_it(job: PipelineJob, source: PackageSource) -> bool:
    if source.job:
        return job.name == source.job
    return job.has_dotenv if source.kind is SourceKind.URL else job.has_archive
