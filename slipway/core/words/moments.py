"""Moments in sentences: said alike everywhere, to the minute and with their zone."""

import re
from datetime import UTC, datetime

from slipway.core.words.sentence import Sentence

NEVER = Sentence.of("never", "never")  # in the place of a moment
_SAID = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
_FORMAT = "%Y-%m-%d %H:%M"


def moment_said(at: datetime) -> str:
    """Return a moment as sentences say it; pages say it in the reader's zone."""
    return f"{at.astimezone(UTC):{_FORMAT}} UTC"


def moment_of(text: str) -> datetime | None:
    """Return the moment that a value of a sentence is; None for any other text."""
    if not _SAID.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, f"{_FORMAT} UTC").replace(tzinfo=UTC)
    except ValueError:
        return None


def moment_in(at: datetime, zone: str) -> str:
    """Return a moment that is given in a zone of that name already."""
    return f"{at:{_FORMAT}} {zone}"
