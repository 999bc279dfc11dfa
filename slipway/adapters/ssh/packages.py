"""Sends a package from the disk to a host, as fast as the host takes it and no faster."""

import asyncio
from pathlib import Path

import asyncssh

from slipway.adapters.ssh.answers.answers import HELLO, LONGEST_GREETING, refusal
from slipway.adapters.ssh.answers.bounds import Garbled
from slipway.adapters.ssh.answers.refusals import sentence_of
from slipway.adapters.ssh.calls import PIECE, HostCalls
from slipway.adapters.ssh.connections.connections import Link
from slipway.adapters.ssh.errors import garbled, incapable, lost
from slipway.adapters.ssh.requests.program import ProgramMissing
from slipway.core.release.steps import PackageRef
from slipway.core.words.refusal import Refused

STALLED = 60.0  # seconds in which a host takes nothing
SLOWEST = 4 * 2**20  # bytes a second that a host hashes and writes


async def send_package(
    calls: HostCalls, link: Link, service: str, package: PackageRef, source: Path
) -> int:
    """Return the bytes moved; 0 when the host has them. Raises HostIncapable, HostUnreachable."""
    # Two instances of a service on one host need the package once.
    async with link.sending.setdefault(package.sha256, asyncio.Lock()):
        try:
            return await _send(calls, link, service, package, source)
        except ProgramMissing:
            await calls.send_program(link)
            return await _send(calls, link, service, package, source)


async def _send(
    calls: HostCalls, link: Link, service: str, package: PackageRef, source: Path
) -> int:
    sizes = str(package.size), str(package.unpacked_size or 2 * package.size)
    arguments = service, package.sha256, *sizes, package.format.value
    async with link.long, calls.process(link, "receive", *arguments) as process:
        async with calls.in_time(link):
            await _greeted(process)
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
            raise _refused(link, answer)
        async with calls.in_time(link):
            await calls.ended(link, process)
        raise lost(link.access)


def _refused(link: Link, answer: str) -> Refused:
    try:
        said = refusal(answer.split(" "))
    except Garbled as error:
        return garbled(link.access, error)
    return incapable(link.access, sentence_of(said.kind, said.words))


async def _stream(
    calls: HostCalls, link: Link, process: "asyncssh.SSHClientProcess[bytes]", source: Path
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


async def _greeted(process: "asyncssh.SSHClientProcess[bytes]") -> None:
    """Pass over what a login script says, whatever words it chooses: we come after the greeting."""
    noise = 0
    while line := await process.stdout.readline():
        noise += len(line)
        if line.rstrip(b"\r\n") == HELLO or noise > LONGEST_GREETING:
            return


async def _answer(process: "asyncssh.SSHClientProcess[bytes]") -> str:
    """Return the next line; "" at the end."""
    return (await process.stdout.readline()).decode("utf-8", "replace").strip()
