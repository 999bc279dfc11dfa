"""How long a build server wants to be left alone."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = timedelta(hours=1)  # a server that asks for more is asked again all the same


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return what the header Retry-After asks for; a date counts from the server's own clock."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdecimal():
        return min(timedelta(seconds=int(asked[:9])), LONGEST_PAUSE)
    try:
        pause = parsedate_to_datetime(asked) - parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError, TypeError):
        return None
    return min(max(pause, timedelta(0)), LONGEST_PAUSE)
