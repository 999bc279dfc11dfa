"""The reader's zone: a cookie of their browser names it; pages say times and read them in it."""

import re
from contextlib import AbstractContextManager, nullcontext
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from slipway.interfaces.middleware import Around, middleware

COOKIE = "slipway_zone"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z][A-Za-z0-9_+-]{0,31}){0,2}")


@middleware
def zone_middleware(request: HttpRequest) -> Around:
    """Answer in the zone of whoever reads; programs are answered in UTC, whatever they send."""
    with _of(request):
        return (yield)


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
