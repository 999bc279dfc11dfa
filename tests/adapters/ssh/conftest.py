"""A real host on this machine, and the same questions put to a fake one."""

import hashlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts, calls
from slipway.adapters.ssh.requests import program
from slipway.adapters.ssh.requests.program import Program, host_program
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import TicketResult
from slipway.core.release.steps import Chain, PackageRef
from slipway.ports import Hosts
from slipway_demo.hosts import LocalHost, local_host
from tests.adapters.ssh import made
from tests.fakes.hosts import FakeHosts


@dataclass(eq=False)
class Yard:
    """One host, a way to reach it, and a folder for packages."""

    hosts: Hosts
    access: HostAccess
    folder: Path

    @property
    def root(self) -> str:
        return self.access.root

    @property
    def home(self) -> Path:
        """Of our user there."""
        return Path(self.root).parent

    async def perform(self, chain: Chain) -> tuple[TicketResult, ...]:
        return await self.hosts.perform(self.access, chain, on_result=lambda result: None)

    async def bring(self, version: str, **files: bytes) -> PackageRef:
        """Put a version's release on the host."""
        package, path = made.release(self.folder, version, **files)
        await self.hosts.send_package(self.access, "billing", package, path)
        name = f"bring-{version.replace('.', '-')}"
        results = await self.perform(made.chain(made.unpack(version, package), name=name))
        assert results[0].exit_code == 0, results
        return package

    async def run(self, version: str, name: str = "run") -> None:
        """Make a version run as instance 8080."""
        steps = made.switch(self.root, version), made.restart()
        results = await self.perform(made.chain(*steps, name=name))
        assert [result.exit_code for result in results] == [0, 0], results

    async def run_well(self, version: str) -> None:
        """Make a version run, and wait until its process is what it is to be."""
        await self.run(version)
        (result,) = await self.perform(made.chain(made.probe(version), name="well"))
        assert result.exit_code == 0, result

    def notes(self) -> list[str]:
        """What bodies of made.note() left behind."""
        path = Path(self.root).parent / "notes"
        return path.read_text().split() if path.exists() else []


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[LocalHost]:
    async with local_host(tmp_path / "hosts", "web-1") as host:
        yield host
    end_services(host.root)


@pytest.fixture
async def by_hand(local: LocalHost, tmp_path: Path) -> AsyncIterator[Yard]:
    """A host whose own Python spares the host program others."""
    async with reached(local, tmp_path) as yard:
        yield yard


@pytest.fixture
async def by_programs(
    local: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Yard]:
    """A host that has no Python of its own."""
    text = host_program().text
    without = text.replace(b"/usr/bin/python3 /usr/libexec/platform-python", b"")
    assert without != text
    lesser = Program(without, hashlib.sha256(without).hexdigest())
    for module in (program, calls):
        monkeypatch.setattr(module, "host_program", lambda: lesser)
    async with reached(local, tmp_path) as yard:
        yield yard


@asynccontextmanager
async def reached(local: LocalHost, folder: Path) -> AsyncIterator[Yard]:
    hosts = SshHosts(patience=timedelta(seconds=10))
    yield Yard(hosts, local.access(), folder)
    await hosts.close()


@pytest.fixture(params=["by_hand", "by_programs"])
def ssh(request: pytest.FixtureRequest) -> Yard:
    """A real host, of each kind."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Yard)
    return found


@pytest.fixture
async def fake(tmp_path: Path) -> AsyncIterator[Yard]:
    hosts = FakeHosts()
    key = hosts.at("web-1").host_key
    access = HostAccess("web-1", "10.0.0.11", 22, "deploy", "/opt/slipway", "none", "", key)
    yield Yard(hosts, access, tmp_path)
    await hosts.close()


@pytest.fixture(params=["fake", "by_hand", "by_programs"])
def yard(request: pytest.FixtureRequest) -> Yard:
    """The same question for the fake and for the real adapter."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Yard)
    return found


def end_services(root: str) -> None:
    """End what a test has started and left running."""
    mark = f"SLIPWAY_RUNNING={root}/".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue  # it ended by itself, or is not ours
