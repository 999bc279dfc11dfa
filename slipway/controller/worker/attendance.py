"""A worker's life: it shows that it is alive, and leaves when it no longer can."""

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import connections

from slipway import __version__
from slipway.controller.worker import clock
from slipway.records.workers import operations as workers

BEAT = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=20)
LEFT = 75  # exit status of a worker that may no longer work: start it again under a new id

log = structlog.get_logger()


def new_worker_id() -> str:
    """A fresh id per boot: a worker that starts again must not be taken for the one that died."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


class Attendance:
    """Beats from a thread of its own, so that a busy event loop does not look like death.

    A worker that was declared dead, or could not beat for as long as it takes to be, leaves at
    once: somebody else is driving its rollouts. What it already sent to a host, the host refuses.
    """

    def __init__(
        self,
        worker_id: str,
        *,
        beat: timedelta = BEAT,
        dead_after: timedelta = DEAD_AFTER,
        leave: Callable[[], None] | None = None,
    ) -> None:
        self.worker_id = worker_id
        self.dead_after = dead_after
        self._beat = beat
        self._leave = leave or _leave_at_once
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attendance", daemon=True)

    def begin(self) -> None:
        """Register, then beat until `end`. Raises the database's error when it is away."""
        workers.register_worker(worker_id=self.worker_id, now=clock.now(), version=__version__)
        self._thread.start()

    def end(self) -> None:
        """Stop beating and say so, so that nobody has to wait for this worker to be dead."""
        self._over.set()
        self._thread.join(timeout=self._beat.total_seconds())
        workers.leave(worker_id=self.worker_id)

    def _run(self) -> None:
        beaten_at = time.monotonic()
        try:
            while not self._over.wait(self._beat.total_seconds()):
                if self._beat_once():
                    beaten_at = time.monotonic()
                elif time.monotonic() - beaten_at > self.dead_after.total_seconds():
                    log.error("worker_leaves", why="it could not say that it is alive")
                    self._leave()
        finally:
            connections.close_all()

    def _beat_once(self) -> bool:
        try:
            alive = workers.beat(worker_id=self.worker_id, now=clock.now())
        except Exception as error:  # whatever it is: not having beaten is what counts
            connections.close_all()
            log.warning("beat_failed", error=str(error).strip())
            return False
        if not alive and not self._over.is_set():
            log.error("worker_leaves", why="another worker has declared it dead")
            self._leave()
        return alive


def _leave_at_once() -> None:
    # Not sys.exit: that would wait for threads that are still working under a lost claim.
    os._exit(LEFT)
