"""Turns what people write on a command line into what the API takes, and back."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from slipway_cli.errors import Usage
from slipway_cli.language import Text, _

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:[0-9]{1,9}[smhdw])+")
_PART = re.compile(r"([0-9]+)([smhdw])")


def seconds(text: str) -> int:
    """Return the seconds in a duration such as `90d`, `2h` or `1h30m`; raise Usage otherwise."""
    if not _DURATION.fullmatch(text):
        raise Usage(
            _("“{text}” is not a duration.", text=text),
            hint=_("Write for example 45s, 30m, 2h, 90d or 1h30m."),
        )
    return sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(text))


def duration(total: float) -> Text:
    """Return seconds as people say them: `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d`."""
    whole = round(total)
    if whole < 60:
        return _("{seconds} s", seconds=whole)
    if whole < 3600:
        minutes = {"minutes": whole // 60}
        rest = whole % 60
        return (
            _("{minutes} min {seconds} s", **minutes, seconds=rest)
            if rest
            else _("{minutes} min", **minutes)
        )
    if whole < 86400:
        return _("{hours} h {minutes} min", hours=whole // 3600, minutes=whole % 3600 // 60)
    return _("{days} d", days=whole // 86400)


def pairs(texts: list[str] | None, wrong: str = "“{text}” is not a label.") -> dict[str, str]:
    """Return `k=v` words as a dictionary; raise Usage, which says `wrong`, without a `=`."""
    found: dict[str, str] = {}
    for text in texts or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise Usage(_(wrong, text=text), hint=_("Write it as name=value."))
        found[key] = value
    return found


def words(text: str) -> list[str]:
    """Return the parts of a list written with commas, in order, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[,\s]+", text) if part))


def given(**fields: object) -> dict[str, object]:
    """Return only the fields that were said: not None, not empty."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def require_any(changes: Mapping[str, object], command: str) -> None:
    """Raise Usage, which leads to the help of `command`, where nothing was said to change."""
    if not changes:
        hint = _("See `{command} --help`.", command=command)
        raise Usage(_("Say what to change."), hint=hint)


def moment(text: object) -> datetime | None:
    """Return an ISO 8601 time of the API with its time zone, None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def present() -> datetime:
    """Return this moment: whoever types a command is its only clock."""
    return datetime.now(UTC)  # noqa: TID251  # here the time comes in


def point(text: str, now: datetime, *, past: bool = False) -> str:
    """Return a point in time as the API takes it; `2h` is two hours from `now`, or before it.

    A time without a zone is meant in the zone of whoever writes it. Raises Usage.
    """
    if _DURATION.fullmatch(text):
        try:
            away = timedelta(seconds=seconds(text))
            return _said(now - away if past else now + away, text)
        except OverflowError:
            raise _no_time(text) from None
    if text == "now":
        return _said(now, text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _no_time(text) from None
    return _said(found if found.tzinfo else found.astimezone(), text)


def _said(at: datetime, text: str) -> str:
    try:
        return at.astimezone(UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError):
        raise _no_time(text) from None


def _no_time(text: str) -> Usage:
    return Usage(
        _("“{text}” is not a time.", text=text),
        hint=_("Write for example 2h, now, 2026-12-24 or 2026-12-24T18:00:00+01:00."),
    )


def size(count: float) -> str:
    """Return bytes as people say them: `512 B`, `3.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
