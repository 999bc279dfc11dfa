"""Sends hostile requests to an installation, many at a time, and counts how they were answered."""

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from tests.installation import Installation
from tests.security.hostile.requests import Hostile, hostile

AT_ONCE = 8
LONGEST = 60.0  # seconds until an answer
AGAIN = 429
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_AWAY = 503  # strangers wait for each other; it is no error


@dataclass
class Fired:
    """`answers` by status, 0 where the server hung up; `broken`: what was answered by a 5xx."""

    answers: Counter[int] = field(default_factory=Counter)
    addresses: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


def fire(installation: Installation, count: int, chance: random.Random) -> Fired:
    """Send so many requests to an installation that has been started."""
    _furnish(installation)
    document = installation.get("/openapi.json")
    requests = iter(list(islice(hostile(document, chance), count)))
    token = (installation.data / "admin-token").read_text().strip()
    port = int(urlsplit(installation.url).port or 80)
    fired = Fired()

    async def run() -> None:
        async def gun(number: int) -> None:
            for request in requests:
                await _send(request, port, token, fired, number)

        await asyncio.gather(*(gun(number) for number in range(AT_ONCE)))

    asyncio.run(run())
    return fired


def _furnish(installation: Installation) -> None:
    for words in (
        ("env", "create", "prod", "--order", "30"),
        ("key", "generate", "default"),
        ("service", "create", "billing", "--language", "go"),
        ("host", "add", "web-1", "--env", "prod", "--address", "127.0.0.9"),
    ):
        done = installation.cli(*words)
        assert done.exit_code == 0, done


async def _send(request: Hostile, port: int, token: str, fired: Fired, number: int) -> None:
    data = _written(request, token)
    while True:
        status = await _answer(data, port, number)
        if status != AGAIN:
            break
        await asyncio.sleep(0.5)  # it is about what they do, not how often
    fired.answers[status] += 1
    fired.addresses.add(f"{request.method} {urlsplit(request.path).path[:80]}")
    if status >= 500 and status != _AWAY:
        fired.broken.append(f"{status} {request}"[:2000])


async def _answer(data: bytes, port: int, number: int) -> int:
    address = f"127.8.{number}.{random.randrange(1, 250)}"
    try:
        async with asyncio.timeout(LONGEST):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=(address, 0)
            )
            writer.write(data)
            head = await reader.readline()
            await reader.read()
            writer.close()
    except (OSError, asyncio.IncompleteReadError):
        return 0
    found = _STATUS.match(head)
    return int(found[1]) if found else 0


def _written(request: Hostile, token: str) -> bytes:
    headers = {"Host": "localhost", "Connection": "close", "Content-Length": str(len(request.body))}
    if request.is_in:
        headers["Authorization"] = f"Bearer {token}"
    headers |= request.headers
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1", "replace") + request.body
