"""A body that is too large is stopped before it is read."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from slipway.interfaces.entrance import bodies
from slipway.interfaces.entrance.bodies import Message, Receive, Scope, Send
from slipway.interfaces.entrance.gate import BODY_LIMIT, BodyGate

UPLOAD = "/api/v1/services/billing/versions"
PACKAGE_LIMIT = 4 * BODY_LIMIT
TOKEN = [(b"authorization", b"Bearer x")]


class Application:
    """Reads the whole body, as Django does, and answers 200."""

    def __init__(self) -> None:
        self.read = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.read += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def ask(
    path: str,
    size: int,
    headers: list[tuple[bytes, bytes]],
    method: str = "POST",
    *,
    may: bool = True,
    room: Callable[[], int] | None = None,
) -> tuple[int, int, Any]:
    """Send `size` bytes in pieces; return the status, the bytes read, and the answer."""
    application = Application()
    left = size
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal left
        piece = min(left, 64 * 1024)
        left -= piece
        return {"type": "http.request", "body": bytes(piece), "more_body": left > 0}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers}

    async def may_send(of: Scope) -> bool:
        assert of is scope
        return may

    door = BodyGate(
        application, package_limit=PACKAGE_LIMIT, may_send=may_send, room=room, hesitation=0.0
    )
    await door(scope, receive, send)
    assert may or dict(sent[0]["headers"])[b"connection"] == b"close"
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], application.read, json.loads(body or b"{}")


@pytest.mark.parametrize("path", ["/api/v1/services", "/hooks/gitlab", "/hooks/generic"])
@pytest.mark.parametrize("announced", [True, False])
async def test_json_above_its_limit_is_refused(announced: bool, path: str) -> None:
    size = BODY_LIMIT + 1
    headers = [(b"content-length", str(size).encode())] if announced else []
    status, read, answer = await ask(path, size, TOKEN + headers)
    assert (status, answer["code"]) == (413, "too_large")
    assert read == 0 if announced else read <= BODY_LIMIT


async def test_a_package_has_a_limit_of_its_own() -> None:
    assert (await ask(UPLOAD, BODY_LIMIT + 1, TOKEN))[0] == 200
    assert (await ask(UPLOAD, PACKAGE_LIMIT + 1, TOKEN))[0] == 413


async def test_of_an_upload_no_more_is_read_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of several at once, or of one that does not say how large it is, nobody knew before."""
    monkeypatch.setattr(bodies, "ROOM_FOR", 256 * 1024)
    free = [3, 2, 1, 0]
    status, read, answer = await ask(UPLOAD, PACKAGE_LIMIT, TOKEN, room=lambda: free.pop(0))
    assert (status, answer["code"]) == (409, "store_full")
    assert 512 * 1024 <= read <= 1024 * 1024
    assert (await ask(UPLOAD, PACKAGE_LIMIT, TOKEN, room=lambda: 1))[0] == 200


async def test_what_is_no_package_needs_no_room_for_one() -> None:
    assert (await ask("/api/v1/services", 1000, TOKEN, room=lambda: 0))[0] == 200


async def test_an_upload_from_nobody_is_not_read() -> None:
    status, read, answer = await ask(UPLOAD, BODY_LIMIT, [])
    assert (status, read, answer["code"]) == (401, 0, "unauthorized")


async def test_no_byte_is_read_of_who_may_not_send_it() -> None:
    assert (await ask(UPLOAD, BODY_LIMIT, TOKEN, may=False))[:2] == (200, 0)


async def test_other_methods_on_the_address_of_uploads_have_the_small_limit() -> None:
    assert (await ask(UPLOAD, BODY_LIMIT + 1, TOKEN, method="PATCH"))[0] == 413


async def test_what_is_small_goes_through() -> None:
    assert (await ask("/api/v1/services", 1000, []))[:2] == (200, 1000)
