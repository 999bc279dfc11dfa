"""Middleware that is written once for answers that are waited for and for those that are not."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import closing
from functools import wraps
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Answer = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
# Yields where what is behind it answers, and returns what is sent; or returns at once.
Around = Generator[None, HttpResponseBase, HttpResponseBase]


def middleware(around: Callable[[HttpRequest], Around]) -> Callable[[Answer], Answer]:
    @sync_and_async_middleware
    @wraps(around)
    def made(answer: Answer) -> Answer:
        async def later(request: HttpRequest) -> HttpResponseBase:
            with closing(around(request)) as steps:
                if (refused := _begun(steps)) is not None:
                    return refused
                return _ended(steps, await cast("Awaitable[HttpResponseBase]", answer(request)))

        def now(request: HttpRequest) -> HttpResponseBase:
            with closing(around(request)) as steps:
                if (refused := _begun(steps)) is not None:
                    return refused
                return _ended(steps, cast("HttpResponseBase", answer(request)))

        return later if iscoroutinefunction(answer) else now

    return made


def _begun(steps: Around) -> HttpResponseBase | None:
    try:
        next(steps)
    except StopIteration as over:
        return cast("HttpResponseBase", over.value)
    return None


def _ended(steps: Around, given: HttpResponseBase) -> HttpResponseBase:
    try:
        steps.send(given)
    except StopIteration as over:
        return cast("HttpResponseBase", over.value)
    raise RuntimeError("a middleware asks for one answer")
