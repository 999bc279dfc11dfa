"""A GitLab stand-in, the adapter under test, and orders for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from slipway.adapters.builds.gitlab import GitLabServer
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource
from tests.stands.gitlab import GitLabStand
from tests.stands.gitlab_state import Pipeline, Project

# Enough for whatever comes at all, on a busy machine too.
USUAL = RequestLimits(connect=10, read=10, answer=10)
# For what never comes, or hardly.
HASTY = RequestLimits(connect=1, read=1, answer=1, progress_time=1, progress_bytes=64)


@dataclass(slots=True)
class Bench:
    """`hasty` is the same adapter, which does not wait for long."""

    stand: GitLabStand
    project: Project
    server: GitLabServer
    hasty: GitLabServer

    def order(
        self,
        source: PackageSource | None = None,
        *,
        ref: str = "main",
        correlation: str = "b-1",
        variables: Mapping[str, str] | None = None,
        **access: object,
    ) -> BuildOrder:
        return BuildOrder(
            self.stand.access(**access),
            service="billing",
            project=self.project.path,
            ref=ref,
            commit="",
            correlation=correlation,
            source=source or PackageSource(path="dist/billing.tar.gz"),
            variables=variables or {},
        )

    def start(self, order: BuildOrder | None = None) -> tuple[str, Pipeline]:
        """Start a build; returns its id and its pipeline."""
        build_id = self.server.start(order or self.order())
        return build_id, self.project.pipelines[int(build_id)]

    def fetch(
        self, order: BuildOrder, build_id: str, server: GitLabServer | None = None
    ) -> tuple[str, bytes]:
        with (server or self.server).fetch(order, build_id) as package:
            return package.filename, b"".join(package.chunks)

    def limited(self, order: BuildOrder, size_limit: int) -> BuildOrder:
        return replace(order, size_limit=size_limit)


@contextmanager
def gitlab_bench(**stand: object) -> Iterator[Bench]:
    with GitLabStand(**stand) as running:  # type: ignore[arg-type]
        project = running.add_project("shop/billing")
        project.commit("main", "Begin", "Bob")
        project.commit("main", "Add invoices", "Alice")
        yield Bench(running, project, GitLabServer(limits=USUAL), GitLabServer(limits=HASTY))
