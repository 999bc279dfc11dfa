"""Who builds for the town: a GitLab stand-in that does what it is asked, and the worker itself."""

import json
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self

from tests.acceptance.packages import package
from tests.acceptance.town import Town
from tests.stands.gitlab import GitLabStand
from tests.stands.repository import make_repository

PATH = "dist/package.tar.gz"


class Builder(Protocol):
    """Builds whatever is pushed, as soon as it is asked to."""

    def furnish(self, town: Town) -> None:
        """Make the build server known in the town."""

    def make_service(self, town: Town, service: str) -> str:
        """Make a service that is built by it, with one commit; returns the commit."""

    def ran(self, service: str) -> int:
        """How many builds of the service were really begun."""


class GitLabBuilder:
    """Every pipeline runs and succeeds at once."""

    def __init__(self) -> None:
        self.stand = GitLabStand()
        self._over = threading.Event()
        self._hands = threading.Thread(target=self._work, daemon=True)
        self.packages: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        self.stand.__enter__()
        self._hands.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._hands.join()
        self.stand.__exit__(*exc)

    def furnish(self, town: Town) -> None:
        access = {"base_url": self.stand.url, "credential": self.stand.token}
        town.post("/build-servers", {"name": "gitlab", "kind": "gitlab", **access})

    def make_service(self, town: Town, service: str) -> str:
        project = self.stand.add_project(f"team/{service}")
        self.packages[project.path] = package(service, "1.0")
        commit = project.commit("main", "Begin")
        _make_service(town, service, "gitlab", project.path, package={"path": PATH})
        return commit

    def ran(self, service: str) -> int:
        project = self.stand.world.find_project(f"team/{service}")
        assert project is not None
        return len(project.pipelines)

    def _work(self) -> None:
        while not self._over.wait(0.05):
            for project in list(self.stand.world.projects.values()):
                for pipeline in list(project.pipelines.values()):
                    if pipeline.status in ("created", "pending", "running"):
                        self.stand.print(pipeline, "packing\n")
                        self.stand.succeed(pipeline, {PATH: self.packages[project.path]})


class CommandBuilder:
    """Packs on the worker's machine, and notes each run at its home, in the folder of builds."""

    def __init__(self, folder: Path, builds: Path) -> None:
        self._folder = folder
        self._builds = builds

    def furnish(self, town: Town) -> None:
        base = {"base_url": self._folder.as_uri()}
        town.post("/build-servers", {"name": "command", "kind": "command", **base})

    def make_service(self, town: Town, service: str) -> str:
        repository = make_repository(self._folder / f"{service}.git")
        commit = repository.commit(
            {
                "slipway.yaml": "run: ./serve\n",
                "serve": "#!/bin/sh\n",
                "build.sh": (
                    "#!/bin/sh\nset -e\n"
                    "echo $SLIPWAY_SERVICE >>$HOME/ran\nmkdir -p dist\necho packing\n"
                    f"tar -cf - slipway.yaml serve | gzip -n >{PATH}\n"
                ),
            }
        )
        url = (self._folder / f"{service}.git").as_uri()
        _make_service(town, service, "command", url, package={"path": PATH}, command=["./build.sh"])
        return commit

    def ran(self, service: str) -> int:
        notes = [note.read_text().splitlines() for note in self._builds.glob("*/home/ran")]
        return sum(lines.count(service) for lines in notes)


def _make_service(town: Town, name: str, server: str, project: str, **build: Any) -> None:
    town.post(
        "/services",
        {"name": name, "build_server": server, "build_project": project, "build": build},
    )


def await_build(town: Town, build: int) -> dict[str, Any]:
    """Wait until a build is over and return it."""

    def ended() -> Any:
        with suppress(OSError, json.JSONDecodeError):
            found = town.get(f"/builds/{build}")
            return found if found["finished_at"] else None
        return None

    # An order that was never sent is looked for a minute before it is sent again.
    found: dict[str, Any] = town.until(ended, f"build {build} ends", patience=180)
    return found
