"""Ports of this machine that tests may listen on."""

import socket


def free_port(address: str = "127.0.0.1") -> int:
    """Return one that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
