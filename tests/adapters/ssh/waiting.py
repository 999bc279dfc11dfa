"""Waits for a condition, with a deadline: never for a time."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Raises AssertionError when it has not come true in time."""
    clock = asyncio.get_running_loop()
    deadline = clock.time() + seconds
    while not condition():
        assert clock.time() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)
