"""The program that runs one build by command, on its own: whoever started it may die.

`python -m slipway.adapters.builds.command.running.runner FOLDER`, with a job on its standard input.
"""

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from slipway.adapters.builds.command.places import BuildFolder
from slipway.adapters.builds.command.processes.tree import adopt_orphans, hide
from slipway.adapters.builds.command.running.jobs import CommandJob
from slipway.adapters.builds.command.running.work import BEGINS, Work

_TAKEN_WITHIN = 5.0  # seconds


def main(argv: Sequence[str]) -> int:
    """Return 0 once a runner, this one or another, has taken the build; it goes on by itself."""
    place = BuildFolder(Path(argv[0]))
    hide()
    job = CommandJob.from_bytes(sys.stdin.buffer.read())
    lock = place.take()
    if lock is None:
        return 0 if _is_taken_by_another(place) else 1
    if place.note is not None:
        return 0  # another has had it, and may have ended
    taken, tell = os.pipe()
    if os.fork() == 0:
        os.close(taken)
        _run_on(place, job, lock, tell)
    os.close(tell)
    return 0 if os.read(taken, 1) else 1


def _is_taken_by_another(place: BuildFolder) -> bool:
    until = time.monotonic() + _TAKEN_WITHIN
    while place.note is None:
        if time.monotonic() >= until:
            return False
        time.sleep(0.05)
    return True


def _run_on(place: BuildFolder, job: CommandJob, lock: int, tell: int) -> NoReturn:
    """Be the runner proper: a process that belongs to nobody."""
    status = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # our memory is for no disk
        adopt_orphans()
        work = Work(place, job, lock, started_at=time.time())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, work.interrupt)
        work.write_note(BEGINS)
        os.write(tell, b"1")
        os.close(tell)
        work.do()
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
