"""One lab host: a systemd-nspawn container with its own systemd, sshd, address and host key."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

BOOT_TIME = 60.0  # seconds
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}

BOOT_SCRIPT = """
boot='
    # A cgroup of its own: hosts in one cgroup would see and kill each other by their units.
    name=$1
    shift
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
        [ -e "$hierarchy/cgroup.procs" ] || continue
        mkdir -p "$hierarchy/slipway-lab/$name"
        echo $$ >"$hierarchy/slipway-lab/$name/cgroup.procs"
    done
    exec "$@"
'
# 133 is how systemd-nspawn says that its host wants to be started again.
while sh -c "$boot" boot "$@"; [ $? -eq 133 ]; do :; done
"""


class MachineNotReady(Exception):
    """A lab host did not get where it should in time; the console's last lines say why."""


@dataclass
class Machine:
    """A host to look at and to maltreat, independent of Slipway. Sizes in bytes."""

    name: str
    address: str
    folder: Path  # holds upper, work, root, console
    bridge: str
    container: str  # unique on this machine
    key_file: Path  # private key that logs in as root and as deploy
    port: int = 22
    _power: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    # --- looking ------------------------------------------------------------------------------

    def run(
        self, *argv: str, check: bool = True, input: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the host as root, not by SSH. Raises subprocess.CalledProcessError."""
        return subprocess.run(
            self._inside(argv),
            check=check,
            capture_output=True,
            text=True,
            errors="replace",
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            env=ENVIRONMENT,
            timeout=timeout,
        )

    def says(self, *argv: str) -> str:
        """What a command prints, without its last newline; "" also when it fails."""
        return self.run(*argv, check=False).stdout.rstrip("\n")

    def path(self, inside: str) -> Path:
        """A file of the host as this machine sees it (mounts made on the host are not in it)."""
        return self.folder / "root" / inside.lstrip("/")

    @property
    def host_key(self) -> str:
        """The public host key, `ssh-ed25519 AAAA…`."""
        text = self.path("/etc/ssh/ssh_host_ed25519_key.pub").read_text()
        return " ".join(text.split()[:2])

    @property
    def pid(self) -> int:
        """Process id of the host's own init, as this machine counts. Raises MachineNotReady."""
        ours = _namespace_of(Path("/proc/self"))
        for nspawn in _children(self._power.pid) if self._power else ():
            for child in _children(nspawn):
                if _namespace_of(Path(f"/proc/{child}")) not in {ours, None}:
                    return child
        raise MachineNotReady(f"{self.name} is not running")

    def bytes_received(self) -> int:
        """Everything that ever went over the wire to this host since it was booted."""
        counter = Path(f"/sys/class/net/vb-{self.container}/statistics/tx_bytes")
        return int(counter.read_text())

    def answers(self) -> bool:
        """Whether sshd speaks on the host's port."""
        try:
            with socket.create_connection((self.address, self.port), timeout=1) as connection:
                connection.settimeout(5)
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    # --- power --------------------------------------------------------------------------------

    def boot(self) -> None:
        """Switch it on; `wait_until_ready` tells when it is up."""
        with (self.folder / "console").open("ab") as console:
            self._power = subprocess.Popen(
                [
                    *("sh", "-c", BOOT_SCRIPT, "boot", self.container),
                    *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot"),
                    *(f"--directory={self.folder / 'root'}", f"--machine={self.container}"),
                    *(f"--hostname={self.name}", f"--network-bridge={self.bridge}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait for sshd and for the end of the boot. Raises MachineNotReady."""
        self._wait(self.answers, "answers on port 22")
        self._wait(
            lambda: self.says("systemctl", "is-system-running") in {"running", "degraded"},
            "has booted",
        )

    def cut_power(self) -> None:
        """Everything on it is gone at once; the disk stays as it was. `boot` switches it on."""
        if self._power is None:
            return
        with suppress(MachineNotReady, ProcessLookupError):  # it may be down already
            os.kill(self.pid, signal.SIGKILL)
        self._power.wait(timeout=30)
        self._power = None

    def reboot(self) -> None:
        """Restart it as its administrator would, and wait until it is back."""
        before = self.boot_id
        self.run("systemctl", "reboot", "--no-block")
        self._wait(lambda: self.boot_id not in {before, ""}, "reboots")
        self.wait_until_ready()

    @property
    def boot_id(self) -> str:
        """Another one after each boot, "" while it is down."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except (MachineNotReady, FileNotFoundError, ProcessLookupError):
            return ""
        return stat.rpartition(")")[2].split()[19]  # start time of its init

    # --- trouble ------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Stop every process where it is; the network stays up, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        for pid in self._pids():
            with suppress(ProcessLookupError):  # over since it was listed
                os.kill(pid, number)

    def unplug(self) -> None:
        """Take the network cable out: no answer, not even a refusal."""
        self._link("down")

    def plug(self) -> None:
        self._link("up")

    def limit_disk(self, folder: str, *, size: int, inodes: int = 0) -> None:
        """Put an empty file system of this size over the folder, until `restore_disk`."""
        options = f"mode=0755,size={size}" + (f",nr_inodes={inodes}" if inodes else "")
        self.run("mkdir", "-p", folder)
        owner = self.says("stat", "-c", "%u:%g", folder)
        self.run("mount", "-t", "tmpfs", "-o", options, "lab-limit", folder)
        self.run("chown", owner, folder)

    def make_read_only(self, folder: str) -> None:
        """Nothing can be written below the folder, until `restore_disk`."""
        self.run("mkdir", "-p", folder)
        self.run("mount", "--bind", folder, folder)
        self.run("mount", "-o", "remount,bind,ro", folder)

    def restore_disk(self, folder: str) -> None:
        self.run("umount", "--lazy", folder)

    def replace_host_key(self) -> str:
        """Show another host key from now on, as an impostor would; returns the new public key."""
        make_host_key(self.path("/etc/ssh"))
        self.run("systemctl", "restart", "ssh.service")
        self._wait(self.answers, "answers with its new key")
        return self.host_key

    # --- the machinery ------------------------------------------------------------------------

    def _inside(self, argv: Sequence[str]) -> list[str]:
        return [
            *("nsenter", f"--target={self.pid}", "--mount", "--uts", "--ipc", "--net", "--pid"),
            *("--", *argv),
        ]

    def _pids(self) -> list[int]:
        namespace = Path(f"/proc/{self.pid}/ns/pid").readlink()
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and _namespace_of(entry) == namespace
        ]

    def _link(self, state: str) -> None:
        subprocess.run(["ip", "link", "set", f"vb-{self.container}", state], check=True)

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + BOOT_TIME
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except MachineNotReady:
                pass
            time.sleep(0.05)
        console = (self.folder / "console").read_text(errors="replace")
        raise MachineNotReady(
            f"{self.name}: waited {BOOT_TIME:.0f} s until it {what}\n{console[-3000:]}"
        )


def make_host_key(folder: Path) -> None:
    """Write a new ed25519 host key into the folder."""
    key = folder / "ssh_host_ed25519_key"
    key.unlink(missing_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True
    )


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except OSError:
        return []  # it has just ended


def _namespace_of(process: Path) -> Path | None:
    try:
        return (process / "ns/pid").readlink()
    except OSError:
        return None  # it has just ended
