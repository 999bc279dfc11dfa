"""Stops a request body that is too large before it is read: Django would spool all of it first."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from slipway.interfaces.sentences import NOT_ADMITTED, SENTENCES, TOO_LARGE

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT = 1024 * 1024 + 4096  # bytes; a little over Django's own, whose answer is nicer
GONE: Message = {"type": "http.disconnect"}
_UPLOAD = re.compile(r"/api/v1/services/[^/]+/versions")


class BodyGate:
    """Wraps an ASGI application. `package_limit` in bytes holds for package uploads only."""

    def __init__(self, application: Application, *, package_limit: int) -> None:
        self._application = application
        self._package_limit = package_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer 413; 401 to an upload that does not say from whom."""
        if scope["type"] != "http":
            return await self._application(scope, receive, send)
        headers = dict(scope["headers"])
        is_upload = scope["method"] == "POST" and _UPLOAD.fullmatch(scope["path"]) is not None
        if is_upload and not (b"authorization" in headers or b"cookie" in headers):
            return await _refuse(send, NOT_ADMITTED)
        limit = self._package_limit if is_upload else BODY_LIMIT
        if _announced(headers.get(b"content-length", b"")) > limit:
            return await _refuse(send, TOO_LARGE)
        counted = _Counted(receive, limit)
        await self._application(scope, counted, send)
        return await _refuse(send, TOO_LARGE) if counted.is_over else None


def _announced(length: bytes) -> int:
    return int(length) if length.isdigit() and len(length) < 20 else 0


class _Counted:
    """Receives up to `left` bytes; after them the application is told that the client has gone, so
    that it lets go of what it has read, and answers nothing."""

    def __init__(self, receive: Receive, left: int) -> None:
        self._receive = receive
        self._left = left

    @property
    def is_over(self) -> bool:
        return self._left < 0

    async def __call__(self) -> Message:
        if self.is_over:
            return GONE
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
        return GONE if self.is_over else message


async def _refuse(send: Send, status: int) -> None:
    said = SENTENCES[status]
    body = json.dumps({"code": said.code, "message": said.message, "hint": said.hint}).encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
