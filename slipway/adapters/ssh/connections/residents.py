"""Resident shells: one for a kept connection, which answers request after request.

The host program is read once by each of them, and a request costs no channel and no login shell.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncssh

from slipway.adapters.ssh.answers.refusals import ended_with
from slipway.adapters.ssh.connections.connections import Connections, Link
from slipway.adapters.ssh.errors import in_our_words, incapable, lost, no_shell
from slipway.adapters.ssh.requests.program import CUT_OFF, MISSING, SHELL, ProgramMissing, serve
from slipway.core.hosts.access import HostAccess

IDLE_KEPT = (
    1  # for a link: what is asked at the same time gets shells of its own, as long as it takes
)
LARGEST_COMPLAINT = 2000  # bytes
KILLED = 128  # exit statuses from here on: a signal ended it
_GREETING = re.compile(rb"(?:\A|\n)%s (\d{1,18})\n" % SHELL.encode())
_SERVED = re.compile(rb"(?:\A|\n)served (\d{1,3})\n\Z")


class Resident(asyncssh.SSHClientSession[bytes]):
    """One shell on a host. It is asked one thing at a time; `is_free` says whether it can be."""

    def __init__(self, access: HostAccess) -> None:
        self._access = access
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._complaint = bytearray()
        self._exit_status: int | None = None
        self._is_asked = False
        self._greeting = b""
        self.process: int | None = None  # its number on the host, once it has said so
        self.is_over = False

    @property
    def is_free(self) -> bool:
        return not self._is_asked and not self.is_over

    async def ask(self, request: bytes) -> AsyncGenerator[bytes]:
        """Yield the answer in pieces, up to and with the line that ends it.

        Raises ProgramMissing, HostUnreachable, HostIncapable.
        """
        self._is_asked = True
        # One that has ended already does not take it: its exit status says why.
        with suppress(BrokenPipeError):
            if self._channel is not None and not self.is_over:
                self._channel.write(request)
        end = b""
        while (piece := await self._pieces.get()) is not None:
            yield piece
            end = (end + piece)[-16:]
            if served := _SERVED.search(end):
                self._check(int(served[1]))
                self._is_asked = False
                return
        self._check_begun(self._exit_status)
        self._check(self._exit_status)
        raise lost(self._access)

    def close(self) -> None:
        self.is_over = True
        if self._channel is not None:
            self._channel.close()

    def _check_begun(self, code: int | None) -> None:
        """One that has not said who it is never was: the login shell has ended by itself."""
        if self.process is not None or code is None:
            return
        if code in range(KILLED) and code not in (MISSING, CUT_OFF):
            said = (self._greeting + self._complaint).decode("utf-8", "replace")
            raise no_shell(self._access, code, said)

    def _check(self, code: int | None) -> None:
        match code:
            case 0:
                return
            case code if code == MISSING:
                raise ProgramMissing
            case code if code in (None, CUT_OFF, -1) or code >= KILLED:
                raise lost(self._access)
        said = self._complaint.decode("utf-8", "replace").strip()
        raise incapable(self._access, ended_with(code, said))

    # --- called by AsyncSSH ------------------------------------------------------------------

    def connection_made(self, chan: "asyncssh.SSHClientChannel[bytes]") -> None:
        self._channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if datatype is not None:
            self._complaint += data
            del self._complaint[:-LARGEST_COMPLAINT]
        elif self.process is None:
            self._greet(data)
        elif self._is_asked:
            self._pieces.put_nowait(data)
        else:
            self.close()  # it talks, and nobody has asked

    def _greet(self, data: bytes) -> None:
        """Learn who it is. A login script may have printed something before."""
        self._greeting += data
        if found := _GREETING.search(self._greeting):
            self.process = int(found[1])
            if rest := self._greeting[found.end() :]:
                self.data_received(rest, None)
        self._greeting = self._greeting[-LARGEST_COMPLAINT:] if self.process is None else b""

    def exit_status_received(self, status: int) -> None:
        self._exit_status = status

    def connection_lost(self, exc: Exception | None) -> None:
        # Not at the end of its output already: the exit status may come behind that.
        self.is_over = True
        self._pieces.put_nowait(None)


class Residents:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._idle: dict[Link, list[Resident]] = {}

    @asynccontextmanager
    async def resident(self, link: Link) -> AsyncIterator[Resident]:
        """Lend a shell on the host. One whose answer was not heard to its end is not lent again."""
        with self._connections.used(link), in_our_words(link.access):
            shell = self._take(link) or await self._open(link)
            try:
                yield shell
            finally:
                idle = self._idle.setdefault(link, [])
                if shell.is_free and len(idle) < IDLE_KEPT:
                    idle.append(shell)
                else:
                    shell.close()

    def make_room(self, link: Link) -> bool:
        """Close the shells that nobody uses now; returns whether there were any."""
        idle = self._idle.pop(link, [])
        for shell in idle:
            shell.close()
        return bool(idle)

    def _take(self, link: Link) -> Resident | None:
        idle = self._idle.get(link, [])
        while idle:
            shell = idle.pop()
            if not shell.is_over:
                return shell
        return None

    async def _open(self, link: Link) -> Resident:
        connection = await self._connections.connection(link)
        with in_our_words(link.access):
            _, session = await connection.create_session(
                lambda: Resident(link.access), serve(link.access), encoding=None
            )
        assert isinstance(session, Resident)
        return session


def is_full(error: asyncssh.ChannelOpenError) -> bool:
    """Whether the server takes no further channel; a connection that is gone says the same."""
    refused = error.code in (
        asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED,
        asyncssh.OPEN_CONNECT_FAILED,
        asyncssh.OPEN_RESOURCE_SHORTAGE,
    )
    return refused and error.reason != "SSH connection closed"
