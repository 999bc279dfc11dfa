"""The package of a pipeline, in artifacts or in the registry."""

from collections.abc import Iterator

import pytest

from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.ports.builds import OffLimits, PackageMissing, ServerRefused, ServerTrouble
from tests.adapters.builds.gitlab.bench import Bench, gitlab_bench
from tests.stands import gitlab_faults as faults
from tests.stands.gitlab_http import Storage
from tests.stands.gitlab_state import Job, Pipeline, zipped

DATA = bytes(range(256)) * 4096


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


@pytest.fixture
def storage() -> Iterator[Storage]:
    with Storage() as made:
        yield made


def artifact(path: str = "", job: str = "") -> PackageSource:
    return PackageSource(SourceKind.ARTIFACT, job=job, path=path)


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("dist/a.tar.gz", {"dist/a.tar.gz": DATA, "dist/b.tar.gz": b"b"}),
        ("dist/ä ö#&.tgz", {"dist/ä ö#&.tgz": DATA}),
        ("dist/100%25.tgz", {"dist/100%25.tgz": DATA}),
        ("dist/*.tar.gz", {"dist/a.tar.gz": DATA, "report.xml": b"x"}),
        ("dist/a-?.tgz", {"dist/a-1.tgz": DATA, "dist/a-12.tgz": b"x"}),
        ("*/*.tgz", {"dist/a.tgz": DATA, "b.tgz": b"x", "dist/x86/c.tgz": b"x"}),
        ("*.tgz", {"a.tgz": DATA, "dist/b.tgz": b"x"}),
        ("a[1]-*.tgz", {"a[1]-2.tgz": DATA, "a1-2.tgz": b"x"}),
        ("", {"only.bin": DATA}),
        ("", {"dist/only.bin": DATA}),
    ],
)
def test_one_file_is_taken_out_of_the_artifacts(
    bench: Bench, path: str, files: dict[str, bytes]
) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, files)
    name, data = bench.fetch(bench.order(artifact(path)), build_id)
    assert data == DATA
    assert name == next(iter(files)).rpartition("/")[2]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("dist/none.tgz", "no dist/none.tgz"),
        ("dist/*.zip", "no file fits dist/*.zip in the artifacts: dist/a.tgz, dist/b.tgz"),
        ("dist/*", "2 files fit dist/*"),
        ("", "2 files fit *"),
    ],
)
def test_no_file_or_more_than_one_is_no_package(bench: Bench, path: str, words: str) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"dist/a.tgz": b"a", "dist/b.tgz": b"b"})
    with pytest.raises(PackageMissing) as missing:
        bench.fetch(bench.order(artifact(path)), build_id)
    assert words in missing.value.message
    assert "check, package" in missing.value.hint


def test_the_job_may_be_left_out_when_only_one_has_artifacts(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": b"of package"}, job="package")
    assert bench.fetch(bench.order(artifact("a.tgz")), build_id)[1] == b"of package"
    bench.stand.keep(pipeline, {"a.tgz": b"of check"}, job="check")
    with pytest.raises(PackageMissing, match="more than one job has artifacts: check, package"):
        bench.fetch(bench.order(artifact("a.tgz")), build_id)
    assert bench.fetch(bench.order(artifact("a.tgz", "check")), build_id)[1] == b"of check"


@pytest.mark.parametrize(
    ("job", "words"), [("deploy", "no job deploy"), ("", "no job has artifacts"), ("check", "no")]
)
def test_a_job_without_artifacts_has_no_package(bench: Bench, job: str, words: str) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline)
    with pytest.raises(PackageMissing, match=words):
        bench.fetch(bench.order(artifact("a.tgz", job)), build_id)


def test_a_job_with_braces_in_its_name_breaks_no_sentence(bench: Bench) -> None:
    bench.project.job_names = (("build", "package {arch}"),)
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline)
    with pytest.raises(PackageMissing) as missing:
        bench.fetch(bench.order(artifact("a", "package {arch}")), build_id)
    assert "job package {arch} has no artifacts" in missing.value.message


def test_expired_artifacts_are_said_to_have_expired(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": b"x"})
    bench.stand.expire(pipeline)
    for source in (artifact("a.tgz"), artifact("a.tgz", "package"), artifact("*")):
        with pytest.raises(PackageMissing, match="not expired"):
            bench.fetch(bench.order(source), build_id)


@pytest.mark.parametrize("path", ["a.tgz", "*.tgz"])
def test_artifacts_that_expire_in_the_meantime_are_missing(bench: Bench, path: str) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": b"x"})
    bench.stand.fault(on="GET /artifacts*", do=faults.error(404, "404 Not Found"))
    with pytest.raises(PackageMissing, match="expired"):
        bench.fetch(bench.order(artifact(path)), build_id)


def test_the_whole_archive_may_be_the_package(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"bin/run": b"#!/bin/sh\n", "conf/a": DATA})
    name, data = bench.fetch(bench.order(PackageSource(SourceKind.ARCHIVE)), build_id)
    assert name == "artifacts.zip"
    assert data == pipeline.job("package").archive


