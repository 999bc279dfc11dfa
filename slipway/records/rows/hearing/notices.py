"""Wakes whoever waits for a write to a SQLite database, at no cost while nobody writes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from inotify_simple import INotify, flags

# Once: who was woken looks by himself, and a busy database has nothing to add.
_MASK = flags.MODIFY | flags.DELETE_SELF | flags.MOVE_SELF | flags.ONESHOT


class WriteNotices:
    """The kernel says when a file of a database is written to: a moment before the write can be
    seen. Who was woken looks again for a while, and who was not looks now and then."""

    def __init__(self, notices: INotify, database: Path) -> None:
        self._notices = notices
        self._files = (database, database.with_name(f"{database.name}-wal"))
        self._woken = asyncio.Event()

    def forget(self) -> None:
        """What was written until now wakes nobody. Raises OSError where no notice is to be had."""
        self.hear()
        self._woken.clear()
        for file in self._files:  # another one may be there by its name now
            with suppress(FileNotFoundError):
                self._notices.add_watch(file, _MASK)

    async def wait(self, *, longest: float) -> bool:
        """Return True at the next write, False after `longest` seconds without one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self._woken.wait()
        return self._woken.is_set()

    def hear(self) -> None:
        if list(self._notices.read(timeout=0)):
            self._woken.set()


@contextmanager
def written(database: Path) -> Iterator[WriteNotices]:
    """Raises OSError where the kernel gives no notices (what it has for this user is taken)."""
    loop = asyncio.get_running_loop()
    with INotify(nonblocking=True) as notices:
        one = WriteNotices(notices, database)
        loop.add_reader(notices.fileno(), one.hear)
        try:
            yield one
        finally:
            loop.remove_reader(notices.fileno())
