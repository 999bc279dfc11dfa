"""A company that has its versions built; time passes when a test says so."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F

from slipway.controller.builds.drive import Builds
from slipway.controller.builds.outside import OutsideBuilds
from slipway.controller.builds.questions import BuildQuestions
from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell
from slipway.controller.worker.calls import Calls
from slipway.core.builds.orders import ServerAccess, ServerKind
from slipway.core.words.versions import VersionStatus
from slipway.ports.builds import BuildServer as BuildServerPort
from slipway.records.builds.operations.builds import request_build
from slipway.records.catalog.models import Build, BuildPoll, BuildServer, Service, Version
from slipway.records.catalog.operations import servers, services
from slipway.records.workers import operations as workers
from tests.adapters.packages.archives import COMPRESS, entry, tar
from tests.controller.company import desk
from tests.fakes.builds import FakeBuildServer
from tests.fakes.packages import MemoryPackages
from tests.records.people import alice, bob

MOMENTS = ("created_at", "deadline_at", "ordered_at", "looked_at", "retry_at", "due_at",
           "finished_at", "cancel_requested_at")  # fmt: skip
PACKAGE = COMPRESS[".tar.gz"](
    tar(entry(b"slipway.yaml", b"run: ./billing\n"), entry(b"billing", b"#!/bin/sh\n", mode=0o755))
)
ACCESS = ServerAccess("gitlab", ServerKind.GITLAB, "https://gitlab.example.com", "", "glpat-secret")


class Works:
    """Billing, built by a GitLab in memory; `work` is what a worker does until it has to wait."""

    def __init__(
        self,
        folder: Path,
        *,
        access: ServerAccess = ACCESS,
        adapter: BuildServerPort | None = None,
        **build: object,
    ) -> None:
        self.gitlab = FakeBuildServer()
        self._servers = {access.kind: adapter or self.gitlab}
        self.packages = MemoryPackages(folder)
        self.boss, self.alice = bob(), alice()
        self.server: BuildServer = servers.create_server(
            name=access.name,
            kind=access.kind.value,
            base_url=access.base_url,
            username=access.username,
            credential=access.credential,
            by=self.boss,
            now=clock.now(),
        )
        self.service: Service = services.create_service(
            name="billing",
            build_server=access.name,
            build_project="team/billing",
            build=build,
            by=self.boss,
            now=clock.now(),
        )
        self.worker = "worker-1"
        workers.register_worker(worker_id=self.worker, now=clock.now())

    def ask(self, **wish: Any) -> Build:
        return request_build(service=self.service, by=self.alice, now=clock.now(), **wish)

    def work(self, worker: str = "") -> None:
        """All that can be done now."""
        asyncio.run(self._work(worker or self.worker))

    def later(self, seconds: float) -> None:
        """So much time passes."""
        by = timedelta(seconds=seconds)
        Build.objects.update(**{name: F(name) - by for name in MOMENTS})
        BuildPoll.objects.update(due_at=F("due_at") - by)

    def work_and_wait(self, seconds: float = 5, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.work()
            self.later(seconds)
        self.work()

    def now(self, build: Build) -> Build:
        return Build.objects.select_related("version__package", "duplicate_of").get(pk=build.pk)

    def status(self, build: Build) -> VersionStatus:
        return VersionStatus(Version.objects.get(build=build).status)

    def look_outside(self) -> None:
        asyncio.run(self._outside())

    def answer_questions(self) -> None:
        asyncio.run(self._answer())

    async def _work(self, worker: str) -> None:
        with desk() as own:
            builds = Builds(
                desk=own,
                servers=self._servers,
                packages=self.packages,
                worker_id=worker,
                bell=Bell(),
            )
            async with asyncio.timeout(30):
                await builds.look_once()
                await builds.settle()

    async def _outside(self) -> None:
        with desk() as own:
            outside = OutsideBuilds(desk=own, servers=self._servers, calls=Calls(4))
            async with asyncio.timeout(30):
                while await outside.handle_once() + await outside.poll_once():
                    pass

    async def _answer(self) -> None:
        with desk() as own:
            questions = BuildQuestions(desk=own, servers=self._servers, bell=Bell())
            async with asyncio.timeout(30):
                await questions.check_once()
                await questions.compare_once()
                await questions.tidy_once()
