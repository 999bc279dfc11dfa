"""Those who watch: what waits for each of them, and whether they may still look."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from django.db import Error as DatabaseTrouble

from slipway.interfaces.live.at_once import SendNow
from slipway.records.rows.database.outages import is_away
from slipway.records.rows.sentences import Tell

LOG = logging.getLogger("slipway.live")
WAITING = 64  # messages a viewer may be behind before it is sent away, to come back where it was
_LOOKS = 3  # at who has heard nothing, until all are asked about again

# Reads the database: may this person still look? Those that are equal are asked once.
MayStill = Callable[[], bool]
Read = Callable[[MayStill], Awaitable[bool]]


@dataclass(eq=False, slots=True)
class Viewer:
    """Somebody watching, told in their language; `rev` is what they have seen, -1 before the first
    message."""

    rollout_id: int
    rev: int
    person: str
    may_still: MayStill
    tell: Tell
    send_now: SendNow | None = None
    is_new: bool = True
    is_dismissed: bool = False
    heard_at: float = 0.0
    waiting: list[bytes | None] = field(default_factory=list)
    _awaits: "asyncio.Future[None] | None" = None

    def hand(self, message: bytes | None) -> bool:
        """Give a message (None: it is over). Returns False when the viewer is too far behind."""
        if self.is_dismissed:
            return False
        if message is not None and self._is_sent(message):
            return True
        is_behind = len(self.waiting) >= WAITING
        if is_behind:
            self.waiting.clear()
        self.waiting.append(None if is_behind else message)
        self.heard_at = asyncio.get_running_loop().time()
        if self._awaits is not None and not self._awaits.done():
            self._awaits.set_result(None)
        return not is_behind

    def _is_sent(self, message: bytes) -> bool:
        """Send a message past the task that waits for it, if nothing is before it: to wake two
        thousand of them takes longer than to write to their connections."""
        waits = self._awaits is not None and not self._awaits.done() and not self.waiting
        if not waits or self.send_now is None or not self.send_now(message):
            return False
        self.heard_at = asyncio.get_running_loop().time()
        return True

    def dismiss(self) -> None:
        """Tell them nothing more, also of what waits for them."""
        self.waiting.clear()
        self.hand(None)
        self.is_dismissed = True

    async def next(self) -> bytes | None:
        """Return the next message, None where none comes any more."""
        # Of two thousand who wait no timer, queue and task each.
        while not self.waiting:
            self._awaits = asyncio.get_running_loop().create_future()
            await self._awaits
        return self.waiting.pop(0)


async def tend(everybody: Callable[[], Sequence[Viewer]], read: Read, keep_alive: float) -> None:
    """Say something to those to whom nothing was said for so many seconds, and send those away who
    may not look any more. Never ends by itself."""
    clock = asyncio.get_running_loop().time
    for number in count(1):
        await asyncio.sleep(keep_alive / _LOOKS)
        silent_since = clock() - keep_alive * (_LOOKS - 1) / _LOOKS
        for viewer in everybody():
            if viewer.heard_at <= silent_since:
                viewer.hand(b": keep-alive\n\n")
        if number % _LOOKS == 0:
            await _ask_about(everybody(), read)


async def _ask_about(viewers: Sequence[Viewer], read: Read) -> None:
    """Ask about each person once, however many boards they have open."""
    by_person: dict[MayStill, list[Viewer]] = defaultdict(list)
    for viewer in viewers:
        by_person[viewer.may_still].append(viewer)
    for may_still, theirs in by_person.items():
        if not await _may(may_still, read):
            for viewer in theirs:
                viewer.dismiss()


async def _may(may_still: MayStill, read: Read) -> bool:
    try:
        return await read(may_still)
    except DatabaseTrouble as error:
        if is_away(error):
            return True  # nothing can be read that they might not see
        LOG.exception("nobody can say who may still look")
        return False
