"""Asks a service by HTTP, as hands.py is told to: what came, and whether it is what is wanted."""

import socket
import time

from slipway.host.hands.bodies import KEPT, PIECE

LISTENING = 0.02  # seconds between two looks whether somebody listens yet
SAID = 200  # bytes of what an answer says, where it is no good one
HEARD = 4096  # bytes of such an answer
LONGEST_SIZE = 4096  # bytes of the line before a piece of a chunked body
REQUEST = b"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: slipway\r\nConnection: close\r\n\r\n"


def ask(
    name: bytes,
    port: bytes,
    path: bytes,
    host: bytes,
    tries: bytes,
    milliseconds: bytes,
    expect: bytes,
    statuses: bytes,
) -> "list[bytes]":
    """Return the status of an HTTP answer, and whether it is wanted and the expected text in what
    follows it; where not, what was said instead.

    Raises OSError for a name that is no address: to look that up could take any time.
    """
    end = time.monotonic() + int(milliseconds) / 1000
    if name != b"localhost":
        socket.getaddrinfo(name, None, 0, 0, 0, socket.AI_NUMERICHOST)
    try:
        with knock((name.decode(), int(port)), int(tries), end) as connection:
            connection.sendall(REQUEST % (path, host))
            answer = hear(connection, end, b"", KEPT if expect else 1)
            code = code_of(answer)
            is_good = is_wanted(code, statuses)
            if not is_good:
                answer = hear(connection, end, answer, HEARD)
    except OSError:
        return [b"000", b"no"]
    _, said, _ = read(answer)
    if is_good and expect in said.replace(b"\0", b""):
        return [code, b"yes"]
    return [code, b"no", in_one_line(said)]


def code_of(answer: bytes) -> bytes:
    status, _, _ = read(answer)
    code = b"".join(status.split()[1:2])
    return code if len(code) == 3 and code.isdigit() else b"000"


def is_wanted(code: bytes, statuses: bytes) -> bool:
    """Return whether a status is in one of the ranges, as in `200-299 404`."""
    for each in statuses.split():
        first, _, last = each.partition(b"-")
        if int(first) <= int(code) <= int(last or first):
            return True
    return False


def in_one_line(content: bytes) -> bytes:
    """Return the first words of it."""
    return bytes(byte for byte in b" ".join(content.split())[:SAID] if byte >= 32 and byte != 127)


def read(answer: bytes) -> "tuple[bytes, bytes, bool]":
    """Return the first line of an answer, its content, and whether that is all of it.

    The line is empty as long as it is not whole. What comes before the answer itself has a line of
    its own: 103, say. Of an answer that does not say how long it is only its end is the end.
    """
    status, end, rest = answer.partition(b"\n")
    while end and status.split()[1:2] and status.split()[1].startswith(b"1"):
        _, _, answer = answer.partition(b"\r\n\r\n")
        status, end, rest = answer.partition(b"\n")
    head, gap, body = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if not gap:
        return status if end else b"", rest, False
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    told = {name.strip(): value.strip() for name, _, value in lines}
    if status.split()[1:2] in ([b"204"], [b"304"]):
        return status, b"", True
    if b"chunked" in told.get(b"transfer-encoding", b""):
        return (status, *joined(body))
    length = told.get(b"content-length", b"")
    if not length.isdigit():
        return status, body, False
    return status, body[: int(length)], len(body) >= int(length)


def joined(body: bytes) -> "tuple[bytes, bool]":
    """Return the pieces of a chunked body as one, and whether its end is among them."""
    pieces: list[bytes] = []
    at = 0
    while True:
        size, gap, _ = body[at : at + LONGEST_SIZE].partition(b"\r\n")
        try:
            length = int(size.split(b";")[0], 16) if gap else -1
        except ValueError:
            length = -1
        if length <= 0:
            return b"".join(pieces), length == 0
        at += len(size) + 2
        pieces.append(body[at : at + length])
        at += length + 2


def knock(address: "tuple[str, int]", tries: int, end: float) -> socket.socket:
    """Connect; who starts takes a moment to listen."""
    while True:
        try:
            return socket.create_connection(address, left(end))
        except OSError:
            tries -= 1
            if tries <= 0:
                raise
        time.sleep(LISTENING)


def hear(connection: socket.socket, end: float, answer: bytes, most: int) -> bytes:
    """Return an answer as far as it comes in time: its first line, and up to `most` bytes if they
    belong to it. Not everybody closes the connection behind it."""
    try:
        while True:
            status, _, is_whole = read(answer)
            if is_whole or (status and len(answer) >= most) or len(answer) >= KEPT:
                return answer
            connection.settimeout(left(end))
            piece = connection.recv(PIECE)
            if not piece:
                return answer
            answer += piece
    except OSError:
        return answer


def left(end: float) -> float:
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
