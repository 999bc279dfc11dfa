"""A host to attack."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slipway.adapters.ssh import calls
from slipway.adapters.ssh.requests import program
from slipway.adapters.ssh.requests.program import Program, host_program
from slipway_demo.hosts import local_host
from tests.adapters.ssh.conftest import Yard, end_services, reached

__all__ = ["AS_ROOT", "Yard"]

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to drop: be root")


@pytest.fixture
async def open_yard() -> AsyncIterator[Yard]:
    """A host whose root folder everybody can get into, as those of life are."""
    folder = Path(tempfile.mkdtemp(prefix="slipway-rights-"))
    folder.chmod(0o755)
    try:
        async with local_host(folder / "hosts", "web-1") as host:
            for each in (Path(host.root).parents[1], Path(host.root).parent, Path(host.root)):
                each.chmod(0o755)
            async with reached(host, folder) as yard:
                yield yard
            end_services(host.root)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["by_hand", "by_programs"])
def any_yard(
    request: pytest.FixtureRequest, open_yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> Yard:
    """Such a host, and one that has no Python of its own."""
    if request.param == "by_programs":
        monkeypatch.setattr(program, "host_program", _without_hands)
        monkeypatch.setattr(calls, "host_program", _without_hands)
    return open_yard


def _without_hands() -> Program:
    text = host_program().text.replace(b"/usr/bin/python3 /usr/libexec/platform-python", b"")
    return Program(text, hashlib.sha256(text).hexdigest())
