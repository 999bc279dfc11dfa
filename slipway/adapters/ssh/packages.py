"""Sends a package from the disk to a host, as fast as the host takes it and no faster."""

import asyncio
from pathlib import Path

import asyncssh

from slipway.adapters.ssh.calls import PIECE, Calls
from slipway.adapters.ssh.connections import Link
from slipway.adapters.ssh.errors import incapable, lost
from slipway.adapters.ssh.program import ProgramMissing
from slipway.core.steps import PackageRef

STALLED = 60.0  # seconds in which a host takes nothing
SLOWEST = 4 * 2**20  # bytes a second that a host hashes and writes


async def send_package(
    calls: Calls, link: Link, service: str, package: PackageRef, source: Path
) -> int:
    """Return the bytes moved; 0 when the host has them. Raises HostIncapable, HostUnreachable."""
    # Two instances of a service on one host need the package once.
    async with link.sending.setdefault(package.sha256, asyncio.Lock()):
        try:
            return await _send(calls, link, service, package, source)
        except ProgramMissing:
            await calls.send_program(link)
            return await _send(calls, link, service, package, source)


async def _send(calls: Calls, link: Link, service: str, package: PackageRef, source: Path) -> int:
    sizes = str(package.size), str(package.unpacked_size or 2 * package.size)
    arguments = service, package.sha256, *sizes
    async with link.long, calls.process(link, "receive", *arguments) as process:
        async with calls.in_time(link):
            answer = await _answer(process)
        match answer:
            case "have":
                return 0
            case "send":
                await _stream(calls, link, process, source)
                # It is hashed there, and brought to the disk.
                async with calls.in_time(link, STALLED + package.size / SLOWEST):
                    answer = await _answer(process)
                if answer == "received":
                    return package.size
            case answer:
                pass
        if answer.startswith("refused "):
            raise incapable(link.access, answer.split(" ", 2)[2])
        async with calls.in_time(link):
            await calls.ended(link, process)
        raise lost(link.access)


async def _stream(
    calls: Calls, link: Link, process: "asyncssh.SSHClientProcess[bytes]", source: Path
) -> None:
    """All hosts read the same page cache; only the piece on its way is held in memory."""
    try:
        with source.open("rb") as file:
            while piece := file.read(PIECE):
                process.stdin.write(piece)
                async with calls.in_time(link, STALLED):
                    await process.stdin.drain()
        process.stdin.write_eof()
    except (BrokenPipeError, asyncssh.BreakReceived):
        return  # the host stopped listening, and says why


async def _answer(process: "asyncssh.SSHClientProcess[bytes]") -> str:
    """Return the next line that is meant for us."""
    while line := await process.stdout.readline():
        text = line.decode("utf-8", "replace").strip()
        if text.startswith(("have", "send", "received", "refused ")):
            return text
    return ""
