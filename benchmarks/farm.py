"""Many SSH hosts on one machine: a real sshd on each of 127.0.1.1, 127.0.1.2 and so on."""

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

SSHD = "/usr/sbin/sshd"
PORT = 2222
READY_WITHIN = 90.0  # seconds; a first start makes all tables

# Processes of its own, as every host has: else each looks at those of all the others, and what is
# quick on a host would be slow here. sshd is process 1 then, and collects the dead as an init does.
OF_ITS_OWN = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")

# As a distribution ships it, but for what an unprivileged user in a folder of its own cannot have.
CONFIG = """\
ListenAddress {address}:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100:30:200
LogLevel ERROR
Subsystem sftp internal-sftp
SetEnv HOME={folder}/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""


@dataclass(frozen=True, slots=True)
class FarmHost:
    """`name` is its address, too; `root` the folder that plays the host's disk."""

    name: str
    port: int
    user: str
    root: Path
    host_key: str  # "ssh-ed25519 AAAA…"


class Farm:
    """Starts its hosts on entering, ends them on leaving."""

    def __init__(self, folder: Path, count: int) -> None:
        if count > 250:
            raise ValueError("at most 250 hosts fit into 127.0.1.0/24")
        self.folder = folder
        self.key = folder / "id_ed25519"
        self.known_hosts = folder / "known_hosts"
        self.hosts: list[FarmHost] = []
        self._count = count
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd insists, when it is root
        self._spread()
        make_key(self.key)
        try:
            for number in range(1, self._count + 1):
                self.hosts.append(self._start(f"127.0.1.{number}"))
            for host in self.hosts:
                wait_for_port(host.name, host.port)
        except BaseException:
            self._end()
            raise
        lines = [f"[{host.name}]:{host.port} {host.host_key}\n" for host in self.hosts]
        self.known_hosts.write_text("".join(lines))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def run(self, host: FarmHost, *words: str) -> None:
        """Run a command on a host, beside all that is measured. Raises CalledProcessError."""
        command = ["ssh", "-F", "none", "-i", str(self.key), "-p", str(host.port)]
        command += ["-o", f"UserKnownHostsFile={self.known_hosts}", f"{host.user}@{host.name}"]
        subprocess.run([*command, shlex.join(words)], check=True, stdin=subprocess.DEVNULL)

    def _spread(self) -> None:
        """Give each host a part of the disk of its own, where the file system can (ext4): whoever
        makes a file would have to look past all inodes that the other hosts have freed lately."""
        if chattr := shutil.which("chattr"):
            subprocess.run([chattr, "+T", str(self.folder)], check=False, stderr=subprocess.DEVNULL)

    def _start(self, address: str) -> FarmHost:
        folder = self.folder / address
        root = folder / "root"
        root.mkdir(parents=True)
        make_key(folder / "host_key")
        (folder / "authorized_keys").write_bytes(self.key.with_suffix(".pub").read_bytes())
        config = folder / "sshd_config"
        config.write_text(CONFIG.format(address=address, port=PORT, folder=folder))
        command = [*(OF_ITS_OWN if os.geteuid() == 0 else ()), SSHD, "-D", "-e", "-f", str(config)]
        with (folder / "sshd.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": os.defpath})
            )
        host_key = " ".join((folder / "host_key.pub").read_text().split()[:2])
        user = pwd.getpwuid(os.geteuid()).pw_name
        return FarmHost(address, PORT, user, root, host_key)

    def _end(self) -> None:
        for process in self._processes:
            process.kill()  # unshare lets nothing else through
        for process in self._processes:
            process.wait(timeout=10)


def make_key(path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True)


def wait_for_port(address: str, port: int) -> None:
    """Raises TimeoutError when nobody listens there in time."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody listens on {address}:{port}") from error
            time.sleep(0.02)
        else:
            return
