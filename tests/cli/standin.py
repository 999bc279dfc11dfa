"""A stand-in for the server on a real socket: it answers as told and keeps what it was asked."""

import json
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "slw_abcd1234_secret"


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """`document` as JSON, or `raw` bytes; `cut` closes the connection instead of answering."""

    document: Any = None
    status: int = 200
    raw: bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    reads_body: bool = True


Answer = Reply | Callable[[Asked], Reply]


class Standin:
    """Its replies are by "METHOD /path", without the prefix; the last one is given for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._replies: dict[str, list[Answer]] = defaultdict(list)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def on(self, what: str, *answers: Answer | dict[str, Any]) -> None:
        self._replies[what] = [
            answer if isinstance(answer, Reply) or callable(answer) else Reply(answer)
            for answer in answers
        ]

    def lists(self, what: str, *items: dict[str, Any]) -> None:
        """Answer a list in pages, as the API does."""

        def page(asked: Asked) -> Reply:
            start, most = int(asked.query["offset"]), int(asked.query["limit"])
            return Reply({"items": items[start : start + most], "total": len(items)})

        self.on(what, page)

    def requests(self, what: str) -> list[Asked]:
        method, path = what.split(" ")
        return [each for each in self.asked if (each.method, each.path) == (method, path)]

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        answers = self._replies.get(f"{asked.method} {asked.path}")
        if not answers:
            problem = {"code": "not_found", "message": f"There is no {asked.path}.", "hint": ""}
            return Reply(problem, 404)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer if isinstance(answer, Reply) else answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                path = parts.path.removeprefix("/api/v1")
                reads = standin.reads_body(f"{self.command} {path}")
                length = int(self.headers.get("Content-Length") or 0) if reads else 0
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, path, query, headers, self.rfile.read(length))
                self._send(standin.answer(asked))

            def _send(self, reply: Reply) -> None:
                self.close_connection = True
                if reply.cut:
                    return
                whole = reply.raw if reply.raw is not None else json.dumps(reply.document).encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.content_type != "text/event-stream":
                    self.send_header("Content-Length", str(len(whole)))
                self.end_headers()
                self.wfile.write(whole)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve

            def log_message(self, format: str, *args: Any) -> None:
                """The tests look at what was asked, not at a log."""

        return Handler

    def reads_body(self, what: str) -> bool:
        first = next(iter(self._replies.get(what, [])), None)
        return not isinstance(first, Reply) or first.reads_body

    @contextmanager
    def running(self) -> Iterator["Standin"]:
        thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def events(*parts: tuple[str, int, dict[str, Any]]) -> Reply:
    """Return a stream of server-sent events: name, id, data."""
    text = "".join(
        f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n" for name, number, data in parts
    )
    return Reply(raw=f"retry: 1000\n\n: hello\n\n{text}".encode(), content_type="text/event-stream")


def rollout(number: int = 7, state: str = "running", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "kind": "upgrade",
        "service": "billing",
        "environment": "prod",
        "version": "1.1",
        "state": state,
        "created_by": "alice",
        "created_at": "2026-11-23T10:00:00+00:00",
        "plan_hash": "abc",
        "reverts": None,
        "targets": [],
        **more,
    }


def cell(number: int, state: str, *, batch: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "host": f"web-{number}",
        "port": 8080,
        "batch": batch,
        "state": state,
        "step": "",
        "problem": "",
        **more,
    }


def line(rev: int, text: str, *, level: str = "info", host: str | None = None) -> dict[str, Any]:
    return {"rev": rev, "at": "", "host": host, "step": "", "level": level, "text": text}


def said(words: Sequence[str], text: str) -> bool:
    """Return whether all words are in the text, in this order."""
    place = 0
    for word in words:
        place = text.find(word, place)
        if place < 0:
            return False
        place += len(word)
    return True
