"""Jobs of child pipelines: their package is found, their log is read, and what they say is said;
of a pipeline of another project nothing is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from slipway.adapters.builds.gitlab.children import ASKED_ONCE_IN
from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.ports.builds import PackageMissing
from tests.adapters.builds.gitlab.bench import Bench, gitlab_bench
from tests.stands.gitlab_state import Pipeline, Project

DATA = b"package" * 1000
FILES = {"dist/a.tar.gz": DATA}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


def running_child_of(bench: Bench, parent: Pipeline, project: Project, job: str) -> Pipeline:
    project.job_names = (("build", job),)
    child = bench.stand.world.make_pipeline(project, "main", parent.sha, "parent_pipeline", {})
    parent.children[f"run-{job}"] = child
    bench.stand.run(child)
    return child


def child_of(bench: Bench, parent: Pipeline, project: Project, job: str) -> Pipeline:
    child = running_child_of(bench, parent, project, job)
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
    child.children["again"] = pipeline  # what leads in a circle ends all the same
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


def test_where_the_pipelines_own_archives_lack_the_file_those_of_children_are_looked_at(
    bench: Bench,
) -> None:
    build_id, pipeline = bench.start()
    child_of(bench, pipeline, bench.project, "linux")
    bench.stand.succeed(pipeline, {"child.yml": b"linux: {}"}, job="check")  # makes the children
    assert bench.fetch(bench.order(source()), build_id)[1] == DATA
    pattern = PackageSource(SourceKind.ARTIFACT, path="dist/*.gz")
    assert bench.fetch(bench.order(pattern), build_id)[1] == DATA


def test_a_job_of_that_name_without_artifacts_does_not_hide_a_childs(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    child_of(bench, pipeline, bench.project, "package")
    bench.stand.succeed(pipeline)
    assert bench.fetch(bench.order(source(job="package")), build_id)[1] == DATA


@pytest.mark.parametrize("kind", [SourceKind.ARTIFACT, SourceKind.ARCHIVE])
def test_no_archive_is_guessed_where_parent_and_child_have_one(
    bench: Bench, kind: SourceKind
) -> None:
    build_id, pipeline = bench.start()
    child_of(bench, pipeline, bench.project, "linux")
    bench.stand.succeed(pipeline, {"child.yml": b"linux: {}"}, job="check")
    with pytest.raises(PackageMissing, match="job has artifacts: check, run-linux: linux") as told:
        bench.fetch(bench.order(PackageSource(kind)), build_id)
    assert "check, package, run-linux: linux" in told.value.hint


def test_an_address_that_a_childs_job_prints_is_followed(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    child = running_child_of(bench, pipeline, bench.project, "linux")
    bench.stand.publish(bench.project, "billing", "1", "a.tar.gz", DATA)
    base = f"{bench.stand.url}/api/v4/projects/shop%2Fbilling/packages/generic"
    dotenv = f"WHERE={base}/billing/1/a.tar.gz\n"
    bench.stand.succeed(child, {"build.env": dotenv.encode()}, dotenv=dotenv)
    bench.stand.succeed(pipeline, {"other.env": b"A=1\n"}, dotenv="A=1\n")
    order = bench.order(PackageSource(SourceKind.URL, path="WHERE"))
    assert bench.fetch(order, build_id)[1] == DATA


def test_what_jobs_of_children_print_is_in_the_log_under_what_triggered_them(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.print(pipeline, "well\n", job="check")
    bench.stand.run(pipeline)
    linux = running_child_of(bench, pipeline, bench.project, "linux")
    bench.stand.print(linux, "compiling\n")
    first = bench.server.log(bench.order(), build_id, "")
    deep = running_child_of(bench, linux, bench.project, "linux")  # called alike, and no retry
    bench.stand.print(deep, "deeper\n")
    second = first
    for _ in range(ASKED_ONCE_IN):
        second = bench.server.log(bench.order(), build_id, second.position)
        if second.text:
            break
    assert first.text == "=== check (test) ===\nwell\n=== run-linux: linux (build) ===\ncompiling\n"
    assert second.text == "=== run-linux: run-linux: linux (build) ===\ndeeper\n"


def test_a_childs_tries_are_all_in_the_log(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    child = running_child_of(bench, pipeline, bench.project, "linux")
    bench.stand.print(child, "no disk\n")
    bench.stand.fail(child)
    bench.stand.retry(child)
    bench.stand.print(child, "fine\n")
    log = bench.server.log(bench.order(), build_id, "").text
    assert "=== run-linux: linux (build) ===\nno disk\n" in log
    assert "=== run-linux: linux (build, try 2) ===\nfine\n" in log


def test_what_runs_or_failed_in_a_child_is_said(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    child = running_child_of(bench, pipeline, bench.project, "linux")
    for job in pipeline.jobs:
        job.end("success")
    bench.stand.become(pipeline, "running")
    assert str(bench.server.look(bench.order(), build_id).says) == "Running: run-linux: linux."
    bench.stand.fail(child)
    bench.stand.become(pipeline, "failed")
    seen = bench.server.look(bench.order(), build_id)
    assert str(seen.says) == "Job run-linux: linux failed: script failure."


def test_what_runs_is_asked_for_its_children_once_in_a_few_looks(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.run(pipeline)
    for _ in range(2 * ASKED_ONCE_IN):
        bench.server.log(bench.order(), build_id, "")
    assert times_asked_for_children(bench) == 2
    bench.stand.print(running_child_of(bench, pipeline, bench.project, "linux"), "compiling\n")
    bench.stand.succeed(pipeline)
    assert "run-linux: linux" in bench.server.log(bench.order(), build_id, "").text


def times_asked_for_children(bench: Bench) -> int:
    return sum(each.path.endswith("/bridges") for each in bench.stand.requests)


def test_a_child_that_was_deleted_is_no_trouble(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.print(pipeline, "well\n", job="check")
    bench.stand.delete(child_of(bench, pipeline, bench.project, "linux"))
    assert bench.server.log(bench.order(), build_id, "").text == "=== check (test) ===\nwell\n"


def test_a_child_is_no_build_of_its_own(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    child_of(bench, pipeline, bench.project, "linux")
    since = datetime.now(UTC) - timedelta(hours=1)
    assert [seen.id for seen in bench.server.list_recent(bench.order(), since)] == [build_id]
