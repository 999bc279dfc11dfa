"""The same bytes, uploaded under other names or kept whole: on a host each is what it came as."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.release.steps import PackageFormat, PackageRef
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard

PROGRAM = b"#!/bin/sh\nexec sleep 100000\n"


@pytest.fixture
def packed(ssh: Yard) -> Path:
    """A zip that begins as a program does: it can be kept whole as well as unpacked."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("bin/app", PROGRAM)
    path = ssh.folder / "packed"
    path.write_bytes(b"#!/bin/sh\n" + held.getvalue())
    return path


async def bring(ssh: Yard, version: str, package: PackageRef, source: Path) -> int:
    """Return the bytes that went to the host."""
    sent = await ssh.hosts.send_package(ssh.access, "billing", package, source)
    name = f"bring-{version.replace('.', '-')}"
    (result,) = await ssh.perform(made.chain(made.unpack(version, package), name=name))
    assert result.exit_code == 0, result.output
    return sent


def files_of(ssh: Yard, version: str) -> list[str]:
    release = Path(ssh.root, "billing/releases", version)
    found = (path for path in release.rglob("*") if path.is_file())
    names = (str(path.relative_to(release)) for path in found)
    return sorted(name for name in names if not name.startswith(".slipway-"))


async def test_a_program_is_called_as_each_version_was_uploaded(ssh: Yard) -> None:
    path = ssh.folder / "server-1.0"
    path.write_bytes(PROGRAM)
    server = made.ref(path, PackageFormat.FILE)
    assert await bring(ssh, "1.0", server, path) == len(PROGRAM)
    # Nothing goes twice over the wire, whatever it is called.
    assert await bring(ssh, "1.1", replace(server, filename="worker"), path) == 0
    assert files_of(ssh, "1.0") == ["server-1.0"]
    assert files_of(ssh, "1.1") == ["worker"]
    worker = Path(ssh.root, "billing/releases/1.1/worker")
    assert worker.read_bytes() == PROGRAM
    assert worker.stat().st_mode & 0o777 == 0o555


async def test_what_was_unpacked_is_kept_whole_elsewhere(ssh: Yard, packed: Path) -> None:
    archive = made.ref(packed, PackageFormat.ZIP)
    await bring(ssh, "1.0", archive, packed)
    whole = replace(archive, format=PackageFormat.FILE, filename="app.jar")
    assert await bring(ssh, "1.1", whole, packed) == archive.size
    assert files_of(ssh, "1.0") == ["bin/app"]
    assert files_of(ssh, "1.1") == ["app.jar"]


async def test_what_was_kept_whole_is_unpacked_elsewhere(ssh: Yard, packed: Path) -> None:
    archive = made.ref(packed, PackageFormat.ZIP)
    whole = replace(archive, format=PackageFormat.FILE, filename="app.jar")
    await bring(ssh, "1.0", whole, packed)
    # What a service writes beside it does not make an archive of it.
    Path(ssh.root, "billing/releases/1.0/app.log").write_text("started")
    await bring(ssh, "1.1", archive, packed)
    assert files_of(ssh, "1.1") == ["bin/app"]
    assert await bring(ssh, "1.2", archive, packed) == 0
    assert files_of(ssh, "1.2") == ["bin/app"]
