"""Each line of answers.txt, asked by bash, curl, Python and the hands: all say the same."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from slipway.host.hands.asking import ask
from tests.corpus.library import run

LINES = [
    line.split(" :: ")
    for line in Path(__file__).with_name("answers.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
OPEN = "…"
LONG = 20  # seconds, of which no answer takes any
PATIENCE = 2 * LONG
NAMES = [f"{sent} {asked}" for sent, asked, _ in LINES]


@contextmanager
def service(sent: str) -> Iterator[int]:
    """Answer one request with these bytes; the port. Who keeps the connection open is not waited
    for: the asker closes it."""
    waited: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            try:
                connection, _ = server.accept()
            except OSError:
                return  # nobody came
            with connection:
                give(connection, sent, waited)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(LONG)
    assert waited == []


def give(connection: socket.socket, sent: str, waited: list[str]) -> None:
    connection.settimeout(5)
    asked = b""
    while b"\r\n\r\n" not in asked and (piece := connection.recv(65536)):
        asked += piece
    connection.sendall(sent.removesuffix(OPEN).replace("|", "\r\n").encode())
    if not sent.endswith(OPEN):
        return
    connection.settimeout(LONG)
    try:
        connection.recv(1)
    except TimeoutError:
        waited.append(sent)
    except ConnectionResetError:
        pass  # closed before all of it was read


def judged(port: int, asked: str, way: str, userinfo: str = "") -> str:
    """What the host program says of the answer."""
    key, _, value = asked.partition(" ")
    lines = (
        f"tickets='' tab='\t' _since=1 check_ms={PATIENCE}000 statuses=200-399 expect='' hands=''",
        f"http='http://{userinfo}127.0.0.1:{port}/healthz?token=abc'",
        {"expect": f"expect='{value}'", "status": f"statuses='{value}'"}.get(key, ":"),
        f"as_seconds {PATIENCE}000; name_address",
        way,
        '[ $? -eq 0 ] && echo well || echo "$reason"',
    )
    return run(*lines)


@pytest.mark.parametrize("way", ["split_address; ask_by_bash", "ask_by_curl", "ask_by_python"])
@pytest.mark.parametrize(("sent", "asked", "expected"), LINES, ids=NAMES)
def test_an_answer_is_judged(sent: str, asked: str, expected: str, way: str) -> None:
    with service(sent) as port:
        said = judged(port, asked, way)
    assert said.endswith(expected), said


@pytest.mark.parametrize(("sent", "asked", "expected"), LINES, ids=NAMES)
def test_the_hands_read_it_alike(sent: str, asked: str, expected: str) -> None:
    key, _, value = asked.partition(" ")
    text = value.encode() if key == "expect" else b""
    statuses = value.encode() if key == "status" else b"200-399"
    with service(sent) as port:
        asked_for = b"%d" % port, b"/", b"h", b"1", b"%d000" % PATIENCE, text, statuses
        code, found, *_ = ask(b"127.0.0.1", *asked_for)
    assert (found == b"yes") == (expected == "well")
    if wanted := re.match(r"answered (\d+)", expected):
        assert code.decode() == wanted[1]
    assert (code == b"000") == (expected == "does not answer")


def test_no_password_and_no_token_of_an_address_is_told() -> None:
    with service("HTTP/1.1 401 No||") as port:
        said = judged(port, "", "ask_by_curl", "admin:secret@")
    assert said == f"http://127.0.0.1:{port}/healthz answered 401 and said nothing"
