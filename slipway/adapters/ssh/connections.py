"""Keeps one SSH connection a host, made when it is first needed and again when it was lost."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

import asyncssh

from slipway.adapters.ssh.errors import bad_private_key, in_our_words, key_unknown
from slipway.ports import HostAccess

HANDSHAKES = 32  # at once, over all hosts
# Servers limit the channels of a connection. Two are for what takes long; one is always left for
# a quick question, so that a step can be cancelled while others run.
LONG_CHANNELS = 2
QUICK_CHANNELS = 1


@dataclass(eq=False, slots=True)
class Link:
    """What is kept for one host."""

    access: HostAccess
    options: asyncssh.SSHClientConnectionOptions
    connection: asyncssh.SSHClientConnection | None = None
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    long: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LONG_CHANNELS))
    quick: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(QUICK_CHANNELS))
    sending: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.connection is not None and not self.connection.is_closed()


class Connections:
    """`keep_alive` is how often a silent host is asked; after three times it counts as gone."""

    def __init__(self, *, connect_timeout: timedelta, keep_alive: timedelta) -> None:
        self._connect_timeout = connect_timeout
        self._keep_alive = keep_alive
        self._links: dict[HostAccess, Link] = {}
        self._handshakes = asyncio.Semaphore(HANDSHAKES)

    def link(self, access: HostAccess) -> Link:
        """Raises HostKeyUnknown, HostDenied."""
        link = self._links.get(access)
        if link is None:
            link = self._links[access] = Link(access, self._options(access))
        return link

    async def connection(self, link: Link) -> asyncssh.SSHClientConnection:
        """Return the kept connection, or make it.

        Raises HostUnreachable, HostKeyChanged, HostDenied.
        """
        async with link.opening:
            if link.connection is None or link.connection.is_closed():
                link.connection = await self._connect(link)
            return link.connection

    async def learn_key(self, access: HostAccess) -> str:
        """Ask for the host's public key, without logging in. Raises HostUnreachable."""
        with in_our_words(access):
            async with self._handshakes, asyncio.timeout(self._connect_timeout.total_seconds()):
                key = await asyncssh.get_server_host_key(
                    access.address,
                    access.port,
                    config=[],
                    server_host_key_algs="^ssh-ed25519",
                )
            if key is None:
                raise EOFError("it shows no host key")
            return key.export_public_key().decode().strip()

    async def close(self) -> None:
        links, self._links = list(self._links.values()), {}
        for link in links:
            if link.connection is not None:
                link.connection.close()
        for link in links:
            if link.connection is not None:
                await link.connection.wait_closed()

    async def _connect(self, link: Link) -> asyncssh.SSHClientConnection:
        with in_our_words(link.access):
            async with self._handshakes:
                return await asyncssh.connect(
                    link.access.address, link.access.port, options=link.options
                )

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


def _algorithms(host_key: asyncssh.SSHKey) -> list[str]:
    """Return what the learnt key can sign with, and nothing else: another kind is another key."""
    if host_key.get_algorithm() == "ssh-rsa":
        return ["rsa-sha2-256", "rsa-sha2-512"]
    return [host_key.get_algorithm()]


@lru_cache(maxsize=256)
def _private(text: str) -> asyncssh.SSHKey:
    return asyncssh.import_private_key(text)


@lru_cache(maxsize=4096)
def _public(text: str) -> asyncssh.SSHKey:
    return asyncssh.import_public_key(text)
