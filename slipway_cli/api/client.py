"""Speaks the API: JSON in and out, refusals as errors, safe repeats, pages, files, events."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from slipway_cli.api.answers import HttpAnswer, read_answer
from slipway_cli.api.patience import PAUSES, Pauses
from slipway_cli.api.transport import ANSWER_SECONDS, Request, Transport
from slipway_cli.errors import Failed, NoAnswer, Usage
from slipway_cli.language import _, asked_for

PREFIX = "/api/v1"
PAGE = 200
GONE_FOR_NOW = (502, 503, 504)
CHUNK = 1 << 20
FILE_SECONDS = 600.0

Progress = Callable[[int], None]  # told the bytes moved so far


class Client:
    """The API of one server, as one person. Raises Refused, Failed or NoAnswer."""

    def __init__(
        self, url: str, *, token: str = "", ca_file: str = "", pauses: Pauses = PAUSES
    ) -> None:
        if not re.fullmatch(r"[!-~]*", token):
            raise Usage(_("The token holds signs that no token has."), hint=_("Copy it again."))
        self._transport = Transport(url, ca_file=ca_file)
        self._token = token
        self.pauses = pauses

    @property
    def url(self) -> str:
        return self._transport.url

    @property
    def host(self) -> str:
        return self._transport.address.hostname or ""

    def certificate_end(self) -> float | None:
        """Return when the certificate of this address ends, in seconds since 1970."""
        return self._transport.certificate_end()

    def get(self, path: str, **query: object) -> Any:
        return self._ask("GET", path, query=query).document

    def get_when(
        self,
        is_over: Callable[[dict[str, Any]], object],
        path: str,
        late: Failed,
        *,
        within: float = 0.0,
        **query: object,
    ) -> dict[str, Any]:
        """Return what is there once it is over; raise `late` where that takes longer than `within`
        seconds, or than what ends soon may take."""
        until = time.monotonic() + (within or self.pauses.most)
        while not is_over(found := self.get(path, **query)):
            if time.monotonic() > until:
                raise late
            time.sleep(self.pauses.between)
        return dict(found)

    def items(self, path: str, *, most: int = 100_000, **query: object) -> list[dict[str, Any]]:
        """Return up to `most` items of a list, part after part: from the last one on where the list
        says how, for others may come or go meanwhile."""
        found: list[dict[str, Any]] = []
        beyond: dict[str, object] = {"offset": 0}
        while len(found) < most:
            part = self.get(path, **query, limit=min(PAGE, most - len(found)), **beyond)
            found += part["items"]
            if (
                not part["items"]
                or part.get("next") == ""
                or len(found) >= int(part.get("total", 0))
            ):
                break
            beyond = {"after": part["next"]} if "next" in part else {"offset": len(found)}
        return found

    def post(self, path: str, body: object = None) -> Any:
        """Send once, even when it has to be sent again: every repeat carries the same key."""
        return self.post_answer(path, body).document

    def post_answer(self, path: str, body: object = None) -> HttpAnswer:
        return self._ask("POST", path, body={} if body is None else body)

    def patch(self, path: str, body: object) -> Any:
        return self._ask("PATCH", path, body=body).document

    def delete(self, path: str, body: object = None, **query: object) -> Any:
        return self._ask("DELETE", path, body=body, query=query).document

    def upload(self, path: str, file: Path, progress: Progress, **query: object) -> HttpAnswer:
        """Stream a file as the body of a POST; nothing holds it whole in memory."""
        total = file.stat().st_size
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(total),
            "Idempotency-Key": _key(),
        }

        def attempt() -> Request:
            return Request(
                "POST",
                _path(path, query),
                self._headers(headers),
                body=_chunks(file, total, progress),
                answer_seconds=FILE_SECONDS,
            )

        return read_answer(self._repeated(attempt, repeatable=True))

    def download(self, path: str, file: BinaryIO, progress: Progress, **query: object) -> str:
        """Stream a GET into an open file and return the sha256 of what was written."""
        import hashlib  # noqa: PLC0415  # 3 ms that no other command waits for

        request = Request("GET", _path(path, query), self._headers({}), answer_seconds=FILE_SECONDS)
        response = self._repeated(lambda: request, repeatable=True)
        if response.status != 200:
            read_answer(response)
            raise Failed(_("The server did not send the file."))
        digest, moved = hashlib.sha256(), 0
        try:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                digest.update(chunk)
                progress(moved := moved + len(chunk))
        except (HTTPException, ConnectionError, TimeoutError) as error:
            raise NoAnswer(_("The connection was lost."), hint=_("Ask again.")) from error
        finally:
            response.close()
        return digest.hexdigest()

    def stream(self, path: str, *, after: str, answer_seconds: float) -> HTTPResponse:
        """Open a stream of server-sent events, from after the event `after`; never repeats."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if after:
            headers["Last-Event-ID"] = after
        request = Request(
            "GET", _path(path, {}), self._headers(headers), answer_seconds=answer_seconds
        )
        response = self._transport.open(request)
        if response.status != 200:
            read_answer(response)
        return response

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, object] | None = None,
        body: object = None,
    ) -> HttpAnswer:
        headers = {"Accept": "application/json"}
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if method == "POST":
            headers["Idempotency-Key"] = _key()
        request = Request(
            method,
            _path(path, query or {}),
            self._headers(headers),
            body=sent,
            answer_seconds=ANSWER_SECONDS,
        )
        return read_answer(self._repeated(lambda: request, repeatable=method != "DELETE"))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        language = {"Accept-Language": asked_for()} if asked_for() else {}
        return {"User-Agent": "slipway-cli", **language, **bearer, **more}

    def _repeated(self, attempt: Callable[[], Request], *, repeatable: bool) -> HTTPResponse:
        """Send until there is an answer, a few times; a DELETE again only if it never left."""
        for pause in self.pauses.repeats:
            try:
                response = self._transport.open(attempt())
                if response.status not in GONE_FOR_NOW or not repeatable:
                    return response
                response.close()
            except NoAnswer as error:
                if not error.passing or (error.sent and not repeatable):
                    raise
            time.sleep(pause)
        return self._transport.open(attempt())


def _key() -> str:
    """Return what nobody else has called a request: it makes a repeat known as one."""
    return os.urandom(16).hex()


def at(*parts: object) -> str:
    """Return the path of a thing in the API; what people typed cannot lead elsewhere."""
    words = [str(part) for part in parts]
    if any(word in ("", ".", "..") for word in words):
        raise Usage(_("A name is missing or cannot be one."))
    return "".join(f"/{quote(word, safe='')}" for word in words)


def _path(path: str, query: dict[str, object]) -> str:
    said = {name: value for name, value in query.items() if value not in (None, "")}
    return PREFIX + path + (f"?{urlencode(said)}" if said else "")


def _chunks(file: Path, total: int, progress: Progress) -> Iterator[bytes]:
    moved = 0
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            moved += len(chunk)
            if moved > total:
                raise Failed(
                    _("{file} grew while it was sent.", file=file),
                    hint=_("Upload it when it is whole."),
                )
            yield chunk
            progress(moved)
    if moved < total:
        raise Failed(
            _("{file} shrank while it was sent.", file=file), hint=_("Upload it when it is whole.")
        )
