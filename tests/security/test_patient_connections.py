"""Connections that only wait are closed: who reads nothing, and who has too many."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from slipway.interfaces.entrance.bodies import Receive, Scope, Send
from slipway.project.limits import patience

pytestmark = pytest.mark.once

HELLO = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SOON = 60.0  # seconds; a busy machine's


async def answers_much(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with as much as is asked for in the path, in MiB."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(int(scope["path"][1:] or 0)):
        await send({"type": "http.response.body", "body": bytes(1024**2), "more_body": True})
    await send({"type": "http.response.body", "body": b"end"})


class Hasty(patience.PatientProtocol):
    unread = 0.2


class LessHasty(patience.PatientProtocol):
    unread = 5.0


@pytest.fixture
async def address(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, int]]:
    protocol = getattr(request, "param", patience.PatientProtocol)
    config = uvicorn.Config(answers_much, http=protocol, lifespan="off")
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1"
    )
    yield server.sockets[0].getsockname()
    for each in list(state.connections):
        each.transport.abort()
    server.close()
    await asyncio.gather(*state.tasks, return_exceptions=True)


def deaf(address: tuple[str, int]) -> socket.socket:
    asked = socket.socket()
    asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asked.connect(address)
    asked.sendall(b"GET /16 HTTP/1.1\r\nHost: x\r\n\r\n")
    asked.setblocking(False)
    return asked


@pytest.mark.parametrize("address", [Hasty], indirect=True)
async def test_who_reads_nothing_of_an_answer_is_hung_up_on(address: tuple[str, int]) -> None:
    asked = deaf(address)
    async with asyncio.timeout(SOON):
        while patience._open.total() == 0:
            await asyncio.sleep(0.01)
        while patience._open.total():
            await asyncio.sleep(0.01)
    asked.close()


@pytest.mark.parametrize("address", [LessHasty], indirect=True)
async def test_who_reads_slowly_but_reads_gets_all(address: tuple[str, int]) -> None:
    asked = deaf(address)
    got = bytearray()
    async with asyncio.timeout(SOON):
        while not got.endswith(b"end\r\n0\r\n\r\n"):
            got += await asyncio.get_running_loop().sock_recv(asked, 64 * 1024)
    asked.close()
    assert len(got) > 16 * 1024**2


async def hello(address: tuple[str, int], **more: Any) -> tuple[asyncio.StreamWriter, bool]:
    """Connect and ask; returns whether it was answered."""
    reader, writer = await asyncio.open_connection(*address, **more)
    try:
        writer.write(HELLO)
        answer = await reader.readuntil(b"0\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError):
        return writer, False
    return writer, answer.startswith(b"HTTP/1.1 200")


async def test_one_customer_has_only_so_many(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FROM_ONE", 3)
    # What is on this machine comes for many; here it stands for somebody far away.
    monkeypatch.setattr(patience.PatientProtocol, "_comes_for_many", lambda self: False)
    writers = []
    async with asyncio.timeout(SOON):
        for expected in (True, True, True, False):
            writer, is_answered = await hello(address)
            writers.append(writer)
            assert is_answered is expected
        other, is_answered = await hello(address, local_addr=("127.0.0.2", 0))
        assert is_answered
    for writer in (*writers, other):
        writer.close()


async def test_where_all_is_full_who_was_quiet_longest_makes_room(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "ALTOGETHER", 2)
    async with asyncio.timeout(SOON):
        readers = []
        for _ in range(3):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(HELLO)
            await reader.readuntil(b"0\r\n\r\n")
            readers.append((reader, writer))
        assert await readers[0][0].read() == b""
        readers[2][1].write(HELLO)
        await readers[2][0].readuntil(b"0\r\n\r\n")
    for _, writer in readers:
        writer.close()
