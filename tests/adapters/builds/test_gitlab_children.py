"""A package that a job of a child pipeline makes is found; one of another project is not."""

from collections.abc import Iterator

import pytest

from slipway.core.builds import PackageSource, SourceKind
from slipway.ports.builds import PackageMissing
from tests.adapters.builds.gitlab_bench import Bench, gitlab_bench
from tests.stands.gitlab_state import Pipeline, Project

DATA = b"package" * 1000
FILES = {"dist/a.tar.gz": DATA}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


def child_of(bench: Bench, parent: Pipeline, project: Project, job: str) -> Pipeline:
    project.job_names = (("build", job),)
    child = bench.stand.world.make_pipeline(project, "main", parent.sha, "parent_pipeline", {})
    parent.children.append(child)
    bench.stand.succeed(child, FILES)
    return child


def source(kind: SourceKind = SourceKind.ARTIFACT, job: str = "") -> PackageSource:
    return PackageSource(kind, job=job, path="" if kind is SourceKind.ARCHIVE else "dist/a.tar.gz")


@pytest.mark.parametrize("job", ["linux", ""])
@pytest.mark.parametrize("kind", [SourceKind.ARTIFACT, SourceKind.ARCHIVE])
def test_a_job_of_a_child_is_found(bench: Bench, kind: SourceKind, job: str) -> None:
    build_id, pipeline = bench.start()
    child_of(bench, pipeline, bench.project, "linux")
    bench.stand.succeed(pipeline)
    _, data = bench.fetch(bench.order(source(kind, job)), build_id)
    assert data if kind is SourceKind.ARCHIVE else data == DATA


def test_so_is_one_of_a_childs_child(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    child = child_of(bench, pipeline, bench.project, "windows")
    child_of(bench, child, bench.project, "linux")
    child.children.append(pipeline)  # what leads in a circle ends all the same
    bench.stand.succeed(pipeline)
    assert bench.fetch(bench.order(source(job="linux")), build_id)[1] == DATA


def test_a_pipeline_of_another_project_is_no_child(bench: Bench) -> None:
    other = bench.stand.add_project("shop/other")
    other.commit("main", "Begin")
    build_id, pipeline = bench.start()
    child_of(bench, pipeline, other, "linux")
    bench.stand.succeed(pipeline)
    with pytest.raises(PackageMissing, match="no job linux"):
        bench.fetch(bench.order(source(job="linux")), build_id)


def test_the_pipelines_own_job_goes_first(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    child_of(bench, pipeline, bench.project, "package")
    bench.stand.succeed(pipeline, {"dist/a.tar.gz": b"own"})
    assert bench.fetch(bench.order(source(job="package")), build_id)[1] == b"own"
