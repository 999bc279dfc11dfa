"""Bodies on their way in: counted, and not waited for without end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.http import HttpRequest

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATIENCE = 30.0  # seconds that a body may be behind
SLOWEST = 2048  # bytes a second, with which it catches up
# Bytes that may come between two looks whether there is room: sixty at once stay in the reserve.
ROOM_FOR = 1024**2
GONE: Message = {"type": "http.disconnect"}


class Counted:
    """Receives up to `left` bytes, as long as they come fast enough, and as `room`, where it is
    given, says that some bytes are free for them. After that the application
    is told that the client has gone, so that it lets go of what it has read, and answers nothing.

    However slow it is, and however much it sent before: a body that falls behind for as long as
    `patience` is over. 1 MiB takes nine minutes at the most.
    """

    def __init__(
        self,
        receive: Receive,
        left: int,
        room: Callable[[], int] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._receive = receive
        self._left = left
        self._room = room
        self._since_asked = ROOM_FOR
        self._longest = self._patience = patience
        self._is_whole = False
        self.is_late = False
        self.lacks_room = False

    @property
    def is_over(self) -> bool:
        return self._left < 0

    async def __call__(self) -> Message:
        if self.is_over or self.is_late or self.lacks_room:
            return GONE
        if self._is_whole:
            return await self._receive()
        message = await self._in_time()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
            self._ask_for_room(len(message.get("body", b"")))
        return GONE if self.is_over or self.lacks_room else message

    def _ask_for_room(self, size: int) -> None:
        """Several come at once, and none of them has to say how large it is."""
        self._since_asked += size
        if self._room is not None and self._since_asked >= ROOM_FOR:
            self._since_asked = 0
            self.lacks_room = not self._room()

    async def _in_time(self) -> Message:
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._patience):
                message = await self._receive()
        except TimeoutError:
            self.is_late = True
            return GONE
        # Only what we wait for counts: what we are slow to take is not the sender's fault.
        behind = self._patience - (clock() - began)
        self._patience = min(self._longest, behind + len(message.get("body", b"")) / SLOWEST)
        return message


class Given:
    """Receives the pieces of a body that is here, each once, and then whatever comes after it."""

    def __init__(self, pieces: list[bytes], receive: Receive) -> None:
        self._left = pieces
        self._left.reverse()
        self._is_given = False
        self._receive = receive

    async def __call__(self) -> Message:
        if self._is_given:
            return await self._receive()
        piece = self._left.pop()
        self._is_given = not self._left
        return {"type": "http.request", "body": piece, "more_body": bool(self._left)}


class Nothing:
    """Receives an empty body, and then waits for as long as the answer takes."""

    def __init__(self) -> None:
        self._is_told = False

    async def __call__(self) -> Message:
        if self._is_told:
            await asyncio.Event().wait()
        self._is_told = True
        return {"type": "http.request", "body": b"", "more_body": False}


def is_chunked(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a body comes that does not say how long it is."""
    return b"transfer-encoding" in headers and b"content-length" not in headers


def announced(length: bytes) -> int:
    """Return how many bytes a Content-Length announces; 0 where it says no number."""
    return int(length) if length.isdigit() and len(length) < 20 else 0


def announced_of(request: HttpRequest) -> int:
    """Return how many bytes a request announces."""
    return announced(str(request.META.get("CONTENT_LENGTH") or "").encode())
