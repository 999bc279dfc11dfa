"""Killed at every moment of a build, a worker comes back and ends it rightly, built once."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.controller.worker.failpoints import Point
from tests.acceptance.builders import Builder, CommandBuilder, GitLabBuilder, await_build
from tests.acceptance.halves import half
from tests.acceptance.town import Town

pytestmark = pytest.mark.acceptance

BUILDERS = ("gitlab", "command")


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that the user of builds can reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="slipway-builders-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def builder(request: pytest.FixtureRequest, town: Town, open_folder: Path) -> Iterator[Builder]:
    if request.param == "gitlab":
        with GitLabBuilder() as gitlab:
            gitlab.furnish(town)
            yield gitlab
    else:
        command = CommandBuilder(open_folder / "repositories", Path(town.builds))
        command.furnish(town)
        yield command


@pytest.mark.parametrize(
    ("point", "builder"), half("B", BUILDERS), indirect=["builder"], scope="module"
)
def test_a_crash_at_any_moment_changes_nothing_but_the_time(
    town: Town, builder: Builder, point: Point
) -> None:
    if not town.is_running("worker"):
        town.restore()
    service = f"{point.value.lower()}-{type(builder).__name__.lower()}"
    commit = builder.make_service(town, service)
    worker = town.worker
    town.arm(point.value)
    build = town.post(f"/services/{service}/builds", {"ref": "main"})["id"]
    town.until(lambda: worker.poll() is not None, f"the worker dies at {point.value}")
    assert worker.returncode == -9

    town.start_worker()
    ended = await_build(town, build)

    assert ended["status"] == "success", ended
    assert ended["commit"] == commit
    assert builder.ran(service) == 1
    _the_package_is_whole(town, service)
    _a_second_wish_is_a_duplicate(town, service, ended["version"])


def _the_package_is_whole(town: Town, service: str) -> None:
    (version,) = town.get(f"/services/{service}/versions")["items"]
    package = town.api.get(f"/services/{service}/versions/{version['name']}/package").content
    assert hashlib.sha256(package).hexdigest() == version["sha256"]
    assert len(package) == version["size"] > 0


def _a_second_wish_is_a_duplicate(town: Town, service: str, version: str) -> None:
    again = await_build(town, town.post(f"/services/{service}/builds", {"ref": "main"})["id"])
    assert (again["status"], again["duplicate_of"]) == ("duplicate", version)
