"""A TCP proxy that cuts each connection after a number of bytes: by a reset, or by going silent."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cut:
    """After `after` bytes, both ways together: a reset, or silence."""

    after: int
    silent: bool = False


@dataclass(eq=False)
class CuttingProxy:
    """`draw` says for each connection where it is cut; None: never."""

    port_behind: int
    draw: Callable[[], Cut | None]
    port: int = 0
    made: int = 0
    resets: int = 0
    silences: int = 0
    carried: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        try:
            behind = await asyncio.open_connection("127.0.0.1", self.port_behind)
        except OSError:
            writer.transport.abort()
            return
        behind_reader, behind_writer = behind
        line = _Line(self, self.draw(), (writer, behind_writer))
        try:
            await asyncio.gather(
                line.carry(reader, behind_writer), line.carry(behind_reader, writer)
            )
        finally:
            for end in (writer, behind_writer):
                end.transport.abort()


class _Line:
    def __init__(
        self, proxy: CuttingProxy, cut: Cut | None, ends: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        self._proxy = proxy
        self._cut = cut
        self._ends = ends
        self._carried = 0
        self._is_cut = False

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(16384):
                left = len(piece)
                if self._cut is not None:
                    left = max(self._cut.after - self._carried, 0)
                self._carried += len(piece)
                self._proxy.carried += min(left, len(piece))
                target.write(piece[:left])
                await target.drain()
                if left < len(piece):
                    self._end()
                    if self._cut is not None and self._cut.silent:
                        await self._until_left(source)
                    return
        except OSError:
            pass  # the other way was cut
        target.close()

    async def _until_left(self, source: asyncio.StreamReader) -> None:
        """Take what comes and pass nothing on, as a dead network does."""
        while await source.read(16384):
            pass

    def _end(self) -> None:
        if self._is_cut or self._cut is None:
            return
        self._is_cut = True
        if self._cut.silent:
            self._proxy.silences += 1
            return
        self._proxy.resets += 1
        for end in self._ends:
            raw = end.get_extra_info("socket")
            # Closing with no time to linger sends a reset.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()


@asynccontextmanager
async def cutting_proxy(
    port_behind: int, draw: Callable[[], Cut | None]
) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(port_behind, draw)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
