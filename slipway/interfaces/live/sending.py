"""Sends streams when Django has let go of their requests: what is open for hours would hold a
thread for each, the request with all that it has read, and a connection to the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from slipway.interfaces.entrance.bodies import Message, Receive, Scope, Send

Events = AsyncIterator[bytes]


class EventStream(StreamingHttpResponse):
    """An answer without an end: `StreamHandler` sends its events, and Django itself under any other
    handler."""

    def __init__(self, events: Events) -> None:
        super().__init__(events, content_type="text/event-stream; charset=utf-8")
        self.events = events


class _Outlet:
    """Where one answer goes, and the events that are left to be sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.events: Events | None = None

    async def __call__(self, message: Message) -> None:
        await self._send(message)


class StreamHandler(ASGIHandler):
    """Django's handler; the body of an EventStream comes after all that Django does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        outlet = _Outlet(send)
        await super().__call__(scope, receive, outlet)
        if outlet.events is not None:
            await _send_all(outlet.events, receive, send)

    async def send_response(self, response: HttpResponseBase, send: Any) -> None:
        if not (isinstance(response, EventStream) and isinstance(send, _Outlet)):
            await super().send_response(response, send)
            return
        headers = [
            (name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()
        ]
        for cookie in response.cookies.values():
            headers.append((b"Set-Cookie", cookie.output(header="").strip().encode("ascii")))
        status = response.status_code
        await send({"type": "http.response.start", "status": status, "headers": headers})
        send.events = response.events


async def _send_all(events: Events, receive: Receive, send: Send) -> None:
    """Send events until there are no more, or nobody is there who reads them."""
    tasks = [asyncio.ensure_future(_pass_on(events, send)), asyncio.ensure_future(_leave(receive))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended, _left = await asyncio.gather(*tasks, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended


async def _pass_on(events: Events, send: Send) -> None:
    async with aclosing(events) as each:  # type: ignore[type-var]
        async for event in each:
            await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _leave(receive: Receive) -> None:
    """Wait until whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
