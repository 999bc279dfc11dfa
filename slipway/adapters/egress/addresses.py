"""Which addresses a name leads to, and which of them no request goes to."""

import socket
from collections.abc import Callable

from slipway.core.network_addresses import is_forbidden

__all__ = ["Resolver", "is_forbidden", "resolve"]

Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of the host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
