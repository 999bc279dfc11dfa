"""In which order requests are answered: who is known at once, strangers a few at a time.

Forging a credential is cheap, and looking at one is not: known is who was let in by it before.
"""

import asyncio
import hashlib
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakKeyDictionary

STRANGERS_AT_ONCE = 3  # each keeps the interpreter from those who are known
WAITING = 64
HOOKS_AT_ONCE = 2
HOOKS_WAITING = 4096  # a build server tells of everything, at times all at once
LONGEST_WAIT = 10.0  # seconds
# Its sender may be gone by then; what it told is held here, and is not told again.
HOOKS_LONGEST_WAIT = 300.0
_REMEMBERED = 10_000  # credentials
_SESSION = re.compile(r"(?:^|;)\s*sessionid=([^;]{1,128})")


class Full(Exception):
    """So many wait that this one has to come again."""


class Known:
    """Credentials that people were let in by lately. Safe between threads; kept as hashes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def note(self, authorization: str, cookie: str, *, is_good: bool) -> None:
        """Remember a credential that let somebody in, forget one that does not."""
        if (key := _key(authorization, cookie)) is None:
            return
        with self._lock:
            self._seen.pop(key, None)
            if is_good:
                self._seen[key] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def has(self, headers: Mapping[bytes, bytes]) -> bool:
        authorization, cookie = (
            headers.get(name, b"").decode("latin-1") for name in (b"authorization", b"cookie")
        )
        key = _key(authorization, cookie)
        with self._lock:
            return key in self._seen


def _key(authorization: str, cookie: str) -> bytes | None:
    if authorization:
        return hashlib.sha256(f"token {authorization}".encode()).digest()
    found = _SESSION.search(cookie)
    return hashlib.sha256(f"session {found[1]}".encode()).digest() if found else None


KNOWN = Known()


class Turnstile:
    """Lets `at_once` through, keeps up to `most` waiting, in the order in which they came."""

    def __init__(self, at_once: int, most: int, longest: float = LONGEST_WAIT) -> None:
        self._at_once = at_once
        self._longest = longest
        self._most = most
        self._waiting = 0
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
        self._turns = WeakKeyDictionary()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Callable[[], None]]:
        """Wait for a turn; it ends with the block, or where what was yielded is called. Raises
        Full."""
        loop = asyncio.get_running_loop()
        turns = self._turns.setdefault(loop, asyncio.Semaphore(self._at_once))
        await self._wait_for(turns)
        held = [turns]

        def end() -> None:
            while held:
                held.pop().release()

        try:
            yield end
        finally:
            end()

    async def _wait_for(self, turns: asyncio.Semaphore) -> None:
        if self._waiting >= self._most:
            raise Full
        self._waiting += 1
        try:
            async with asyncio.timeout(self._longest):
                await turns.acquire()
        except TimeoutError:
            raise Full from None
        finally:
            self._waiting -= 1


class Room:
    """Bytes that all bodies of a kind may hold together, and those from one place."""

    def __init__(self, most: int, of_a_place: int) -> None:
        self._most = most
        self._of_a_place = of_a_place
        self._held: Counter[str] = Counter()

    @contextmanager
    def of(self, place: str) -> "Iterator[Held]":
        """Have some of it, until the block ends."""
        held = Held(self, place)
        try:
            yield held
        finally:
            self._held[place] -= held.size
            if not self._held[place]:
                del self._held[place]

    def take(self, place: str, size: int) -> bool:
        """Return whether there was room."""
        of_the_place = self._held[place] + size
        if self._held.total() + size > self._most or of_the_place > self._of_a_place:
            return False
        self._held[place] = of_the_place
        return True


class Held:
    """What one body has of a room."""

    def __init__(self, room: Room, place: str) -> None:
        self._room = room
        self._place = place
        self.size = 0

    def take(self, size: int) -> bool:
        """Return whether there was room for so much more."""
        if not self._room.take(self._place, size):
            return False
        self.size += size
        return True
