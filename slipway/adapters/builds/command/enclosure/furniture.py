"""What there is inside an enclosure: an allow list of the machine, and the build's own folders."""

import errno
import fcntl
import fnmatch
import os
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slipway.adapters.builds.command.enclosure.kernel import (
    BIND,
    NO_DEVICES,
    NO_PROGRAMS,
    NO_SUID,
    PRIVATE,
    READ_ONLY,
    RECURSIVE,
    REMOUNT,
    change_root,
    detach,
    mount,
    restrict,
)
from slipway.adapters.builds.command.processes.users import NOBODY

if TYPE_CHECKING:
    from slipway.adapters.builds.command.enclosure.enclosure import Enclosure

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt")
_STORES = ("/nix/store", "/gnu/store")
# Of /etc what toolchains read, and nothing that a company may keep a secret in.
_SETTINGS = (
    *("alternatives", "bash.bashrc", "ca-certificates*", "crypto-policies", "fonts", "host.conf"),
    *("gitconfig", "gradle*", "java*", "ld.so.*", "locale.*", "localtime", "lsb-release", "magic*"),
    *("manpath.config", "maven*", "mime.types", "nsswitch.conf", "os-release", "perl", "pki"),
    *("profile", "protocols", "python*", "resolv.conf", "rpc", "services", "ssl", "terminfo"),
    *("timezone", "debian_version", "*-release", "shells"),
)
# In those; their rights may let the worker's groups in, which a user without rights cannot leave.
_SECRETS = ("/etc/ssl/private", "/etc/pki/tls/private")
_DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
_LINKS = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
    "/var/tmp": "/tmp",
}
_BUILT_OF = NO_SUID | NO_DEVICES
_OLD = "/.old"


@dataclass(frozen=True, slots=True)
class Bound:
    """`folders` and files as (where they are, where they shall be); `links` likewise; `hidden` as
    they are called inside; `hosts`: the machine's own names of others."""

    folders: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    hosts: str


def look_around(readable: tuple[str, ...], hidden: tuple[str, ...]) -> Bound:
    """Find, while the machine is in sight, what of it will be inside. Raises OSError."""
    paths = [Path(name) for name in (*_SYSTEM, *_STORES)]
    paths += [path for path in sorted(Path("/etc").iterdir()) if _is_setting(path.name)]
    links = tuple((str(path.readlink()), str(path)) for path in paths if _is_link_inside(path))
    there = [path for path in paths if not _is_link_inside(path) and _is_open_to_all(path)]
    secret = [Path(os.path.realpath(name)) for name in (*_SECRETS, *hidden)]
    folders = [(os.path.realpath(path), str(path)) for path in there]
    for name in readable:
        real = Path(os.path.realpath(name))
        if not real.exists():
            raise FileNotFoundError(errno.ENOENT, "a folder for builds is not there", name)
        if any(real.is_relative_to(one) for one in secret):
            raise PermissionError(errno.EPERM, "a folder for builds lies in one of Slipway's", name)
        folders.append((str(real), os.path.abspath(name)))  # noqa: PTH100
    masks = tuple(
        str(Path(inside, one.relative_to(real)))
        for one in secret
        if one.exists()
        for real, inside in folders
        if one.is_relative_to(real)
    )
    return Bound(tuple(folders), links, masks, _hosts())


def _is_setting(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _SETTINGS)


def _is_link_inside(path: Path) -> bool:
    """Whether it is a link to what is inside, too: then the link is what has to be there."""
    if not path.is_symlink():
        return False
    real = os.path.realpath(path)
    return real.startswith(("/usr/", "/etc/alternatives/")) and Path(real).exists()


def _is_open_to_all(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o004)
    except OSError:
        return False


def _hosts() -> str:
    try:
        return Path("/etc/hosts").read_text("utf-8", "replace")
    except OSError:
        return ""


def furnish(enclosure: "Enclosure", bound: Bound) -> None:
    """Make it be what `/` is, for good. In new namespaces of mounts and processes. Raises
    OSError."""
    os.umask(0o022)
    mount("", "/", flags=RECURSIVE | PRIVATE)  # nothing of it is seen outside
    new = "/tmp"
    mount("tmpfs", new, "tmpfs", _BUILT_OF, "mode=755,size=4m,nr_inodes=4k")
    Path(new, _OLD.strip("/")).mkdir()
    change_root(new, f"{new}{_OLD}")
    os.chdir("/")
    _bind(enclosure.scratch, "/tmp", _BUILT_OF)  # before folders that lie below it
    for real, inside in bound.folders:
        _bind(real, inside, _BUILT_OF | READ_ONLY)
    for goal, inside in (*bound.links, *((goal, name) for name, goal in _LINKS.items())):
        Path(inside).parent.mkdir(parents=True, exist_ok=True)
        Path(inside).symlink_to(goal)
    for name in bound.hidden:
        mount("tmpfs", name, "tmpfs", _BUILT_OF | READ_ONLY, "mode=000,size=4k")
    _put_devices(enclosure.shared)
    _name_people(enclosure, bound)
    _bind(enclosure.source, "/build/source", _BUILT_OF)
    _bind(enclosure.home, "/build/home", _BUILT_OF)
    _put_processes(enclosure.shared)
    detach(_OLD)
    Path(_OLD).rmdir()
    mount("", "/", flags=REMOUNT | BIND | READ_ONLY | _BUILT_OF)
    socket.sethostname("build")
    if not enclosure.network:
        _raise_loopback()


def _bind(real: str, inside: str, attributes: int) -> None:
    target = Path(inside)
    if Path(f"{_OLD}{real}").is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(f"{_OLD}{real}", inside, flags=BIND | RECURSIVE)
    restrict(inside, attributes)


def _put_devices(shared: int) -> None:
    for name in _DEVICES:
        if Path(f"{_OLD}/dev/{name}").exists():
            _bind(f"/dev/{name}", f"/dev/{name}", NO_SUID | NO_PROGRAMS)
    Path("/dev/shm").mkdir()
    mount("tmpfs", "/dev/shm", "tmpfs", _BUILT_OF, f"mode=1777,size={shared},nr_inodes=4k")


def _put_processes(shared: int) -> None:
    Path("/proc").mkdir()
    mount("proc", "/proc", "proc", _BUILT_OF | NO_PROGRAMS)
    # No process shows what lies in a segment of System V that nobody has attached.
    pages = max(shared // os.sysconf("SC_PAGE_SIZE"), 1)
    with suppress(OSError):  # kernels before 6.0 do not let whoever is not root
        Path("/proc/sys/kernel/shmall").write_text(str(pages))


def _name_people(enclosure: "Enclosure", bound: Bound) -> None:
    """The accounts of the machine are nobody's business in there."""
    user = enclosure.user
    uid, gid = (NOBODY, NOBODY) if user.is_us else (user.uid, user.gid)
    root = "root:x:0:0:root:/root:/usr/sbin/nologin\n"
    Path("/etc").mkdir(exist_ok=True)
    Path("/etc/passwd").write_text(f"{root}{user.name}:x:{uid}:{gid}::/build/home:/bin/sh\n")
    Path("/etc/group").write_text(f"root:x:0:\n{user.name}:x:{gid}:\n")
    Path("/etc/hosts").write_text(f"127.0.0.1 localhost build\n::1 localhost\n{bound.hosts}")


def _raise_loopback() -> None:
    """A network of its own begins with nothing that answers, not even itself."""
    set_flags, is_up = 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        fcntl.ioctl(asked, set_flags, struct.pack("16sh14x", b"lo", is_up))
