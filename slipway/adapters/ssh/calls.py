"""Calls of the host program: bytes in, bytes out, nothing without a bound.

What is short is asked of a resident shell. What flows for long has a channel of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

import asyncssh

from slipway.adapters.ssh.answers import after_hello, refusal_in
from slipway.adapters.ssh.bounds import Garbled
from slipway.adapters.ssh.connections import Connections, Link
from slipway.adapters.ssh.errors import garbled, in_our_words, incapable, lost
from slipway.adapters.ssh.program import (
    CUT_OFF,
    MISSING,
    ProgramMissing,
    call,
    call_unsent,
    host_program,
    keep_program,
    request,
    unsent,
)
from slipway.adapters.ssh.residents import Resident, Residents
from slipway.ports import HostAccess, HostUnreachable

LARGEST_ANSWER = 4 * 2**20  # bytes
PIECE = 256 * 1024  # bytes read and sent at once


class Calls:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._residents = Residents(connections)

    async def look(
        self, access: HostAccess, verb: str, *arguments: str, data: bytes = b""
    ) -> list[list[str]]:
        """Return the answer of a verb that does nothing; it leaves no program behind either."""

        async def ask(link: Link) -> list[list[str]]:
            try:
                return await self._ask(link, request(verb, *arguments) + data)
            except ProgramMissing:
                command = call_unsent(access, verb, *arguments)
                return await self._ask_without(link, command, data)

        return await self._again_when_stale(access, ask)

    async def tell(
        self, access: HostAccess, verb: str, *arguments: str, data: bytes = b""
    ) -> list[list[str]]:
        """Return the answer of a verb. Without a program on the host there is nothing to do: []."""

        async def ask(link: Link) -> list[list[str]]:
            try:
                return await self._ask(link, request(verb, *arguments) + data)
            except ProgramMissing:
                return []

        return await self._again_when_stale(access, ask)

    @asynccontextmanager
    async def resident(self, link: Link) -> AsyncIterator[Resident]:
        """Lend a resident shell. Raises HostUnreachable, HostKeyChanged, HostDenied."""
        async with self._residents.resident(link) as shell:
            yield shell

    @asynccontextmanager
    async def process(
        self, link: Link, verb: str, *arguments: str
    ) -> AsyncIterator["asyncssh.SSHClientProcess[bytes]"]:
        """Run a verb whose input and output flow. Raises ProgramMissing on leaving."""
        async with self.channel(link, call(link.access, verb, *arguments)) as process:
            yield process

    async def send_program(self, link: Link) -> None:
        """Raises HostIncapable when it cannot be kept there."""
        async with link.quick, self.channel(link, keep_program(link.access)) as process:
            give(process, host_program().text)
            said = await process.stderr.read(2000)
            await process.wait_closed()
            if process.exit_status is None:
                raise lost(link.access)
            if process.exit_status != 0:
                reason = said.decode("utf-8", "replace").strip() or "it cannot be written to"
                raise incapable(link.access, f"{link.access.root} cannot be used ({reason})")

    @asynccontextmanager
    async def channel(
        self, link: Link, command: str
    ) -> AsyncIterator["asyncssh.SSHClientProcess[bytes]"]:
        connection = await self._connections.connection(link)
        with in_our_words(link.access):
            try:
                process = await connection.create_process(command, encoding=None)
            except asyncssh.ChannelOpenError:
                # A server that allows very few channels: then none is kept for later.
                if not self._residents.make_room(link):
                    raise
                process = await connection.create_process(command, encoding=None)
            try:
                yield process
            finally:
                process.close()

    async def ended(self, link: Link, process: "asyncssh.SSHClientProcess[bytes]") -> None:
        """Wait for the end of a call. Raises ProgramMissing, HostUnreachable, HostIncapable."""
        await process.wait_closed()
        match process.exit_status:
            case 0:
                return
            case code if code == MISSING:
                raise ProgramMissing
            case code if code in (None, CUT_OFF, -1):
                raise lost(link.access)
            case code:
                said = (await process.stderr.read(2000)).decode("utf-8", "replace").strip()
                raise incapable(link.access, f"the host program ended with {code}: {said}")

    async def _ask(self, link: Link, request: bytes) -> list[list[str]]:
        answer = bytearray()
        async with link.quick, self.resident(link) as shell, aclosing(shell.ask(request)) as pieces:
            async for piece in pieces:
                answer += piece
                if len(answer) > LARGEST_ANSWER:
                    raise garbled(link.access, Garbled("an answer without end"))
        return _understood(link, bytes(answer))

    async def _ask_without(self, link: Link, command: str, data: bytes) -> list[list[str]]:
        """Ask a host that has no program: it gets one for this question."""
        async with link.quick, self.channel(link, command) as process:
            give(process, unsent(data))
            answer = await read_all(process)
            await self.ended(link, process)
        return _understood(link, answer)

    async def _again_when_stale(
        self, access: HostAccess, ask: Callable[[Link], Awaitable[list[list[str]]]]
    ) -> list[list[str]]:
        """A kept connection may have died unnoticed: then, and only then, ask once more."""
        link = self._connections.link(access)
        was_open = link.is_open
        try:
            return await ask(link)
        except HostUnreachable:
            if not was_open:
                raise
        return await ask(link)


def _understood(link: Link, answer: bytes) -> list[list[str]]:
    try:
        lines = after_hello(answer)
    except Garbled as error:
        raise garbled(link.access, error) from error
    if refusal := refusal_in(lines):
        raise incapable(link.access, refusal.sentence)
    return lines


def give(process: "asyncssh.SSHClientProcess[bytes]", data: bytes) -> None:
    """Write all of a call's input. One that has ended already does not take it: its exit status
    says why, so that is no lost host."""
    with suppress(BrokenPipeError):
        if data:
            process.stdin.write(data)
        process.stdin.write_eof()


async def read_all(process: "asyncssh.SSHClientProcess[bytes]") -> bytes:
    answer = bytearray()
    while len(answer) < LARGEST_ANSWER:
        piece = await process.stdout.read(PIECE)
        if not piece:
            break
        answer += piece
    return bytes(answer)
