"""A body is waited for as long as it comes fast enough, and no longer."""

import asyncio

import pytest

from slipway.interfaces.entrance import bodies
from slipway.interfaces.entrance.bodies import GONE, Counted, Message

MIB = 1024**2


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time is what has been waited for: nobody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        scheduled = self._scheduled  # type: ignore[attr-defined]
        if not self._ready and scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, scheduled[0]._when)
        super()._run_once()  # type: ignore[misc]


def taken(sizes: list[int], every: float) -> tuple[int, bool, float]:
    """Receive pieces of these sizes, one every so many seconds; returns the bytes that were taken,
    whether it was late, and the seconds until it was over."""
    left = list(reversed(sizes))

    async def receive() -> Message:
        await asyncio.sleep(every)
        piece = bytes(left.pop())
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def take() -> tuple[int, bool, float]:
        counted, size, more = Counted(receive, 64 * MIB), 0, True
        while more and (message := await counted()) is not GONE:
            size += len(message["body"])
            more = message["more_body"]
        return size, counted.is_late, asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=Clock) as runner:
        return runner.run(take())


@pytest.mark.parametrize("pace", [64 * 1024, 4 * 1024])
def test_an_honest_upload_over_a_slow_line_comes_whole(pace: int) -> None:
    seconds = 16 * MIB // pace
    assert taken([pace] * seconds, 1.0) == (16 * MIB, False, seconds)


@pytest.mark.parametrize("begins_with", [1, 8 * MIB])
def test_drop_by_drop_it_is_over_soon_however_much_came_before(begins_with: int) -> None:
    size, is_late, seconds = taken([begins_with, *([1] * 600)], 1.0)
    assert is_late
    assert size < begins_with + 40
    assert seconds < bodies.PATIENCE + 2


def test_a_pause_of_a_moment_is_caught_up_with() -> None:
    assert taken([100_000, 100_000, 100_000], 20.0) == (300_000, False, 60.0)


def test_what_we_are_slow_to_take_is_not_the_sender_s_fault() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def take() -> bool:
        counted = Counted(receive, MIB)
        for _ in range(100):
            await counted()
            await asyncio.sleep(10)
        return counted.is_late

    with asyncio.Runner(loop_factory=Clock) as runner:
        assert not runner.run(take())
