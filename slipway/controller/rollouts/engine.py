"""The workflow engine: keeps "rollout 7 needs driving" alive through crashes, timers and machines.

The truth about a rollout is in our own rows. The engine only remembers that somebody has to look,
so its database can be lost or replaced: the next sweep fills it again.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetWorkflowID,
    WorkflowStatus,
    _workflow_commands,
)

from slipway.controller.worker.failpoints import Point, reach

SELDOM = 4.0  # its PostgreSQL takes it amiss after 5
ALMOST_NEVER = 60.0
AT_ONCE = 64  # rollouts that one worker drives at the same time

# Drives a rollout until nothing can be done now.
Advance = Callable[[int], None]

_advance: list[Advance] = []  # the one this process was started with


@DBOS.workflow(name="drive_rollout", max_recovery_attempts=None)
def _drive_rollout(rollout_id: int) -> None:
    _advance[0](rollout_id)


class Engine:
    """One worker's door to the engine. Call `launch` once per process."""

    def __init__(self, *, url: str, worker_id: str, advance: Advance) -> None:
        self._url = url
        self._worker_id = worker_id
        _advance[:] = [advance]

    def launch(self) -> None:
        """Prepare the engine's database and start taking work."""
        embedded = self._url.startswith("sqlite")
        if embedded:
            _write_ahead(self._url.removeprefix("sqlite:///"))
        config: DBOSConfig = {
            "name": "slipway",
            "system_database_url": self._url,
            # Pinned: a worker of a new release must go on with the rollouts of the old one.
            "application_version": "1",
            "executor_id": self._worker_id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "max_executor_threads": AT_ONCE + 8,
            # It notifies of what we never use, and looks for it a hundred times a second; who
            # leaves waits for this long.
            "notification_coalesce_sec": 0.5,
        }
        _slow_down(DBOS(config=config), embedded=embedded)
        DBOS.launch()

    def drive(self, rollout_id: int, alive: Collection[str]) -> bool:
        """Drive a rollout here; False when a worker that is `alive` does so already. What a dead
        one has left is given up, also where an earlier takeover was itself lost."""
        known = DBOS.list_workflows(workflow_id_prefix=_prefix(rollout_id), load_input=False)
        unfinished = [w for w in known if w.status in ("ENQUEUED", "PENDING", "DELAYED")]
        if any(w.status == "PENDING" and w.executor_id in alive for w in unfinished):
            return False
        _give_up(unfinished)
        reach(Point.ACCEPTED)
        # Two workers that see the same rollout at once choose the same name: one workflow.
        with SetWorkflowID(f"{_prefix(rollout_id)}{_last_generation(known) + 1}"):
            DBOS.start_workflow(_drive_rollout, rollout_id)
        return True

    def take_over(self, dead_worker_id: str) -> int:
        """Give up what a dead worker was driving, so that it is begun anew; returns how many. Call
        it only after this worker, and no other, has declared that one dead."""
        left = DBOS.list_workflows(executor_id=dead_worker_id, status="PENDING", load_input=False)
        _give_up(left)
        return len(left)

    def forget(self, older_than_ms: int) -> int:
        """Delete the engine's memory of workflows that ended before a moment (Unix ms)."""
        over = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            workflow_id_prefix="rollout:",
            load_input=False,
            load_output=False,
        )
        old = [w.workflow_id for w in over if (w.updated_at or 0) < older_than_ms]
        if old:
            DBOS.delete_workflows(old)
        return len(old)

    def close(self, patience: timedelta = timedelta(seconds=8)) -> None:
        DBOS.destroy(workflow_completion_timeout_sec=int(patience.total_seconds()))


def _give_up(left: Iterable[WorkflowStatus]) -> None:
    # All that they knew is in our rows: to go on with them would take a queue that is polled.
    if ids := [w.workflow_id for w in left]:
        DBOS.cancel_workflows(ids)


def _slow_down(engine: DBOS, *, embedded: bool) -> None:
    """We use neither delays nor deadlines nor the queue of its own: to look for them every second
    was most of what an idle worker cost. It has no setting for that."""
    _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = ALMOST_NEVER if embedded else SELDOM
    engine._registry.get_internal_queue()._polling_interval_sec = ALMOST_NEVER


def _last_generation(known: Iterable[WorkflowStatus]) -> int:
    """Counted by name, not by number of rows: old ones are forgotten."""
    return max((int(w.workflow_id.rpartition(":g")[2]) for w in known), default=0)


def _prefix(rollout_id: int) -> str:
    return f"rollout:{rollout_id}:g"


def _write_ahead(path: str) -> None:
    # A property of the file: set once, it holds for every connection. 157 workflows a second
    # instead of 41.
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA journal_mode=WAL")
    file.close()
