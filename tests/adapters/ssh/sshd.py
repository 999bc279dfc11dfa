"""OpenSSH's own sshd, on a free port of the loopback."""

import getpass
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from slipway.core.hosts.access import HostAccess
from tests.adapters.ssh.waiting import until

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")

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
Subsystem sftp internal-sftp
"""


@asynccontextmanager
async def running(folder: Path, more: Sequence[str] = ()) -> AsyncIterator[HostAccess]:
    """Run it with these lines of configuration, until the block is left."""
    access = _write_config(folder, more)
    if Path("/run").stat().st_uid == Path("/proc/self").stat().st_uid:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd insists, when it is root
    process = subprocess.Popen(
        [SSHD or "", "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL
    )
    try:
        await until(lambda: _listens(access.port))
        yield access
    finally:
        process.terminate()
        process.wait(timeout=10)


def _write_config(folder: Path, more: Sequence[str]) -> HostAccess:
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    (folder / "host_key").touch(mode=0o600)
    (folder / "host_key").write_bytes(host_key.export_private_key())
    (folder / "authorized_keys").write_bytes(client_key.export_public_key())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    said = {line.split()[0] for line in more}
    plain = CONFIG.format(port=port, folder=folder).splitlines()
    lines = [*more, *(line for line in plain if line.split()[0] not in said)]
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    return HostAccess(
        name="",
        address="127.0.0.1",
        port=port,
        user=getpass.getuser(),
        root="",
        become="none",
        private_key=client_key.export_private_key().decode(),
        host_key=host_key.export_public_key().decode().strip(),
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
