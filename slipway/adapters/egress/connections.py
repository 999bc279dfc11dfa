"""Connections to checked addresses only, with an end to how long anything may take."""

import functools
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from slipway.adapters.egress.addresses import Resolver
from slipway.core.network.addresses import is_forbidden
from slipway.ports.builds import OffLimits, ServerRefused


class Patience(threading.local):
    """Until when (of the monotonic clock) the request of this thread may be waited for."""

    until: float | None = None

    def left(self, timeout: float | None) -> float | None:
        """Return how many seconds to wait now, at most `timeout`. Raises ReadTimeout when the
        patience is at its end: a server that sends a byte a second is never late for a byte."""
        if self.until is None:
            return timeout
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("it took too long")
        return left if timeout is None else min(timeout, left)


class PatientStream(httpcore.NetworkStream):
    """A connection that waits no longer than the patience allows."""

    def __init__(self, stream: httpcore.NetworkStream, patience: Patience) -> None:
        self._stream = stream
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._patience.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._patience.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return PatientStream(secured, self._patience)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.SyncBackend):
    """Asks for the addresses of a name once per connection, checks every one of them, and connects
    to what it has checked: a name that means another machine a moment later gains nothing."""

    def __init__(self, server: str, resolver: Resolver, patience: Patience) -> None:
        self._server = server
        self._resolver = resolver
        self._patience = patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._checked(host, port)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # the last one says what is wrong
        return self._connect(addresses[-1], port, timeout)

    def _connect(self, address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        stream = super().connect_tcp(address, port, self._patience.left(timeout))
        return PatientStream(stream, self._patience)

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(error) from error
        if not addresses:
            raise httpcore.ConnectError("its name has no address")
        for address in addresses:
            if is_forbidden(address):
                raise OffLimits(
                    "{server}: the name {host} leads to {address}, where no request goes.",
                    hint="Look at your name server: is that what it should say?",
                    server=self._server,
                    host=host,
                    address=address,
                )
        return addresses


def trust(server: str, ca_certificate: str, *, with_system: bool = False) -> ssl.SSLContext:
    """Return what certificates are checked against: the given authority, or the system's, or both
    (`with_system`). Raises ServerRefused when the certificate cannot be read."""
    try:
        return _context(ca_certificate, with_system or not ca_certificate)
    except (ssl.SSLError, ValueError) as error:
        raise ServerRefused(
            "The authority's certificate given for {server} cannot be read.",
            hint="Give it in PEM form, from BEGIN CERTIFICATE to END CERTIFICATE.",
            server=server,
        ) from error


@functools.lru_cache(maxsize=64)  # reading the system's takes longer than a request
def _context(ca_certificate: str, with_system: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca_certificate or None)
    if with_system and ca_certificate:
        context.load_default_certs()
    return context
