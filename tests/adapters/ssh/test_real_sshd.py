"""OpenSSH's own sshd: its timing is another than that of the hosts made for tests."""

import asyncio
import getpass
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import pytest

from slipway.adapters.ssh import SshHosts
from slipway.adapters.ssh.calls import give
from slipway.ports import HostAccess
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.waiting import until

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")
HOSTS = 10

CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
LogLevel ERROR
"""

pytestmark = pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine")


@pytest.fixture
async def yards(tmp_path: Path) -> AsyncIterator[list[Yard]]:
    """Ten hosts: one sshd, a root folder and a connection each."""
    access, port = _write_config(tmp_path)
    if Path("/run").stat().st_uid == _own_id():
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd insists, when it is root
    process = subprocess.Popen(
        [SSHD or "", "-D", "-e", "-f", str(tmp_path / "sshd_config")],
        stderr=subprocess.DEVNULL,
    )
    hosts = SshHosts()
    try:
        await until(lambda: _listens(port))
        roots = [tmp_path / f"host-{number}" / "root" for number in range(HOSTS)]
        accesses = [replace(access, name=path.parent.name, root=str(path)) for path in roots]
        yield [Yard(hosts, one, tmp_path) for one in accesses]
    finally:
        await hosts.close()
        process.terminate()
        process.wait(timeout=10)


async def test_none_of_ten_hosts_is_lost_at_first_contact(yards: list[Yard]) -> None:
    chain = made.chain(made.receipt("1.0"))
    all_results = await asyncio.gather(*(yard.perform(chain) for yard in yards))
    assert [[result.exit_code for result in results] for results in all_results] == [[0]] * HOSTS
    seen = await asyncio.gather(*(yard.hosts.observe(yard.access, "billing") for yard in yards))
    assert [one.instances[0].epoch for one in seen] == [1] * HOSTS


@dataclass
class EndedInput:
    """The input of a call that has ended before it was written to."""

    asked: int = 0

    def write(self, data: bytes) -> None:
        self.asked += 1
        raise BrokenPipeError("Channel not open for sending")


@dataclass
class EndedProcess:
    stdin: EndedInput


async def test_a_call_that_ended_before_its_input_came_is_not_lost() -> None:
    process = EndedProcess(EndedInput())
    give(process, b"data")  # type: ignore[arg-type]
    assert process.stdin.asked == 1


def _write_config(folder: Path) -> tuple[HostAccess, int]:
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    (folder / "host_key").touch(mode=0o600)
    (folder / "host_key").write_bytes(host_key.export_private_key())
    (folder / "authorized_keys").write_bytes(client_key.export_public_key())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    (folder / "sshd_config").write_text(CONFIG.format(port=port, folder=folder))
    access = HostAccess(
        name="",
        address="127.0.0.1",
        port=port,
        user=getpass.getuser(),
        root="",
        become="none",
        private_key=client_key.export_private_key().decode(),
        host_key=host_key.export_public_key().decode().strip(),
    )
    return access, port


def _own_id() -> int:
    return Path("/proc/self").stat().st_uid


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