def test_artifacts_in_object_storage_are_fetched_there_without_the_token(
    bench: Bench, storage: Storage
) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": b"x"})
    storage.files["/bucket/1.zip"] = zipped({"a.tgz": DATA})
    location = faults.redirect(f"{storage.url}/bucket/1.zip?X-Sig=a%2Fb&X-Empty=&X-Sig=c")
    bench.stand.fault(on="GET /artifacts", do=location, times=2)
    with pytest.raises(OffLimits):
        bench.fetch(bench.order(artifact("*")), build_id)
    assert storage.requests == []
    order = bench.order(artifact("*"), package_bases=(f"{storage.url}/bucket",))
    assert bench.fetch(order, build_id) == ("a.tgz", DATA)
    assert bench.stand.token not in str(storage.requests)
    assert "private-token" not in storage.requests[0].headers


@pytest.mark.parametrize("source", [artifact("a.tgz"), artifact("*"), artifact(job="package")])
def test_a_package_larger_than_allowed_is_refused(bench: Bench, source: PackageSource) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": b"\0" * 300_000})  # a few hundred bytes as a zip
    order = bench.limited(bench.order(source), 299_999)
    with pytest.raises(ServerRefused, match="more than"):
        bench.fetch(order, build_id)
    order = bench.limited(order, 300_000)
    assert len(bench.fetch(order, build_id)[1]) == 300_000


@pytest.mark.parametrize("path", ["a.tgz", "*.tgz"])
@pytest.mark.parametrize("fault", [faults.drip(), faults.cut()])
def test_a_download_that_breaks_off_is_trouble(
    bench: Bench, path: str, fault: faults.Fault
) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": DATA})
    bench.stand.fault(on="GET /artifacts*", do=fault)
    with pytest.raises(ServerTrouble):
        bench.fetch(bench.order(artifact(path)), build_id, bench.hasty)
    assert bench.fetch(bench.order(artifact(path)), build_id)[1] == DATA


@pytest.mark.parametrize("damage", ["no zip", "cut", "flipped"])
def test_a_damaged_archive_is_trouble(bench: Bench, damage: str) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": DATA})
    job: Job = pipeline.job("package")
    whole = job.archive or b""
    flipped = whole[:200] + bytes([whole[200] ^ 0xFF]) + whole[201:]
    job.archive = {"no zip": b"<html>", "cut": whole[:-30], "flipped": flipped}[damage]
    with pytest.raises(ServerTrouble, match="no archive that can be read"):
        bench.fetch(bench.order(artifact("*")), build_id)


def _versions(bench: Bench, pipeline: Pipeline) -> dict[str, str]:
    return {
        "commit": pipeline.sha,
        "short commit": pipeline.sha[:8],
        "pipeline": str(pipeline.id),
        "correlation": "b-1",
    }


REGISTRY = PackageSource(SourceKind.REGISTRY, path="billing.tar.gz", package="billing")


@pytest.mark.parametrize("version", ["commit", "short commit", "pipeline", "correlation"])
def test_the_registry_may_keep_it_under_one_of_these_versions(bench: Bench, version: str) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline)
    under = _versions(bench, pipeline)[version]
    bench.stand.publish(bench.project, "billing", under, "billing.tar.gz", DATA)
    assert bench.fetch(bench.order(REGISTRY), build_id) == ("billing.tar.gz", DATA)


def test_the_registry_may_keep_it_under_the_tag_of_its_pipeline(bench: Bench) -> None:
    bench.project.tags["v1.7"] = bench.project.branches["main"]
    order = bench.order(REGISTRY, ref="v1.7")
    build_id, pipeline = bench.start(order)
    bench.stand.succeed(pipeline)
    bench.stand.publish(bench.project, "billing", "v1.7", "billing.tar.gz", DATA)
    assert bench.fetch(order, build_id)[1] == DATA


def test_what_lies_under_the_name_of_a_branch_is_nobody_s_package(bench: Bench) -> None:
    """A later pipeline of the branch has put its own bytes there, before the first one's were
    fetched."""
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline)
    bench.stand.publish(bench.project, "billing", "main", "billing.tar.gz", b"of a newer commit")
    with pytest.raises(PackageMissing, match=pipeline.sha):
        bench.fetch(bench.order(REGISTRY), build_id)


def test_a_tag_that_cannot_be_a_version_is_passed_over(bench: Bench) -> None:
    bench.project.tags["v1@x"] = bench.project.branches["main"]
    order = bench.order(REGISTRY, ref="v1@x")
    build_id, pipeline = bench.start(order)
    bench.stand.succeed(pipeline)
    bench.stand.publish(bench.project, "billing", build_id, "billing.tar.gz", DATA)
    assert bench.fetch(order, build_id)[1] == DATA


def test_a_package_that_is_not_in_the_registry_is_missing(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline)
    source = PackageSource(SourceKind.REGISTRY, path="a.tgz", package="billing")
    with pytest.raises(PackageMissing) as missing:
        bench.fetch(bench.order(source), build_id)
    for version in _versions(bench, pipeline).values():
        assert version in missing.value.message
