"""`python -m benchmarks.watching.crowd PORT PATH COUNT`: so many viewers of one board, each with a
connection of their own, in a process of its own.

Reads cookies, a line each, then an empty line; says `ready` when all hear; reads `end`; says in
JSON after how many milliseconds each of them saw each line, and how many were lost.
"""

import asyncio
import json
import re
import resource
import sys
import time

_LINE = re.compile(rb'"text":"written at (\d+)"')
_LONGEST = 64  # bytes of what is looked for, which may come in two pieces
_AT_ONCE = 40  # connections that are being made
_GIVEN_UP_AFTER = 60.0


class Viewer(asyncio.Protocol):
    """Hears a board; `hears` is done when its first message has come, and fails where none does."""

    def __init__(self, request: bytes, seen: list[float]) -> None:
        self.hears: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_lost = False
        self._request = request
        self._seen = seen
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        text = self._rest + data
        end = 0
        for found in _LINE.finditer(text):
            self._seen.append((now - int(found[1])) / 1e6)
            end = found.end()
        self._rest = text[max(end, len(text) - _LONGEST) :]
        if not self.hears.done() and b"event: delta" in text:
            self.hears.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if not self.hears.done():
            self.hears.set_exception(ConnectionError(f"refused: {self._rest!r}"))


async def watch(port: int, path: str, count: int, cookies: list[str]) -> None:
    seen: list[float] = []
    room = asyncio.Semaphore(_AT_ONCE)

    async def open_one(number: int) -> Viewer:
        cookie = cookies[number % len(cookies)]
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}\r\n\r\n"
        async with room:
            loop = asyncio.get_running_loop()
            _, viewer = await loop.create_connection(
                lambda: Viewer(request.encode(), seen), "127.0.0.1", port
            )
            await asyncio.wait_for(viewer.hears, _GIVEN_UP_AFTER)
        return viewer

    viewers = await asyncio.gather(*(open_one(number) for number in range(count)))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps({"seen": seen, "lost": sum(viewer.is_lost for viewer in viewers)}))


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asked_port, asked_path, asked_count = sys.argv[1:]
    given = list(iter(lambda: sys.stdin.readline().strip(), ""))
    asyncio.run(watch(int(asked_port), asked_path, int(asked_count), given))
