"""The reader's zone: a cookie of their browser names it; pages say times and read them in it."""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import cast
from zoneinfo import ZoneInfo

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

Answer = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
COOKIE = "slipway_zone"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z][A-Za-z0-9_+-]{0,31}){0,2}")


@sync_and_async_middleware
def zone_middleware(answer: Answer) -> Answer:
    """Answer in the zone of whoever reads; programs are answered in UTC, whatever they send."""
    if iscoroutinefunction(answer):

        async def later(request: HttpRequest) -> HttpResponseBase:
            with _of(request):
                return await cast("Awaitable[HttpResponseBase]", answer(request))

        return later

    def now(request: HttpRequest) -> HttpResponseBase:
        with _of(request):
            return cast("HttpResponseBase", answer(request))

    return now


def _of(request: HttpRequest) -> AbstractContextManager[object]:
    zone = zone_called(request.COOKIES.get(COOKIE, ""))
    if zone is None or request.path_info.startswith("/api"):
        return nullcontext()
    return timezone.override(zone)


def zone_called(name: str) -> ZoneInfo | None:
    """Return the zone of that name; None where this machine knows none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
