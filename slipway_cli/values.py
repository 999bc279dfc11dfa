"""Turns what people write on a command line into what the API takes, and back."""

import re
from datetime import UTC, datetime

from slipway_cli.errors import Usage

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:[0-9]{1,9}[smhdw])+")
_PART = re.compile(r"([0-9]+)([smhdw])")


def seconds(text: str) -> int:
    """Return the seconds in a duration such as `90d`, `2h` or `1h30m`; raise Usage otherwise."""
    if not _DURATION.fullmatch(text):
        raise Usage(
            f"“{text}” is not a duration.", hint="Write for example 45s, 30m, 2h, 90d or 1h30m."
        )
    return sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(text))


def duration(total: float) -> str:
    """Return seconds as people say them: `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d`."""
    whole = round(total)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d"


def pairs(texts: list[str] | None, what: str = "label") -> dict[str, str]:
    """Return `k=v` words as a dictionary; raise Usage for a word without `=`."""
    found: dict[str, str] = {}
    for text in texts or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise Usage(f"“{text}” is not a {what}.", hint="Write it as name=value.")
        found[key] = value
    return found


def words(text: str) -> list[str]:
    """Return the parts of a list written with commas, in order, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[,\s]+", text) if part))


def given(**fields: object) -> dict[str, object]:
    """Return only the fields that were said: not None, not empty."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def moment(text: object) -> datetime | None:
    """Return an ISO 8601 time of the API with its time zone, None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def size(count: float) -> str:
    """Return bytes as people say them: `512 B`, `3.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
