"""What strangers do to a server, over and over, each from an address of its own."""

import asyncio
import json
from collections.abc import Awaitable, Callable

PIECE = bytes(64 * 1024)
DROP_EVERY = 1.0  # seconds
NEARLY_A_MEBIBYTE = 1024 * 1024 - 1
FORGED = "Authorization: Bearer slw_0123456789ab_abcdefghijklmnopqrstuvwxyz012345"
SESSION = "Cookie: sessionid=abcdefghijklmnopqrstuvwxyz012345"

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Kind = Callable[[Reader, Writer], Awaitable[int]]  # returns the status of what was answered, or 0


def head(method: str, path: str, *lines: str, length: int | None = None) -> bytes:
    """The head of a request; without a length its body comes in chunks."""
    if method == "GET":
        body: tuple[str, ...] = ()
    else:
        body = (f"Content-Length: {length}",) if length else ("Transfer-Encoding: chunked",)
    return "\r\n".join(
        (f"{method} {path} HTTP/1.1", "Host: localhost", *lines, *body, "", "")
    ).encode()


async def status(reader: Reader) -> int:
    """Read one answer to its end; 0 where there is none."""
    line = await reader.readline()
    if not line.startswith(b"HTTP/1.1 "):
        return 0
    length = 0
    while (field := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = field.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
    return int(line[9:12])


async def _drops(writer: Writer) -> None:
    while True:
        await asyncio.sleep(DROP_EVERY)
        writer.write(b"x")
        await writer.drain()


async def _until_answered(reader: Reader, sending: Awaitable[None]) -> int:
    task = asyncio.ensure_future(sending)
    try:
        return await status(reader)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def uploads(reader: Reader, writer: Writer) -> int:
    """A package by a token that is none, as fast as it is taken."""
    writer.write(head("POST", "/api/v1/services/billing/versions?filename=b.tar", FORGED))

    async def send() -> None:
        while True:
            writer.write(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
            await writer.drain()

    return await _until_answered(reader, send())


async def logins(reader: Reader, writer: Writer) -> int:
    """A guess at a password."""
    body = json.dumps({"username": "admin", "password": "guess", "token_name": "x"}).encode()
    lines = ("Content-Type: application/json",)
    writer.write(head("POST", "/api/v1/login", *lines, length=len(body)) + body)
    return await status(reader)


def _slow(path: str, *lines: str) -> Kind:
    async def send_slowly(reader: Reader, writer: Writer) -> int:
        writer.write(
            head("POST", path, "Content-Type: application/json", *lines, length=NEARLY_A_MEBIBYTE)
        )
        writer.write(bytes(NEARLY_A_MEBIBYTE - 4096))
        return await _until_answered(reader, _drops(writer))

    return send_slowly


async def hooks(reader: Reader, writer: Writer) -> int:
    """A webhook of nobody's that is as large as one may be."""
    body = json.dumps({"x": "y" * (NEARLY_A_MEBIBYTE - 100)}).encode()
    lines = ("Content-Type: application/json", "X-Gitlab-Token: guess")
    writer.write(head("POST", "/hooks/gitlab", *lines, length=len(body)) + body)
    return await status(reader)


async def large_cookies(reader: Reader, writer: Writer) -> int:
    """A page, with as many cookies as a head may hold."""
    cookies = "; ".join(f"c{number}={'v' * 20}" for number in range(2200))
    writer.write(head("GET", "/services", f"Cookie: {cookies}; sessionid=nonsense"))
    return await status(reader)


async def slow_heads(reader: Reader, writer: Writer) -> int:
    """A head that never ends."""
    writer.write(head("GET", "/login")[:-2] + b"X: " + b"x" * 30_000)
    return await _until_answered(reader, _drops(writer))


async def deaf_readers(reader: Reader, writer: Writer) -> int:
    """Ask for the same file again and again, and read nothing of it."""
    asked = head("GET", "/static/vendor/htmx/htmx.min.js")
    while True:
        writer.write(asked * 100)
        await writer.drain()


async def silent_ones(reader: Reader, writer: Writer) -> int:
    """Be connected, and say nothing."""
    return await status(reader)


async def pages(reader: Reader, writer: Writer) -> int:
    """Pages that are for others."""
    writer.write(head("GET", "/rollouts", SESSION))
    return await status(reader)


KINDS: dict[str, Kind] = {
    "uploads": uploads,
    "logins": logins,
    "slow hooks": _slow("/hooks/gitlab"),
    "slow forms": _slow("/login"),
    "slow bodies": _slow("/api/v1/services", FORGED),
    "slow sessions": _slow("/api/v1/services", SESSION),
    "hooks": hooks,
    "large cookies": large_cookies,
    "slow heads": slow_heads,
    "deaf readers": deaf_readers,
    "silent ones": silent_ones,
    "pages": pages,
}
