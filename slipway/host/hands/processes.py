"""What hands.py sees of processes: which are ours by their mark."""

import os
import pwd
import stat

LONGEST_VERSION = 128
PLAIN = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._+-")


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
