"""Asks a service by HTTP, as hands.py is told to: what came, and whether it is what is wanted."""

import socket
import time

from slipway.host.bodies import KEPT, PIECE

LISTENING = 0.02  # seconds between two looks whether somebody listens yet
SAID = 200  # bytes of what an answer says, where it is no good one
HEARD = 4096  # bytes of such an answer
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
            answer = hear(connection, end, bool(expect))
            code = code_of(answer)
            is_good = is_wanted(code, statuses)
            if not is_good:
                answer += hear_rest(connection, end)
    except OSError:
        return [b"000", b"no"]
    _, rest = split_answer(answer)
    if is_good and expect in rest.replace(b"\0", b""):
        return [code, b"yes"]
    return [code, b"no", content(rest)]


def code_of(answer: bytes) -> bytes:
    status, _ = split_answer(answer)
    code = b"".join(status.split()[1:2])
    return code if len(code) == 3 and code.isdigit() else b"000"


def is_wanted(code: bytes, statuses: bytes) -> bool:
    """Return whether a status is in one of the ranges, as in `200-299 404`."""
    for each in statuses.split():
        first, _, last = each.partition(b"-")
        if int(first) <= int(code) <= int(last or first):
            return True
    return False


def hear_rest(connection: socket.socket, end: float) -> bytes:
    """Return what comes after a status that is no good one, as far as it comes in time."""
    answer = b""
    try:
        while len(answer) < HEARD:
            connection.settimeout(left(end))
            piece = connection.recv(PIECE)
            if not piece:
                break
            answer += piece
    except OSError:
        return answer
    return answer


def content(answer: bytes) -> bytes:
    """Return the first words after the headers of an answer, in one line."""
    head, gap, body = (b"\r\n" + answer).partition(b"\r\n\r\n")
    words = (body if gap else head).split()
    return bytes(byte for byte in b" ".join(words)[:SAID] if byte >= 32 and byte != 127)


def split_answer(answer: bytes) -> "tuple[bytes, bytes]":
    """Return the first line, and what follows it with the pieces of a chunked body joined."""
    status, end, rest = answer.partition(b"\n")
    while end and status.split()[1:2] and status.split()[1].startswith(b"1"):
        _, _, answer = answer.partition(b"\r\n\r\n")
        status, end, rest = answer.partition(b"\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    if b"chunked" not in head.lower():
        return status, rest
    joined = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        try:
            length = int(size.split(b";")[0], 16)
        except ValueError:
            break
        joined, body = joined + body[:length], body[length + 2 :]
    return status, head + b"\r\n\r\n" + joined


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


def hear(connection: socket.socket, end: float, is_all: bool) -> bytes:
    """Return the first line of an answer, or as much as is looked through."""
    answer = b""
    # What comes before the answer itself has a line of its own: 103, say.
    while len(answer) < KEPT and (is_all or not is_told(answer)):
        connection.settimeout(left(end))
        piece = connection.recv(PIECE)
        if not piece:
            break
        answer += piece
    return answer


def is_told(answer: bytes) -> bool:
    """Return whether the status is there."""
    return b"\n" in answer and bool(split_answer(answer)[0])


def left(end: float) -> float:
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
