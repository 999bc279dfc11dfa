"""The demo's repository, built by command, gives the packages of the demo's story."""

import dataclasses
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.adapters.packages.inspection import inspect
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource
from slipway.core.release.steps import PackageFormat
from slipway_demo.repository import (
    COMMAND,
    FILES,
    PACKAGE,
    SOURCE,
    DemoRepository,
    commit_version,
    make_repository,
)
from tests.adapters.builds.command.bench import SUCCESS, Bench, a_bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


def order(bench: Bench, repository: DemoRepository, ref: str) -> BuildOrder:
    made = bench.order(ref, correlation=ref, command=COMMAND, source=PackageSource(path=PACKAGE))
    access = dataclasses.replace(bench.access, base_url=repository.base_url)
    return dataclasses.replace(made, access=access, project=repository.url)


def test_each_pushed_version_builds_the_package_of_the_story(bench: Bench, tmp_path: Path) -> None:
    repository = make_repository(bench.folder / "demo" / "shop.git")
    commits = {
        version: commit_version(repository.folder, version, broken=version == "1.2")
        for version in ("1.0", "1.1", "1.2")
    }
    for version, commit in commits.items():
        wanted = order(bench, repository, f"v{version}")
        seen = bench.build(wanted)
        assert (seen.status, seen.commit) == (SUCCESS, commit)
        name, content = bench.package(wanted, seen)
        built = tmp_path / name
        built.write_bytes(content)
        assert inspect(built, filename=name).format is PackageFormat.TAR_GZ
        flags = b"--broken" if version == "1.2" else b""
        wanted_files = {file: (SOURCE / file).read_bytes() for file in FILES}
        assert {file: data for file, (_, data) in unpacked(built).items()} == {
            **wanted_files,
            "flags": flags,
        }
    assert bench.server.resolve(order(bench, repository, "main")) == commits["1.2"]
    told = bench.server.compare(order(bench, repository, "main"), commits["1.0"], commits["1.2"])
    assert [commit.title for commit in told.commits] == ["Shop 1.2", "Shop 1.1"]


def unpacked(path: Path) -> dict[str, tuple[int, bytes]]:
    with tarfile.open(path) as tar:
        return {m.name: (m.mode, _content(tar, m)) for m in tar}


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()
