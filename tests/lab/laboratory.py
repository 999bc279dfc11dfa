"""A network of lab hosts: made, handed out and taken down, also after a crash of the tests."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.images import get_base_image
from tests.lab.machines import Machine, make_host_key

STATE = Path("/run/slipway-lab")
PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ssh-keygen": "openssh-client",
    "ip": "iproute2",
    "nsenter": "util-linux",
}
INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")


def why_not_here() -> str:
    """Why there can be no lab on this machine, "" when there can."""
    if os.geteuid() != 0:
        return "the lab needs root"
    missing = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if missing:
        return f"the lab needs Debian packages: {' '.join(sorted(missing))}"
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["unshare", "--mount", "--net", "mount", "-t", "tmpfs", "probe", folder],
            capture_output=True,
            check=False,
        )
    return "" if mounted.returncode == 0 else "the lab needs to mount and to make networks"


class Lab:
    """A bridge of its own and the machines on it; addresses are 10.213.NUMBER.11 and up."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.folder = STATE / str(number)
        self.bridge = f"slwlab{number}"
        self.key_file = self.folder / "id_ed25519"
        self.machines: dict[str, Machine] = {}

    @property
    def controller_address(self) -> str:
        """This machine's own address, as the hosts see it."""
        return f"10.213.{self.number}.1"

    def add_machines(self, *names: str) -> list[Machine]:
        """Make and boot hosts together; returns when all of them are up."""
        raise_inotify_limit(len(list(STATE.glob("*/*/console"))) + len(names))
        added = [self._prepare(name) for name in names]
        for machine in added:
            machine.boot()
        for machine in added:
            machine.wait_until_ready()
        return added

    def remove_machine(self, name: str) -> None:
        self.machines.pop(name).cut_power()
        _take_down_disk(self.folder / name)

    def _prepare(self, name: str) -> Machine:
        host_number = 11 + len(list(self.folder.glob("*/console")))
        machine = Machine(
            name=name,
            address=f"10.213.{self.number}.{host_number}",
            folder=self.folder / name,
            bridge=self.bridge,
            container=f"l{self.number}-{host_number}",
            key_file=self.key_file,
        )
        self._make_disk(machine)
        self._make_identity(machine)
        self.machines[name] = machine
        return machine

    def _make_disk(self, machine: Machine) -> None:
        for part in ("upper", "work", "root"):
            (machine.folder / part).mkdir(parents=True)
        (machine.folder / "console").touch()
        options = (
            f"lowerdir={get_base_image()},"
            f"upperdir={machine.folder / 'upper'},workdir={machine.folder / 'work'}"
        )
        root = machine.folder / "root"
        _run("mount", "-t", "overlay", "slipway-lab", "-o", options, str(root))

    def _make_identity(self, machine: Machine) -> None:
        machine.path("/etc/hostname").write_text(f"{machine.name}\n")
        machine.path("/etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {machine.name}\n")
        machine.path("/etc/systemd/network/10-host0.network").write_text(
            "[Match]\nName=host0\n"
            f"[Network]\nAddress={machine.address}/24\nGateway={self.controller_address}\n"
            "LinkLocalAddressing=no\nIPv6AcceptRA=no\n"
        )
        make_host_key(machine.path("/etc/ssh"))
        public_key = self.key_file.with_suffix(".pub").read_text()
        for home in ("/root", "/home/deploy"):
            _authorise(machine.path(home), public_key)


@contextmanager
def laboratory() -> Iterator[Lab]:
    """Yield an empty lab; everything of it is gone afterwards. Leftovers of others go first."""
    get_base_image()
    remove_leftovers()
    lab = _claim_number()
    try:
        _run("ip", "address", "add", f"{lab.controller_address}/24", "dev", lab.bridge)
        _run("ip", "link", "set", lab.bridge, "up")
        # In memory: an overlay's upper folder cannot lie on another overlay, as in a container.
        _run("mount", "-t", "tmpfs", "-o", "mode=0755", "slipway-lab", str(lab.folder))
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(lab.key_file))
        yield lab
    finally:
        for machine in lab.machines.values():
            machine.cut_power()
        _take_down(lab.number)


