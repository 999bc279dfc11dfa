"""The real ASGI application, asked in this process as a server would ask it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from slipway.project.asgi import application


@dataclass
class Answer:
    """What came back; `pieces` grows while the answer is still coming."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: "asyncio.Queue[bytes | None]" = field(default_factory=asyncio.Queue)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, message: Mapping[str, Any]) -> None:
        """Be told by the application, as a server is."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
            self.begun.set()
            return
        if message.get("body"):
            self.pieces.put_nowait(message["body"])
        if not message.get("more_body", False):
            self.pieces.put_nowait(None)

    async def body(self) -> bytes:
        """The whole body."""
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self.pieces.get()) is not None:
            yield piece


@contextlib.asynccontextmanager
async def asking(
    method: str, url: str, headers: Mapping[str, str], body: Iterable[bytes] = ()
) -> AsyncIterator[Answer]:
    """Send a request; leaving the block hangs up."""
    answer, gone = Answer(), asyncio.Event()
    messages = _messages(body)

    async def receive() -> dict[str, Any]:
        if (message := next(messages, None)) is not None:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    task = asyncio.ensure_future(application(_scope(method, url, headers), receive, answer.take))
    try:
        async with asyncio.timeout(60):
            await answer.begun.wait()
            yield answer
    finally:
        gone.set()
        async with asyncio.timeout(60):
            await task


def _messages(body: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for piece in body:
        yield {"type": "http.request", "body": piece, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


def _scope(method: str, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in {"Host": "testserver", **headers}.items()
        ],
        "client": ("127.0.0.1", 12345),
        "server": ("testserver", 80),
    }


def pieces_of(size: int, piece: int = 64 * 1024) -> Iterator[bytes]:
    """Yield `size` zero bytes, never many at once."""
    whole, rest = divmod(size, piece)
    zeros = bytes(piece)
    for _ in range(whole):
        yield zeros
    yield bytes(rest)
