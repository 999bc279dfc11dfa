"""What hands.py sees of processes: which are ours by their mark, and who listens on a port."""

import os
import pwd
import stat

LONGEST_VERSION = 128
LISTENS = b"0A"  # a state in the kernel's tables
LISTED_BEFORE = (b"st", LISTENS, b"03")  # the heading, and what may stand among those that listen
PLAIN = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._+-")
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def marked(mark: bytes, releases: bytes = b"", user: bytes = b"") -> "list[bytes]":
    """Return PID BIRTH VERSION of each process that was started with MARK VERSION, by root, by us
    or by the user; the version is `?` where it is none of the releases."""
    uids = {0, os.getuid()}
    if user:
        uids.add(pwd.getpwnam(user.decode()).pw_uid)
    found = []
    for pid in sorted(os.listdir(b"/proc")):
        version = read_version(pid, mark) if pid.isdigit() else b""
        birth = read_birth(pid) if version else b""
        if birth and read_uid(pid) in uids and not is_lent(pid):
            found += [pid, birth, version if is_release(releases, version) else b"?"]
    return found


def is_release(releases: bytes, version: bytes) -> bool:
    # Anybody may call his process anything.
    is_name = PLAIN.issuperset(version) and version[:1] not in (b".", b"-")
    return is_name and len(version) <= LONGEST_VERSION and os.path.isdir(releases + b"/" + version)


def read_version(pid: bytes, mark: bytes) -> bytes:
    try:
        with open(b"/proc/%s/environ" % pid, "rb") as file:
            environment = file.read()
    except OSError:
        return b""
    for variable in environment.split(b"\0") if mark in environment else ():
        if variable.startswith(mark):
            return variable[len(mark) :].partition(b"/")[0] or b"?"
    return b""


def read_birth(pid: bytes) -> bytes:
    """Return when it began, in ticks since the start of the host; nothing when it is gone."""
    try:
        with open(b"/proc/%s/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return b""
    return b"" if fields[0] == b"Z" else fields[19]


def is_lent(pid: bytes) -> bool:
    """Return whether it became root's by its program, with an environment of whoever started it."""
    try:
        return bool(os.stat(b"/proc/%s/exe" % pid).st_mode & stat.S_ISUID)
    except OSError:
        return True  # it has ended, or nobody lets us see that


def read_uid(pid: bytes) -> int:
    """Return whoever started it; -1 when it is gone."""
    try:
        with open(b"/proc/%s/status" % pid, "rb") as file:
            for line in file:
                if line.startswith(b"Uid:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return -1


def held(port: bytes, addresses: bytes, *pids: bytes) -> "list[bytes]":
    """Return INODE:UID of each socket that listens there and is none of these processes', or
    `free`. Addresses are as the kernel lists them; none are all."""
    found = listening(b"%04X" % int(port), addresses.split())
    if not found:
        return [b"free"]
    for pid in pids:
        for inode in sockets_of(pid).intersection(found):
            del found[inode]
    return [b"%s:%s" % each for each in found.items()]


def listening(port: bytes, addresses: "list[bytes]") -> "dict[bytes, bytes]":
    """Return the owner's uid by inode."""
    found = {}
    for table in TABLES:
        if not os.path.exists(table):
            continue
        with open(table, "rb") as file:
            for line in file:
                fields = line.split()
                if fields[3] not in LISTED_BEFORE:
                    break  # those that listen come first
                address, _, listened = fields[1].partition(b":")
                if (
                    fields[3] == LISTENS
                    and listened == port
                    and address in (addresses or [address])
                ):
                    found[fields[9]] = fields[7]
    return found


def holders(inode: bytes) -> "list[bytes]":
    """Return the processes that have a socket open, as far as we may see that."""
    pids = sorted(int(name) for name in os.listdir(b"/proc") if name.isdigit())
    return [b"%d" % pid for pid in pids if inode in sockets_of(b"%d" % pid)]


def sockets_of(pid: bytes) -> "set[bytes]":
    folder = b"/proc/%s/fd" % pid
    found = set()
    try:
        for descriptor in os.listdir(folder):
            target = os.readlink(folder + b"/" + descriptor)
            if target.startswith(b"socket:["):
                found.add(target[8:-1])
    except OSError:
        pass  # it has ended, or is somebody else's
    return found
