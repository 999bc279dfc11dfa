"""A real HTTP server on loopback that remembers every request, and misbehaves when told to."""

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.stands.gitlab_faults import Fault, Manner, Script


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # as it was sent, without the query
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in small letters
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class LoopbackServer:
    """`answer` is called once per request that no fault keeps from it, in the server's threads.

    To be used as a context manager. `url` has no slash at its end. `drip_pause`: seconds between
    the bytes of an answer that drips.
    """

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        drip_pause: float = 0.1,
    ) -> None:
        self.requests: list[Request] = []
        self.scripts: list[Script] = []
        self.drip_pause = drip_pause
        self.closing = threading.Event()
        self._answer = answer
        self._lock = threading.RLock()
        self._server = _Server((host, 0), _Handler)
        self._server.loopback = self
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "LoopbackServer":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def fault(self, *, on: str, do: Fault, times: int = 1) -> None:
        self.scripts.append(Script(on, do, times))

    def handle(self, request: Request) -> tuple[Reply, Manner]:
        with self._lock:
            self.requests.append(request)
            script = next((s for s in self.scripts if s.fits(request.method, request.path)), None)
            if script is None:
                return self._answer(request), Manner.AT_ONCE
            script.times -= 1
            fault = script.fault
            own = self._answer(request) if fault.works else Reply(fault.status or 500)
        if fault.body is None:
            return own, fault.manner
        return Reply(fault.status, fault.body, fault.headers), fault.manner


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    loopback: LoopbackServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for 40 ms
    server: _Server

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command or "", parts.path, query, headers, self.rfile.read(length))
        reply, manner = self.server.loopback.handle(request)
        match manner:
            case Manner.NEVER:
                self.server.loopback.closing.wait(60)
                self.close_connection = True
            case Manner.HANG_UP:
                self.close_connection = True
            case _:
                self._send(reply, manner)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle

    def _send(self, reply: Reply, manner: Manner) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        match manner:
            case Manner.DRIP:
                self._drip(reply.body)
            case Manner.CUT:
                self.wfile.write(reply.body[: len(reply.body) // 2])
                self.close_connection = True
            case _:
                self.wfile.write(reply.body)

    def _drip(self, body: bytes) -> None:
        loopback = self.server.loopback
        for number in range(len(body)):
            self.wfile.write(body[number : number + 1])
            self.wfile.flush()
            if loopback.closing.wait(loopback.drip_pause):
                break
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the tests look at the requests."""


class Storage:
    """Another server than GitLab: where object storage, or a build's own address, leads to.

    `files`: bytes by path. Whatever it is asked for is in `requests`.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._http = LoopbackServer(self._answer)
        self.url = self._http.url

    def __enter__(self) -> "Storage":
        self._http.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.__exit__(*exc)

    @property
    def requests(self) -> list[Request]:
        return self._http.requests

    def fault(self, *, on: str, do: Fault, times: int = 1) -> None:
        self._http.fault(on=on, do=do, times=times)

    def _answer(self, request: Request) -> Reply:
        found = self.files.get(request.path)
        return Reply(404, b"NoSuchKey") if found is None else Reply(200, found)
