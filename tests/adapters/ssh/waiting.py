"""Waits for a condition, with a deadline: never for a time."""

import asyncio
from collections.abc import Callable
from pathlib import Path


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Raises AssertionError when it has not come true in time."""
    clock = asyncio.get_running_loop()
    deadline = clock.time() + seconds
    while not condition():
        assert clock.time() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)


def has_ended(process: object) -> bool:
    """Whether nothing of it is left but, perhaps, that nobody has waited for it. It lets go of its
    program a moment before: until then it runs, for whoever asks."""
    try:
        stat = Path("/proc", str(process), "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"
