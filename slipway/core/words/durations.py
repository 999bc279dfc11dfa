"""Durations as people write them: 30s, 5m, 1h30m, 2d, 500ms."""

import re
from datetime import timedelta

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_PART = re.compile(r"([0-9]{1,9})(d|h|ms|m|s)")
_WHOLE = re.compile(r"([0-9]{1,9}(d|h|ms|m|s))+")

LONGEST = timedelta(days=3650)


def parse_duration(text: str) -> timedelta:
    """Return the duration of `1h30m`. Raises Invalid; a bare number has no unit and is refused."""
    text = text.strip()
    if text == "0":
        return timedelta(0)
    if not _WHOLE.fullmatch(text):
        raise _not_a_duration(text)
    units = [unit for _, unit in _PART.findall(text)]
    if units != [unit for unit in _UNITS if unit in units]:
        raise _not_a_duration(text)
    total = sum((int(count) * _UNITS[unit] for count, unit in _PART.findall(text)), timedelta(0))
    if total > LONGEST:
        raise Invalid("{given} is longer than ten years.", given=shown(text))
    return total


def format_duration(duration: timedelta) -> str:
    """Return the shortest text that `parse_duration` reads as `duration`, to the millisecond."""
    if duration < timedelta(0):
        raise ValueError(f"a negative duration: {duration}")
    text = ""
    for name, unit in _UNITS.items():
        count, duration = divmod(duration, unit)
        text += f"{count}{name}" if count else ""
    return text or "0s"


def _not_a_duration(text: str) -> Invalid:
    return Invalid(
        "{given} is not a duration.",
        hint="Write numbers with units, the largest first: 30s, 5m, 1h30m, 2d, 500ms.",
        given=f"“{shown(text)}”",
    )
