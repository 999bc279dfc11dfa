"""The wire of the Jenkins stand-in: a real HTTP server on loopback, and how it is maltreated."""

import re
import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_NO_BODY = (204, 304)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. `path` is still encoded; `form` is what the body holds."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]  # small letters

    def value(self, name: str) -> str | None:
        return self.form.get(name, self.query.get(name))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; as a fault: what is said without the request having been carried out."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Silence:
    """The request is carried out, and never answered."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The request is carried out; instead of an answer the connection ends."""


@dataclass(frozen=True, slots=True)
class Trickle:
    """The request is carried out; of the answer's body one byte goes out every `pause` seconds."""

    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The request is carried out; the connection ends after so many bytes of the answer's body."""

    after: int = 1


Fault = Answer | Silence | Drop | Trickle | Cut


@dataclass(slots=True)
class _Planned:
    pattern: re.Pattern[str]
    fault: Fault
    times: int


class Wire:
    """Serves `answer` on loopback until it is closed."""

    def __init__(
        self, answer: Callable[[Request], Answer], tls: ssl.SSLContext | None = None
    ) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        self._server = _Server(self)
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def plan(self, pattern: str, fault: Fault, times: int) -> None:
        with self._lock:
            self._planned.append(_Planned(re.compile(pattern), fault, times))

    def heal(self) -> None:
        with self._lock:
            self._planned.clear()

    def take(self, request: Request) -> Fault | None:
        """Note the request down, and return the fault that was planned for it."""
        with self._lock:
            self.requests.append(request)
            for planned in self._planned:
                if planned.times and planned.pattern.search(f"{request.method} {request.path}"):
                    planned.times -= 1
                    return planned.fault
        return None

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined on close, so that none outlives its test

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        self._open.add(request)  # here, in the thread that accepts: so that none is missed
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:  # type: ignore[no-untyped-def]
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in list(self._open):  # kept alive by a client, with nothing under way
            with_no_peer(connection)
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or never spoke TLS, is what the tests are about."""


def with_no_peer(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go separately: nobody waits for the other

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept, not printed."""

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = _request(self.command, self.path, self.rfile.read(length), dict(self.headers))
        wire = self.server.wire
        fault = wire.take(request)
        if isinstance(fault, Answer):
            self._send(fault, len(fault.body))
            return
        answer = wire.answer(request)
        match fault:
            case Silence():
                self._stay_silent()
            case Drop():
                self._end()
            case Cut(after):
                self._send(answer, after)
                self._end()
            case Trickle(pause):
                self._send(answer, 0)
                self._trickle(answer.body, pause)
            case _:
                self._send(answer, len(answer.body))

    do_GET = do_POST = do_HEAD = handle_any

    def _send(self, answer: Answer, most: int) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in _NO_BODY:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in _NO_BODY:
            self.wfile.write(answer.body[:most])

    def _trickle(self, body: bytes, pause: float) -> None:
        for place in range(len(body)):
            if self._peer_left(pause):
                break
            self.wfile.write(body[place : place + 1])
        else:
            return
        self._end()

    def _stay_silent(self) -> None:
        while not self._peer_left(0.02):
            pass
        self._end()

    def _peer_left(self, seconds: float) -> bool:
        """Wait so long for the client to go away, or for the stand to close."""
        if self.server.wire.closing.is_set():
            return True
        readable, _, _ = select.select([self.connection], [], [], seconds)
        return bool(readable) or self.server.wire.closing.is_set()

    def _end(self) -> None:
        self.close_connection = True
        with_no_peer(self.connection)


def _request(method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Request:
    parts = urlsplit(target)
    return Request(
        method,
        parts.path,
        _first(parts.query),
        _first(body.decode("utf-8", "replace")),
        {name.lower(): value for name, value in headers.items()},
    )


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
