"""The enclosure of a build: namespaces in which there are the system and the build, and no more."""

import os
import select
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from slipway.adapters.builds.command.enclosure import furniture
from slipway.adapters.builds.command.enclosure.kernel import Space, leave
from slipway.adapters.builds.command.processes.tree import (
    die_with_creator,
    die_with_parent,
    go_first,
    hide,
    show,
)
from slipway.adapters.builds.command.processes.users import NOBODY, BuildUser

SOURCE, HOME, SCRATCH = "/build/source", "/build/home", "/tmp"
BROKEN = 70
MOST_SHARED = 256 * 1024**2  # bytes
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """`readable`: folders of the machine that are there besides the system's, read only.
    `hidden`: folders that are not there whatever they lie in. `shared`: bytes of memory that files
    in /dev/shm may take, and as many that segments of System V may."""

    source: str
    home: str
    scratch: str
    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    network: bool
    user: BuildUser
    shared: int = MOST_SHARED

    def run(self, work: Callable[[], NoReturn], parent: int) -> NoReturn:
        """Have `work` done inside, by the second process of a namespace of its own, and end as it
        ends. With it, or with us, the kernel ends all that is left in there.

        To be called in a process that is there for nothing else. Without root's rights the user
        inside is nobody, and outside still our own: what it may touch is what is there.
        """
        bound = furniture.look_around(self.readable, self.hidden)
        if os.geteuid() != 0:
            _be_nobody()
        else:
            go_first()
        die_with_parent(parent)
        spaces = Space.MOUNTS | Space.PROCESSES | Space.MESSAGES | Space.NAMES
        leave(spaces if self.network else spaces | Space.NETWORK)
        for number in _ENDS:
            signal.signal(number, signal.SIG_IGN)  # they are for the command, whom we wait for
        told, tell = os.pipe()
        first = os.fork()
        if first == 0:
            _guarded(lambda: self._be_first(work, told, tell, bound))
        os.close(tell)
        os.waitpid(first, 0)
        _end_as(os.read(told, 32))

    def _be_first(
        self, work: Callable[[], NoReturn], told: int, tell: int, bound: furniture.Bound
    ) -> NoReturn:
        """Be the one with whom the namespace ends."""
        die_with_creator()
        os.close(told)
        if _has_no_reader(tell):
            os._exit(BROKEN)  # whoever made us died before we could say that we die with it
        hide()
        furniture.furnish(self, bound)
        command = os.fork()
        if command == 0:
            for number in _ENDS:
                signal.signal(number, signal.SIG_DFL)
            os.close(tell)
            _guarded(work)
        while True:
            pid, status = os.wait()  # whoever loses its parent in here is ours
            if pid == command:
                os.write(tell, str(os.waitstatus_to_exitcode(status)).encode())
                os._exit(0)


def _be_nobody() -> None:
    uid, gid = os.geteuid(), os.getegid()
    leave(Space.USERS)
    show()
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
    go_first()
    hide()


def _has_no_reader(pipe: int) -> bool:
    asked = select.poll()
    asked.register(pipe, select.POLLERR)
    return any(event & select.POLLERR for _, event in asked.poll(0))


def _guarded(work: Callable[[], NoReturn]) -> NoReturn:
    """For a child: whatever happens, it never goes on with what its parent was doing."""
    try:
        work()
    except Exception as error:
        print(f"[slipway] The build could not be enclosed: {error}.", file=sys.stderr, flush=True)
    finally:
        os._exit(BROKEN)


def _end_as(told: bytes) -> NoReturn:
    status = int(told) if told else BROKEN
    if status < 0:
        with suppress(OSError, ValueError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status if status >= 0 else BROKEN)
