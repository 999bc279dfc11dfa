"""Processes of a build: who descends from whom, how they are ended, and those that were left."""

import ctypes
import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def adopt_orphans() -> None:
    """Who descends from us stays below us, also when it makes itself a session of its own and its
    parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide() -> None:
    """Nobody without root's rights looks into our memory."""
    _prctl(_PR_SET_DUMPABLE, 0)


def show() -> None:
    """What is ours in /proc is ours again, until the next `hide`: only so may we write there."""
    _prctl(_PR_SET_DUMPABLE, 1)


def go_first() -> None:
    """Where memory runs out, the kernel ends us and ours before all others."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def die_with_creator() -> None:
    """As `die_with_parent`, for the first of a namespace, who knows no parent's number."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def die_with_parent(parent: int) -> None:
    """To be said after the change of user: that clears it."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)  # it died before we could say so


def renounce_rights() -> None:
    """No program gives us rights that we have not: neither sudo nor any other with the setuid
    bit."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _processes() -> Iterator[int]:
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            yield int(path.name)


def _parent(pid: int) -> int | None:
    """None for one that has ended, whether or not its parent knows."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    state, parent = text.rpartition(b")")[2].split()[:2]  # a name may hold blanks and brackets
    return None if state in (b"Z", b"X") else int(parent)


def descendants() -> list[int]:
    """All living processes below us."""
    children = defaultdict(list)
    for pid in _processes():
        if (parent := _parent(pid)) is not None:
            children[parent].append(pid)
    found, asked = [], [os.getpid()]
    while asked:
        below = children[asked.pop()]
        found += below
        asked += below
    return found


def send(number: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end_leftovers(*marks: str) -> int:
    """Kill what still runs with all these ("NAME=value") in its environment: processes of a build
    whose runner was killed. Returns how many there were."""
    wanted = {mark.encode() for mark in marks}
    found = 0
    for pid in _processes():
        with suppress(OSError):
            handle = os.pidfd_open(pid)
            try:
                # Read after it is held: a number taken by another process is not meant.
                if wanted.issubset(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    found += 1
            finally:
                os.close(handle)
    return found
