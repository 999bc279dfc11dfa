"""Connections of threads are given back, whatever their threads are at."""

import asyncio
import queue
import threading
from types import SimpleNamespace

import pytest

from slipway.records.rows.database import threads
from slipway.records.rows.database.threads import DatabaseThreads

PATIENCE = 60.0  # seconds


@pytest.fixture
def closers(monkeypatch: pytest.MonkeyPatch) -> "queue.Queue[int]":
    """Threads that gave their connections back."""
    told: queue.Queue[int] = queue.Queue()
    note = SimpleNamespace(close_all=lambda: told.put(threading.get_ident()))
    monkeypatch.setattr(threads, "connections", note)
    return told


def test_a_thread_whose_work_outlasts_the_end_gives_its_connection_back_by_itself(
    closers: "queue.Queue[int]",
) -> None:
    may_end = threading.Event()

    async def outlast() -> tuple[int, set[int]]:
        pool = DatabaseThreads(2, "t", together=0.01)
        begun: queue.Queue[int] = queue.Queue()

        def work() -> None:
            begun.put(threading.get_ident())
            may_end.wait(PATIENCE)

        asked = asyncio.ensure_future(pool.run(work))
        worker = await asyncio.to_thread(begun.get, timeout=PATIENCE)
        pool.end(wait=False)
        # The other has left for both.
        left = {await asyncio.to_thread(closers.get, timeout=PATIENCE) for _ in range(2)}
        may_end.set()
        await asked
        return worker, left

    worker, left = asyncio.run(outlast())
    assert worker not in left
    assert closers.get(timeout=PATIENCE) == worker


def test_idle_threads_all_give_their_connections_back(closers: "queue.Queue[int]") -> None:
    meet = threading.Barrier(3)

    async def use_all() -> None:
        pool = DatabaseThreads(3, "t")
        await asyncio.gather(*(pool.run(lambda: meet.wait(PATIENCE)) for _ in range(3)))
        assert closers.empty()  # they are kept from one work to the next
        await asyncio.to_thread(pool.end, wait=True)

    asyncio.run(use_all())
    assert len({closers.get(timeout=PATIENCE) for _ in range(3)}) == 3
