"""Hosts that hang in many ways: stopped shells, a stopped sshd, servers that never end."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.core.hosts.access import HostAccess
from slipway.ports import HostUnreachable
from tests.adapters.ssh.processes import commands

WITHIN = timedelta(seconds=1)
LATE = 4.0  # seconds after which a question of one second was not bounded


def quick_hosts(**bounds: object) -> SshHosts:
    """An adapter that loses its patience in a second."""
    return SshHosts(
        **{  # type: ignore[arg-type]
            "question_timeout": WITHIN,
            "connect_timeout": WITHIN,
            "patience": timedelta(seconds=0.5),
            "heartbeat": timedelta(seconds=0.4),
            **bounds,
        }
    )


async def ends_in_time(question: Awaitable[object]) -> HostUnreachable:
    """Return what it ended with."""
    began = time.monotonic()
    with pytest.raises(HostUnreachable) as caught:
        await question
    assert time.monotonic() - began < LATE
    return caught.value


@contextmanager
def stopped(*processes: int) -> Iterator[None]:
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def shells(root: str) -> list[int]:
    """All processes of the host program on one host: the shell that stays, and what it forked."""
    return [
        process
        for process, words in commands()
        if words[-1:] == [b"serve"] and root.encode() in words and b"-c" not in words
    ]


@asynccontextmanager
async def host_process(folder: Path) -> AsyncIterator[tuple[int, HostAccess]]:
    """A host whose sshd is a process of its own, so that it can be stopped."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "slipway_demo.hosts", "--names", "hung"),
        *("--folder", str(folder), "--count", "1"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        one = told["hosts"][0]
        fields = {key: one[key] for key in ("name", "address", "port", "user", "root", "host_key")}
        key = Path(told["private_key_file"]).read_text()
        yield process.pid, HostAccess(**fields, become="none", private_key=key)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        await process.wait()


@asynccontextmanager
async def drip(greeting: bytes, pause: float) -> AsyncIterator[int]:
    """A server that says its greeting byte by byte, and never ends; yields its port."""

    serving: set[asyncio.Task[None]] = set()

    async def talk(writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                for byte in greeting:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(pause)
        except OSError:
            pass  # whoever has asked has gone
        finally:
            writer.transport.abort()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.ensure_future(talk(writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
