"""Keeps one SSH connection a host, made when it is first needed and again when it was lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TypeVar

import asyncssh

from slipway.adapters.ssh.connections.crowds import Crowd
from slipway.adapters.ssh.errors import (
    ShutOut,
    at_the_door,
    bad_private_key,
    in_our_words,
    key_unknown,
    no_room,
    old_key,
)
from slipway.core.hosts.access import HostAccess

T = TypeVar("T")

HANDSHAKES = 32  # at once, over all hosts
LONGEST_HANDSHAKE = 2.0  # seconds of ours; who takes longer is waited for beside the others
ASKED_A_SECOND = 20.0  # silent hosts, all together: more would be a tenth of a core
PAUSES = 0.2, 0.4, 0.8  # seconds before a server that shuts us out is asked again
FAREWELL = 1.0  # seconds
MANY = 100_000  # connections: no bound
# Servers limit the channels of a connection. Two are for what takes long; one is always left for
# a quick question, so that a host can be looked at while steps run.
LONG_CHANNELS = 2
QUICK_CHANNELS = 1
RSA = ["rsa-sha2-256", "rsa-sha2-512"]
SHOWN = [  # kinds of keys that are learnt, and one that is only named
    *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *(*RSA, "ssh-rsa"),
]


@dataclass(eq=False, slots=True)
class Link:
    """What is kept for one host."""

    access: HostAccess
    options: asyncssh.SSHClientConnectionOptions
    connection: asyncssh.SSHClientConnection | None = None
    opening: "asyncio.Task[asyncssh.SSHClientConnection] | None" = None
    users: int = 0
    used_at: float = 0.0  # by the loop's clock
    long: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LONG_CHANNELS))
    quick: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(QUICK_CHANNELS))
    sending: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.connection is not None and not self.connection.is_closed()

    def drop(self) -> None:
        """Let go of a connection that is of no use any more, without a word to the host."""
        if self.connection is not None:
            self.connection.abort()
            self.connection = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn of a quick question. One that is given up in the middle has shown that
        the connection is of no use."""
        async with self.quick:
            try:
                yield
            except asyncio.CancelledError:
                self.drop()
                raise