def remove_leftovers() -> None:
    """Take down the labs whose test process is gone."""
    for owner_file in STATE.glob("*.owner") if STATE.exists() else ():
        if not _is_alive(owner_file):
            _take_down(int(owner_file.stem))


def raise_inotify_limit(machines: int) -> None:
    """Each systemd uses several of the 128 inotify instances of a user, who has all labs."""
    wanted = 64 + 8 * machines
    if int(INOTIFY_LIMIT.read_text()) < wanted:
        INOTIFY_LIMIT.write_text(str(wanted))


def _claim_number() -> Lab:
    used = subprocess.run(
        ["ip", "-4", "-o", "address"], capture_output=True, text=True, check=True
    ).stdout
    for number in range(77, 250):
        if f" 10.213.{number}." in used:
            continue
        lab = Lab(number)
        made = subprocess.run(
            ["ip", "link", "add", lab.bridge, "type", "bridge"], capture_output=True, check=False
        )
        if made.returncode == 0:  # of two labs that start together, one gets the name
            STATE.mkdir(exist_ok=True)
            _owner_file(number).write_text(f"{os.getpid()} {_start_time(os.getpid())}")
            lab.folder.mkdir(exist_ok=True)
            return lab
    raise RuntimeError("no free number for a lab: ip link shows slwlab77 to slwlab249")


def _owner_file(number: int) -> Path:
    return STATE / f"{number}.owner"


def _is_alive(owner_file: Path) -> bool:
    """Whether the process that made the lab still runs, and is not another with its number."""
    try:
        pid, started = owner_file.read_text().split()
    except (FileNotFoundError, ValueError):
        return True  # taken down, or being written, just now
    return _start_time(int(pid)) == started


def _start_time(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _take_down(number: int) -> None:
    lab = Lab(number)
    for process in Path("/proc").glob("[0-9]*"):
        if f"--directory={lab.folder}/" in _command_line(process):
            # The container's init dies with it, and with its init all of the container.
            _kill(int(process.name))
    for root in lab.folder.glob("*/root"):
        _take_down_disk(root.parent)
    subprocess.run(["umount", "--lazy", str(lab.folder)], capture_output=True, check=False)
    shutil.rmtree(lab.folder, ignore_errors=True)
    for link in (*Path("/sys/class/net").glob(f"vb-l{number}-*"), Path(lab.bridge)):
        subprocess.run(["ip", "link", "delete", link.name], capture_output=True, check=False)
    for left in Path("/run/systemd/nspawn").glob(f"*/l{number}-*"):
        shutil.rmtree(left, ignore_errors=True)
    for cgroup in _cgroups(number):
        _remove_cgroup(cgroup)
    _owner_file(number).unlink(missing_ok=True)


def _take_down_disk(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder / "root")], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def _cgroups(number: int) -> list[Path]:
    """Return those of a lab's machines. Some go away while they are looked for."""
    rooms = (Path(at) for at, _, _ in os.walk("/sys/fs/cgroup") if at.endswith("/slipway-lab"))
    return [cgroup for room in rooms for cgroup in room.glob(f"l{number}-*")]


def _remove_cgroup(cgroup: Path) -> None:
    for folder, _, _ in os.walk(cgroup, topdown=False):
        try:
            Path(folder).rmdir()
        except OSError:
            return  # its last processes are still ending; an empty cgroup costs nothing


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _authorise(home: Path, public_key: str) -> None:
    folder = home / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / "authorized_keys"
    file.write_text(public_key)
    owner = home.stat()
    for path in (folder, file):
        os.chown(path, owner.st_uid, owner.st_gid)


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, capture_output=True)
