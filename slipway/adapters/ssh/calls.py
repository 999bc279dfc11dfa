"""Calls of the host program: bytes in, bytes out, nothing without a bound.

What is short is asked of a resident shell. What flows for long has a channel of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta

import asyncssh

from slipway.adapters.ssh.answers.answers import after_hello, refusal_in
from slipway.adapters.ssh.answers.bounds import NO_END, Garbled, cleaned
from slipway.adapters.ssh.answers.refusals import ENDLESS, ended_with, sentence_of, unusable
from slipway.adapters.ssh.connections.connections import Connections, Link
from slipway.adapters.ssh.connections.residents import Resident, Residents, is_full
from slipway.adapters.ssh.errors import HostSilent, garbled, in_our_words, incapable, lost, silent
from slipway.adapters.ssh.requests.program import (
    CUT_OFF,
    MISSING,
    WAIT,
    ProgramMissing,
    call,
    call_unsent,
    host_program,
    keep_program,
    look_at,
    request,
    unsent,
)
from slipway.core.hosts.access import HostAccess
from slipway.ports import HostUnreachable

LARGEST_ANSWER = 4 * 2**20  # bytes
CLOSING = 2.0  # seconds that the end of a channel may take over there
PIECE = 256 * 1024  # bytes read and sent at once


class HostCalls:
    """`within` is how long a question and its answer may take, on a connection that is there."""

    def __init__(self, connections: Connections, *, within: timedelta) -> None:
        self._connections = connections
        self._within = within.total_seconds()
        self._residents = Residents(connections)

    async def reach(self, access: HostAccess) -> None:
        """Be connected."""
        link = self._connections.link(access)
        with self._connections.used(link):
            await self._connections.connection(link)

    @asynccontextmanager
    async def in_time(self, link: Link, seconds: float = 0) -> AsyncIterator[None]:
        """Give what is asked so long, and no longer. Raises HostSilent."""
        seconds = seconds or self._within
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise silent(link.access, seconds) from error

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

    async def tell(self, access: HostAccess, verb: str, data: bytes) -> None:
        """Have a verb done. Without a program on the host there is nothing to do."""
        asked = request(verb) + data
        with suppress(ProgramMissing):
            await self._again_when_stale(access, lambda link: self._ask(link, asked))

    async def look_at(
        self, link: Link, processes: tuple[int, ...], within: float
    ) -> dict[int, str]:
        """Return the state of processes of the host, as /proc says it; without those that are gone.

        It is asked by a shell of its own, because those that are kept may be what hangs.
        """
        command = look_at(processes)
        async with self.in_time(link, within), link.turn(), self.channel(link, command) as process:
            said = (await process.stdout.read(PIECE)).decode("ascii", "replace")
            while not said.endswith("looked\n") and len(said) < PIECE:
                piece = await process.stdout.read(PIECE)
                if not piece:
                    raise lost(link.access)
                said += piece.decode("ascii", "replace")
        words = [line.split() for line in said.splitlines()]
        known = {str(process): process for process in processes}
        return {known[each[0]]: each[1] for each in words if len(each) == 2 and each[0] in known}

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
        async with (
            self.in_time(link),
            link.turn(),
            self.channel(link, keep_program(link.access)) as process,
        ):
            give(process, host_program().text)
            said = await process.stderr.read(2000)
            await process.wait_closed()
            if process.exit_status is None:
                raise lost(link.access)
            if process.exit_status != 0:
                reason = cleaned(said.decode("utf-8", "replace"))
                raise incapable(link.access, unusable(link.access.root, reason))

    @asynccontextmanager
    async def channel(
        self, link: Link, command: str
    ) -> AsyncIterator["asyncssh.SSHClientProcess[bytes]"]:
        with self._connections.used(link), in_our_words(link.access):
            process = await self._open(link, command)
            try:
                yield process
            finally:
                process.close()

    async def _open(self, link: Link, command: str) -> "asyncssh.SSHClientProcess[bytes]":
        connection = await self._connections.connection(link)
        until = asyncio.get_running_loop().time() + CLOSING
        while True:
            try:
                return await connection.create_process(command, encoding=None)
            except asyncssh.ChannelOpenError as error:
                if not is_full(error):
                    raise asyncssh.ConnectionLost("Connection lost") from error
                # A server that allows very few channels: then none is kept for later, and what we
                # have closed is closed there a moment later.
                self._residents.make_room(link)
                if asyncio.get_running_loop().time() > until:
                    raise
            await asyncio.sleep(CLOSING / 20)

    async def has_two_sessions(self, access: HostAccess) -> bool:
        """Whether something can be asked there while something else is done."""
        link = self._connections.link(access)
        try:
            async with self.channel(link, WAIT), self.channel(link, WAIT):
                return True
        except HostUnreachable as error:
            if isinstance(error.__cause__, asyncssh.ChannelOpenError):
                return False
            raise

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
                said = cleaned((await process.stderr.read(2000)).decode("utf-8", "replace"))
                raise incapable(link.access, ended_with(code, said))

    async def _ask(self, link: Link, request: bytes) -> list[list[str]]:
        answer = bytearray()
        async with (
            link.turn(),
            self.resident(link) as shell,
            aclosing(shell.ask(request)) as pieces,
        ):
            async for piece in pieces:
                answer += piece
                if len(answer) > LARGEST_ANSWER:
                    raise garbled(link.access, Garbled(NO_END))
        return _understood(link, bytes(answer))

    async def _ask_without(self, link: Link, command: str, data: bytes) -> list[list[str]]:
        """Ask a host that has no program: it gets one for this question."""
        async with link.turn(), self.channel(link, command) as process:
            give(process, unsent(data))
            answer = await read_all(process)
            if len(answer) >= LARGEST_ANSWER:
                raise incapable(link.access, ENDLESS)
            await self.ended(link, process)
        return _understood(link, answer)

    async def _again_when_stale(
        self, access: HostAccess, ask: Callable[[Link], Awaitable[list[list[str]]]]
    ) -> list[list[str]]:
        """A kept connection may have died unnoticed: then, and only then, ask once more."""
        link = self._connections.link(access)
        was_open = link.is_open
        # What we ourselves wait for, to open many connections, is not the host's time.
        await self._connections.connection(link)
        async with self.in_time(link):
            try:
                return await ask(link)
            except HostSilent:
                raise
            except HostUnreachable:
                if not was_open:
                    raise
            return await ask(link)


def _understood(link: Link, answer: bytes) -> list[list[str]]:
    try:
        lines = after_hello(answer)
        refusal = refusal_in(lines)
    except Garbled as error:
        raise garbled(link.access, error) from error
    if refusal:
        raise incapable(link.access, sentence_of(refusal.kind, refusal.words))
    return lines


def give(process: "asyncssh.SSHClientProcess[bytes]", data: bytes) -> None:
    """Write all of a call's input. One that has ended already does not take it: its exit status
    says why, so that is no lost host."""
    with suppress(BrokenPipeError):
        if data:
            process.stdin.write(data)
        process.stdin.write_eof()


async def read_all(process: "asyncssh.SSHClientProcess[bytes]") -> bytes:
    """Return all that it says, or the beginning of it where there is too much."""
    answer = bytearray()
    while len(answer) < LARGEST_ANSWER:
        piece = await process.stdout.read(PIECE)
        if not piece:
            break
        answer += piece
    return bytes(answer)
