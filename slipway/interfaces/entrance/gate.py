"""What is decided before Django sees a request: it would read all of a body first, and answer
whoever comes."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from slipway.core.network.customers import customer_of
from slipway.core.words.sentence import Sentence
from slipway.interfaces.entrance.bodies import (
    PATIENCE,
    Counted,
    Given,
    Message,
    Nothing,
    Receive,
    Scope,
    Send,
    announced,
    is_chunked,
)
from slipway.interfaces.entrance.turnstile import (
    HOOKS_AT_ONCE,
    HOOKS_LONGEST_WAIT,
    HOOKS_WAITING,
    KNOWN,
    STRANGERS_AT_ONCE,
    WAITING,
    Full,
    Held,
    Room,
    Turnstile,
)
from slipway.interfaces.sentences import (
    BUSY,
    HEAD_TOO_LARGE,
    NO_ROOM,
    NOT_ADMITTED,
    SENTENCES,
    TOO_LARGE,
    TOO_SLOW,
    in_json,
    status_of,
)

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
MaySend = Callable[[Scope], Awaitable[bool]]
Put = Callable[[Sentence, str], dict[str, Any]]  # the languages that are accepted: a header
Headers = Mapping[bytes, bytes]

BODY_LIMIT = 1024 * 1024 + 4096  # bytes; a little over Django's own, whose answer is nicer
HEAD_LIMIT = 32 * 1024
# What is read of somebody who has not said who they are; a webhook says it by its body.
STRANGERS_LIMIT = 64 * 1024
STRANGERS_ROOM = 4 * 1024**2  # all of their bodies
HOOKS_ROOM = 8 * 1024**2
HOOKS_ROOM_OF_A_PLACE = 6 * 1024**2
# Seconds until a stranger is refused: most come again at once.
HESITATION = 1.0
_UPLOAD = re.compile(r"/api/v1/services/([^/]+)/versions|/services/([^/]+)/versions/-/new")
_HOOKS = "/hooks/"
# Where nobody can have said who they are.
_LOGINS = frozenset({"/login", "/api/v1/login"})


class Refusal(Exception):
    """What is answered instead: one of the names in `sentences`."""

    def __init__(self, what: int) -> None:
        super().__init__(what)
        self.what = what


class BodyGate:
    """Wraps an ASGI application. `package_limit` in bytes holds for package uploads only;
    `may_send` says whether a body that is large, or does not say how large it is, is to be read at
    all; `room` how many bytes are free for packages; `put` makes JSON of a refusal."""

    def __init__(
        self,
        application: Application,
        *,
        package_limit: int,
        may_send: MaySend,
        room: Callable[[], int] | None = None,
        put: Put = lambda said, _accepted: in_json(said),
        hesitation: float = HESITATION,
        patience: float = PATIENCE,
    ) -> None:
        self._application = application
        self._package_limit = package_limit
        self._may_send = may_send
        self._room = room
        self._put = put
        self._hesitation = hesitation
        self._patience = patience
        self._strangers = Turnstile(STRANGERS_AT_ONCE, WAITING)
        self._hooks = Turnstile(HOOKS_AT_ONCE, HOOKS_WAITING, HOOKS_LONGEST_WAIT)
        self._strangers_room = Room(STRANGERS_ROOM, STRANGERS_ROOM)
        self._hooks_room = Room(HOOKS_ROOM, HOOKS_ROOM_OF_A_PLACE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer it by a refusal."""
        if scope["type"] != "http":
            return await self._application(scope, receive, send)
        headers = dict(scope["headers"])
        try:
            return await self._let_in(scope, headers, receive, send)
        except Refusal as refusal:
            what = refusal.what
        except Full:
            what = BUSY
        # Not above: the exception keeps all that was read of the body.
        return await self._refuse(send, what, headers)

    async def _refuse(self, send: Send, what: int, asked: Headers) -> None:
        if not KNOWN.has(asked):
            await asyncio.sleep(self._hesitation)
        await self._say(send, what, asked)

    async def _let_in(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        room = self._room if is_upload(scope) else None
        counted = Counted(receive, self._limit_of(scope, headers), room, self._patience)
        is_known = KNOWN.has(headers)
        if _is_to_be_looked_at(scope, headers):
            if not await self._is_welcome(scope, is_known):
                # Who says why needs no byte of it.
                return await self._in_turn(self._strangers, scope, Nothing(), _closing(send))
            is_known = True
        if is_known:
            await self._application(scope, counted, send)
            return _check(counted)
        is_hook = scope["path"].startswith(_HOOKS)
        bodies = self._hooks_room if is_hook else self._strangers_room
        turnstile = self._hooks if is_hook else self._strangers
        place = customer_of(_address_of(scope))
        with bodies.of(place) as held:
            if (given := await _read(counted, held)) is not None:
                await self._in_turn(turnstile, scope, given, send)
        return None

    def _limit_of(self, scope: Scope, headers: Headers) -> int:
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEAD_LIMIT:
            raise Refusal(HEAD_TOO_LARGE)
        limit = BODY_LIMIT
        if is_upload(scope):
            if not (b"authorization" in headers or b"cookie" in headers):
                raise Refusal(NOT_ADMITTED)
            limit = self._package_limit
        elif scope["path"] in _LOGINS:
            limit = STRANGERS_LIMIT
        if announced(headers.get(b"content-length", b"")) > limit:
            raise Refusal(TOO_LARGE)
        return limit

    async def _is_welcome(self, scope: Scope, is_known: bool) -> bool:
        if is_known:
            return await self._may_send(scope)
        async with self._strangers.turn():
            return await self._may_send(scope)

    async def _in_turn(
        self, turnstile: Turnstile, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async with turnstile.turn() as end:

            async def send_after(message: Message) -> None:
                end()  # how fast somebody reads is up to them
                await send(message)

            await self._application(scope, receive, send_after)

    async def _say(self, send: Send, what: int, asked: Headers) -> None:
        accepted = asked.get(b"accept-language", b"").decode("latin-1")
        body = json.dumps(self._put(SENTENCES[what], accepted)).encode()
        headers: Iterable[tuple[bytes, bytes]] = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *([(b"retry-after", b"2")] if what == BUSY else []),
        ]
        status = status_of(what)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def is_upload(scope: Scope) -> bool:
    """Return whether a package is to come."""
    return upload_of(scope) is not None


def upload_of(scope: Scope) -> tuple[str, bool] | None:
    """Return the service that a package is to come for, and whether it comes by a form; None for
    what is no upload."""
    found = _UPLOAD.fullmatch(scope["path"]) if scope["method"] == "POST" else None
    return (found[1] or found[2], found[1] is None) if found else None


def _is_to_be_looked_at(scope: Scope, headers: Headers) -> bool:
    """Whether it is asked who sends it, before a byte is read."""
    if scope["path"] in _LOGINS or scope["path"].startswith(_HOOKS):
        return False
    is_large = announced(headers.get(b"content-length", b"")) > STRANGERS_LIMIT
    return is_upload(scope) or is_large or is_chunked(headers)


async def _read(counted: Counted, held: Held) -> Given | None:
    """Return a body that has come, None where it did not come whole. Raises Refusal."""
    pieces = []
    while True:
        message = await counted()
        if message["type"] != "http.request":
            _check(counted)
            return None
        piece = message.get("body", b"")
        if not held.take(len(piece)):
            raise Refusal(BUSY)
        pieces.append(piece)
        if not message.get("more_body", False):
            return Given(pieces, counted)


def _check(counted: Counted) -> None:
    if counted.is_over:
        raise Refusal(TOO_LARGE)
    if counted.is_late:
        raise Refusal(TOO_SLOW)
    if counted.lacks_room:
        raise Refusal(NO_ROOM)


def _address_of(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _closing(send: Send) -> Send:
    """What was not read is still under way: nothing else comes on that connection."""

    async def close(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"connection", b"close")]
            message = {**message, "headers": headers}
        await send(message)

    return close
