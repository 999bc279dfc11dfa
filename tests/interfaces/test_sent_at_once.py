"""A chunk that is written at once is one of its answer: in its order, once, and nowhere else."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from slipway.interfaces.entrance.bodies import Receive, Scope, Send
from slipway.interfaces.live.at_once import send_now_of
from slipway.interfaces.live.live import Live, LivePauses
from slipway.project.limits.patience import PatientProtocol
from tests.interfaces.stories import Bell, Story, Watcher

WITHIN = 10.0  # seconds


class Answering:
    """An application that answers with one chunk, and keeps how others go out at once."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        assert send_now_of(scope)(b"too early") is False
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first ", "more_body": True})
        self.begun.set()
        await self.may_end.wait()
        await send({"type": "http.response.body", "body": b" last"})


@pytest.fixture
async def application() -> Answering:
    return Answering()


@pytest.fixture
async def address(application: Answering) -> AsyncIterator[tuple[str, int]]:
    config = uvicorn.Config(application, http=PatientProtocol, lifespan="off")
    config.load()
    state = uvicorn.server.ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: PatientProtocol(config=config, server_state=state, app_state={}), "127.0.0.1"
    )
    yield server.sockets[0].getsockname()
    application.may_end.set()
    for each in list(state.connections):
        each.transport.abort()
    server.close()
    await asyncio.gather(*state.tasks, return_exceptions=True)


async def asked(application: Answering, address: tuple[str, int], request: bytes) -> Any:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(request)
    await asyncio.wait_for(application.begun.wait(), WITHIN)
    return reader, writer


async def test_what_is_sent_at_once_is_a_chunk_between_the_others(
    application: Answering, address: tuple[str, int]
) -> None:
    reader, writer = await asked(application, address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    send_now = send_now_of(application.scopes[0])
    assert send_now("中\n".encode())
    application.may_end.set()
    got = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN)
    assert got.endswith("\r\n6\r\nfirst \r\n4\r\n中\n\r\n5\r\n last\r\n0\r\n\r\n".encode())
    assert not send_now(b"after its end")
    # The next one on this connection has its own, and that of the first stays closed.
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN)).count(b"first") == 1
    assert not send_now(b"to another answer")
    writer.close()


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.0", b"HEAD / HTTP/1.1"])
async def test_where_there_are_no_chunks_it_is_not_offered(
    application: Answering, address: tuple[str, int], request_line: bytes
) -> None:
    _, writer = await asked(application, address, request_line + b"\r\nHost: x\r\n\r\n")
    assert not send_now_of(application.scopes[0])(b"a chunk")
    application.may_end.set()
    writer.close()


async def test_who_reads_nothing_has_it_wait(
    application: Answering, address: tuple[str, int]
) -> None:
    _, writer = await asked(application, address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    send_now = send_now_of(application.scopes[0])
    sent = 0
    while send_now(bytes(64 * 1024)):
        sent += 1
        assert sent < 1000, "all of it is kept for somebody who does not read"
    writer.close()


async def test_what_goes_at_once_and_what_waits_make_one_story() -> None:
    """Whichever way each message takes, nothing is missed, told twice or out of its order."""
    story, bell, chance = Story(), Bell(), random.Random(7)
    live = Live(story.look, story.glance, lambda: bell, LivePauses())
    watcher = Watcher(live)
    at_once = 0

    def send_now(message: bytes) -> bool:
        nonlocal at_once
        if chance.random() < 0.5:
            return False
        at_once += 1
        watcher.take(message.decode())
        return True

    watcher.send_now = send_now
    task = asyncio.create_task(watcher.watch())
    for number in range(1, 41):
        story.tell()
        bell.ring()
        async with asyncio.timeout(WITHIN):
            while watcher.seen != list(range(1, number + 1)):
                await asyncio.sleep(0.001)
    story.end()
    bell.ring()
    await asyncio.wait_for(task, WITHIN)
    await live.close()
    assert watcher.seen == list(range(1, 41))
    assert watcher.events[-1] == "end"
    assert 5 < at_once < 40