class Connections:
    """`keep_alive` is how often a silent host is asked, more seldom where many are waited for;
    after three times it counts as gone. Of more than `at_most` connections the one that was not
    used for longest makes room."""

    def __init__(
        self, *, connect_timeout: timedelta, keep_alive: timedelta, at_most: int = MANY
    ) -> None:
        self._connect_timeout = connect_timeout
        self._keep_alive = keep_alive
        self._at_most = at_most
        self._links: dict[HostAccess, Link] = {}
        self._open: set[Link] = set()  # or being opened, or closed since
        self._freed = asyncio.Event()
        self._in_use = 0  # links
        self._handshakes = Crowd(HANDSHAKES, patience=LONGEST_HANDSHAKE)

    def link(self, access: HostAccess) -> Link:
        """Raises HostKeyUnknown, HostDenied."""
        link = self._links.get(access)
        if link is None:
            link = self._links[access] = Link(access, self._options(access))
        return link

    async def connection(self, link: Link) -> asyncssh.SSHClientConnection:
        """Return the kept connection, or make it; who asks meanwhile hears how that went.

        Raises HostUnreachable, HostKeyChanged, HostDenied, OursAtFault.
        """
        if link.connection is not None and link.is_open:
            return link.connection
        if link.opening is None:
            link.opening = asyncio.create_task(self._connect(link))
            link.opening.add_done_callback(lambda task: _opened(link, task))
        with in_our_words(link.access):
            # Whoever gives up waiting takes the connection from nobody else.
            return await asyncio.shield(link.opening)

    @contextmanager
    def used(self, link: Link) -> Iterator[None]:
        """Keep the connection from making room for others."""
        link.users += 1
        if link.users == 1:
            self._in_use += 1
            self._keep_alive_of(link, self._interval())
        try:
            yield
        finally:
            link.users -= 1
            link.used_at = asyncio.get_running_loop().time()
            if not link.users:
                self._in_use -= 1
                self._keep_alive_of(link, 0)
                self._freed.set()

    def _keep_alive_of(self, link: Link, interval: float) -> None:
        """Only who waits for something wants to know at once that it is gone."""
        if link.connection is not None and link.is_open:
            link.connection.set_keepalive(interval)

    def _interval(self) -> float:
        """Return the seconds of silence after which a connection that is in use is asked."""
        return max(self._keep_alive.total_seconds(), self._in_use / ASKED_A_SECOND)

    async def learn_key(self, access: HostAccess) -> str:
        """Ask for the host's public key, without logging in. Raises HostUnreachable."""
        with in_our_words(access):
            async with (
                self._handshakes.place(),
                asyncio.timeout(self._connect_timeout.total_seconds()),
            ):
                key = await _patiently(lambda: _host_key(access, SHOWN))
                if key is not None and key.get_algorithm() == "ssh-rsa":
                    # It may have shown it by SHA-1, which proves nothing.
                    key = await _proven_by_sha2(access)
            if key is None:
                raise EOFError("it shows no host key")
            return key.export_public_key().decode().strip()

    async def close(self) -> None:
        links, self._links = list(self._links.values()), {}
        for link in links:
            if link.opening is not None:
                link.opening.cancel()
            if link.connection is not None:
                link.connection.close()
        for link in links:
            await _farewell(link)

    async def _connect(self, link: Link) -> asyncssh.SSHClientConnection:
        await self._make_room(link)
        try:
            link.connection = await _patiently(lambda: self._log_in(link))
            return link.connection
        except BaseException:
            self._open.discard(link)
            self._freed.set()
            raise

    async def _log_in(self, link: Link) -> asyncssh.SSHClientConnection:
        async with self._handshakes.place(), at_the_door():
            return await asyncssh.connect(
                link.access.address, link.access.port, options=link.options
            )

    async def _make_room(self, link: Link) -> None:
        """Raises OursAtFault where all that there may be are used, and stay so."""
        try:
            async with asyncio.timeout(self._connect_timeout.total_seconds()):
                while len(self._open) >= self._at_most and not self._close_one():
                    self._freed.clear()
                    await self._freed.wait()
        except TimeoutError as error:
            raise no_room(link.access, self._at_most) from error
        self._open.add(link)

    def _close_one(self) -> bool:
        self._open = {link for link in self._open if link.is_open or link.opening is not None}
        if len(self._open) < self._at_most:
            return True
        idle = [link for link in self._open if link.is_open and not link.users]
        if idle:
            oldest = min(idle, key=lambda link: link.used_at)
            oldest.drop()
            self._open.discard(oldest)
        return bool(idle)

    def _options(self, access: HostAccess) -> asyncssh.SSHClientConnectionOptions:
        if not access.host_key:
            raise key_unknown(access)
        try:
            host_key, private_key = _public(access.host_key), _private(access.private_key)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError) as error:
            raise bad_private_key(access) from error
        # What is fast comes first, what old hosts know behind it. Keys are parsed once: a path
        # would be read again for every connection.
        return asyncssh.SSHClientConnectionOptions(
            config=[],
            username=access.user,
            client_keys=[private_key],
            agent_path=None,
            known_hosts=([host_key], [], []),
            preferred_auth="publickey",
            kex_algs="^curve25519-sha256",
            encryption_algs="^aes128-gcm@openssh.com",
            server_host_key_algs=_algorithms(host_key),
            compression_algs=None,
            connect_timeout=self._connect_timeout.total_seconds(),
            login_timeout=self._connect_timeout.total_seconds(),
            keepalive_interval=self._keep_alive.total_seconds(),
            keepalive_count_max=3,
        )


def _opened(link: Link, task: "asyncio.Task[asyncssh.SSHClientConnection]") -> None:
    link.opening = None
    if not task.cancelled():
        task.exception()  # whoever has waited was told, and nobody may have


async def _farewell(link: Link) -> None:
    """Wait for the end of a connection, but not for a host that does not take our goodbye."""
    if link.connection is None:
        return
    try:
        async with asyncio.timeout(FAREWELL):
            await link.connection.wait_closed()
    except TimeoutError:
        link.drop()


async def _patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Come again where nobody was let in: a server with room for few forgets who has left only a
    moment later, and may turn away by chance."""
    for pause in PAUSES:
        with suppress(ShutOut):
            return await attempt()
        await asyncio.sleep(pause)
    return await attempt()


async def _host_key(access: HostAccess, kinds: list[str]) -> asyncssh.SSHKey | None:
    async with at_the_door():
        return await asyncssh.get_server_host_key(
            access.address, access.port, config=[], server_host_key_algs=kinds
        )


async def _proven_by_sha2(access: HostAccess) -> asyncssh.SSHKey | None:
    """Raises HostDenied."""
    try:
        return await _patiently(lambda: _host_key(access, RSA))
    except (asyncssh.KeyExchangeFailed, ShutOut) as error:
        # Some hang up instead of saying so; who shuts us out does it now, too.
        await _patiently(lambda: _host_key(access, SHOWN))
        raise old_key(access) from error


def _algorithms(host_key: asyncssh.SSHKey) -> list[str]:
    """Return what the learnt key can sign with, and nothing else: another kind is another key."""
    if host_key.get_algorithm() == "ssh-rsa":
        return RSA
    return [host_key.get_algorithm()]


@lru_cache(maxsize=256)
def _private(text: str) -> asyncssh.SSHKey:
    return asyncssh.import_private_key(text)


@lru_cache(maxsize=4096)
def _public(text: str) -> asyncssh.SSHKey:
    return asyncssh.import_public_key(text)
