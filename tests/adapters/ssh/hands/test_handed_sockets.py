"""Who listens on a port: the kernel's answer is that of its tables."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from slipway.host.hands import sockets

EVERYWHERE6, HERE6, HERE4 = b"0" * 32, b"0" * 24 + b"01000000", b"0100007F"


@pytest.fixture
def port() -> Iterator[int]:
    """One on which three sockets listen, and to which somebody is connected."""
    with ExitStack() as stack:

        def listen(family: int, address: str, number: int) -> int:
            one = stack.enter_context(closing(socket.socket(family)))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, number))
            one.listen()
            return int(one.getsockname()[1])

        number = listen(socket.AF_INET, "127.0.0.1", 0)
        listen(socket.AF_INET, "127.0.0.2", number)
        listen(socket.AF_INET6, "::1", number)
        stack.enter_context(closing(socket.create_connection(("127.0.0.1", number))))
        yield number


def test_the_kernel_tells_what_its_tables_list(port: int) -> None:
    hexed = b"%04X" % port
    everybody = sockets.told(port, [])
    assert everybody == sockets.listed(hexed, [])
    assert len(everybody) == 3
    assert set(everybody.values()) == {b"%d" % os.getuid()}
    for addresses, count in (([HERE4], 1), ([HERE6], 1), ([HERE4, HERE6], 2), ([EVERYWHERE6], 0)):
        told = sockets.told(port, addresses)
        assert (told, len(told)) == (sockets.listed(hexed, addresses), count)


def test_nobody_is_told_of_a_port_that_is_free() -> None:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        assert sockets.told(one.getsockname()[1], []) == {}


def test_where_the_kernel_has_no_answer_its_tables_are_read(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = sockets.listening(port, [])
    monkeypatch.setattr(sockets, "SOCK_DIAG", 31)  # a family of messages that nobody has
    with pytest.raises(OSError, match="not supported"):
        sockets.told(port, [])
    assert sockets.listening(port, []) == everybody


def test_what_is_ours_is_not_held_by_others(port: int) -> None:
    assert sockets.held(b"%d" % port, b"", b"%d" % os.getpid()) == []
    assert len(sockets.held(b"%d" % port, b"")) == 3
