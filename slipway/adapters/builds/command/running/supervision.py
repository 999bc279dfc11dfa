"""Watches over one process of a build and all that it starts, and ends them when it is time."""

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from slipway.adapters.builds.command.places import BuildFolder
from slipway.adapters.builds.command.processes.memory import memory_used
from slipway.adapters.builds.command.processes.tree import descendants, send
from slipway.adapters.builds.command.running.log import LogWriter

OUR_OWN = 2  # who wait for the command of a build, outside and inside its enclosure
GRACE = 5.0  # seconds between being asked to end and being ended
HOPELESS = 60.0  # seconds after which what hangs in the kernel is left to it
_BEAT = 0.2  # seconds
_COUNT_EVERY = 1.0  # seconds
_PIPE = 64 * 1024
_BROKEN = 70  # exit status of a child of ours that failed before it was what it should be


class Reason(StrEnum):
    """Why a build was ended before its end."""

    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    TIME = "time"
    SIZE = "size"
    MEMORY = "memory"
    PROCESSES = "processes"


@dataclass(frozen=True, slots=True)
class ProcessEnded:
    """`status` as subprocess says it: negative for a signal. `told`: what the process itself
    said of its work through the channel that it was given."""

    status: int
    reason: Reason | None
    told: bytes = b""


class BuildLimits:
    """Asked again and again whether a build has to end."""

    def __init__(
        self, place: BuildFolder, *, seconds: float, size: int, memory: int, processes: int
    ) -> None:
        self._place = place
        self._until = time.monotonic() + seconds
        self._size = size
        self._memory = memory
        self._processes = processes
        self._measure_at = 0.0
        self._count_at = 0.0
        self.signalled = False

    def broken(self) -> Reason | None:
        if self._place.cancel.exists():
            return Reason.CANCELLED
        if self.signalled:
            return Reason.INTERRUPTED
        if time.monotonic() >= self._until:
            return Reason.TIME
        if reason := self._broken_by_processes():
            return reason
        if time.monotonic() >= self._measure_at and self.is_too_large():
            return Reason.SIZE
        return None

    def _broken_by_processes(self) -> Reason | None:
        if time.monotonic() < self._count_at:
            return None
        self._count_at = time.monotonic() + _COUNT_EVERY  # all of the machine are looked through
        below = descendants()
        if len(below) > self._processes + OUR_OWN:
            return Reason.PROCESSES
        return Reason.MEMORY if memory_used(below) > self._memory else None

    def is_too_large(self) -> bool:
        began = time.monotonic()
        used = disk_used(self._place.folder, enough=self._size)
        ended = time.monotonic()
        # A folder with very many files takes long to measure: no more than a tenth of our time.
        self._measure_at = ended + max(1.0, 10 * (ended - began))
        return used >= self._size


def disk_used(folder: Path, *, enough: int) -> int:
    """Bytes on the disk below `folder`; counted no further than `enough`. Follows no link."""
    used, waiting = 0, [os.fspath(folder)]
    while waiting and used < enough:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:  # it may go away meanwhile
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                used += entry.stat(follow_symlinks=False).st_blocks * 512
    return used


class ProcessSupervisor:
    """Runs one process at a time, with what it prints in the log."""

    def __init__(self, log: LogWriter, limits: BuildLimits, hidden: int) -> None:
        """`hidden`: a descriptor that no process of the build may have."""
        self._log = log
        self._limits = limits
        self._hidden = hidden
        self._status: int | None = None

    def run(self, work: Callable[[int], NoReturn]) -> ProcessEnded:
        """Have `work` done by a process of its own; it is given a descriptor to tell a few words
        by. Returns when it has ended, and with it all that it has started."""
        told, tell = os.pipe()
        output, printing = os.pipe()
        child = os.fork()
        if child == 0:
            _be_child(work, printing, tell, self._hidden)
        os.close(tell)
        os.close(printing)
        self._status = None
        try:
            try:
                reason = self._watch(child, output)
            finally:
                self._end_all(child, output)
            self._drain(output)
            words = os.read(told, _PIPE) if _is_readable(told, 0) else b""
        finally:
            os.close(told)
            os.close(output)
        return ProcessEnded(_BROKEN if self._status is None else self._status, reason, words)

    def _watch(self, child: int, output: int) -> Reason | None:
        while True:
            is_open = self._pass_on(output, _BEAT)
            self._reap(child)
            if self._status is not None:
                return None
            if reason := self._limits.broken():
                return reason
            if not is_open:
                time.sleep(_BEAT)  # it prints nothing any more, and goes on

    def _end_all(self, child: int, output: int) -> None:
        """Also those that made themselves a session of their own, and those that come while
        others are ended."""
        send(signal.SIGTERM, descendants())
        now = time.monotonic()
        patient_until, hopeful_until = now + GRACE, now + GRACE + HOPELESS
        while (alive := descendants()) or self._status is None:
            now = time.monotonic()
            if now >= hopeful_until:
                self._log.say(f"These processes cannot be ended: {alive}.")
                return
            if now >= patient_until:
                send(signal.SIGKILL, alive)
            self._pass_on(output, 0.02)
            self._reap(child)

    def _reap(self, child: int) -> None:
        """Collect whoever has ended: orphans are ours, too."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == child:
                    self._status = os.waitstatus_to_exitcode(status)

    def _pass_on(self, output: int, seconds: float) -> bool:
        """Move what was printed into the log; False when nobody can print any more."""
        if not _is_readable(output, seconds):
            return True
        data = os.read(output, _PIPE)
        self._log.write(data)
        return bool(data)

    def _drain(self, output: int) -> None:
        while _is_readable(output, 0) and self._pass_on(output, 0):
            pass


def _is_readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


def _be_child(work: Callable[[int], NoReturn], printing: int, tell: int, hidden: int) -> NoReturn:
    try:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.close(hidden)
        os.dup2(printing, 1)
        os.dup2(printing, 2)
        work(tell)
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(_BROKEN)
