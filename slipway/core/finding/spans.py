"""Times as people ask for them: `2h..`, `..3d`, `2026-11-24..2026-11-25`."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from slipway.core.words.durations import format_duration, parse_duration
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

# So long ago, a day, or a minute of a day, the last two as the reader's clock has them.
End = timedelta | date | datetime

BETWEEN = ".."
_AGO = re.compile(r"([0-9]{1,9}(d|h|ms|m|s))+|0")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_YEARS = range(1970, 3000)  # what every database and every zone can count with


@dataclass(frozen=True, slots=True)
class Span:
    """From when and until when; None: open on that side. A day that ends it belongs to it."""

    since: End | None = None
    until: End | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a span as it is written. Raises Invalid."""
        left, between, right = text.partition(BETWEEN)
        if not between:
            raise _not_a_time(text)
        span = cls(_end(left, text), _end(right, text))
        if span.since is None and span.until is None:
            raise _not_a_time(text)
        if _is_turned(span.since, span.until):
            raise Invalid(
                "{given} ends before it begins.",
                hint="The earlier end comes first: 3d..2h, 2026-11-24..2026-11-25.",
                given=f"“{shown(text)}”",
            )
        return span

    @property
    def text(self) -> str:
        return f"{_said(self.since)}{BETWEEN}{_said(self.until)}"

    def between(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Return the moments, the second one just after its end; days are those of the zone in
        which `now` is told."""
        return _moment(self.since, now), _moment(self.until, now, is_last=True)


def is_span(text: str) -> bool:
    """Return whether `text` has the shape of a time, be it one that exists or not."""
    left, between, right = text.partition(BETWEEN)
    return bool(between) and all(_has_shape(each) for each in (left, right))


def _has_shape(text: str) -> bool:
    return not text or any(shape.fullmatch(text) for shape in (_AGO, _DAY, _MINUTE))


def _end(text: str, whole: str) -> End | None:
    if not text:
        return None
    if _AGO.fullmatch(text):
        return parse_duration(text)
    if not _has_shape(text):
        raise _not_a_time(whole)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _not_a_time(whole) from None
    if moment.year not in _YEARS:
        raise _not_a_time(whole)
    return moment if "T" in text else moment.date()


def _is_turned(since: End | None, until: End | None) -> bool:
    if isinstance(since, timedelta) and isinstance(until, timedelta):
        return since < until
    if isinstance(since, timedelta | None) or isinstance(until, timedelta | None):
        return False  # whether it is, depends on what time it is
    return _at(since) > _at(until)


def _at(end: date) -> datetime:
    return end if isinstance(end, datetime) else datetime.combine(end, time.min)


def _moment(end: End | None, now: datetime, *, is_last: bool = False) -> datetime | None:
    if end is None:
        return None
    if isinstance(end, timedelta):
        return now - end
    if is_last and not isinstance(end, datetime):
        end += timedelta(days=1)
    return _at(end).replace(tzinfo=now.tzinfo)


def _said(end: End | None) -> str:
    if end is None:
        return ""
    if isinstance(end, timedelta):
        return format_duration(end)
    return f"{end:%Y-%m-%dT%H:%M}" if isinstance(end, datetime) else f"{end:%Y-%m-%d}"


def _not_a_time(text: str) -> Invalid:
    return Invalid(
        "{given} is not a time.",
        hint="Write 2h.. (the last two hours), ..3d (before that), "
        "2026-11-24..2026-11-25 (both days), or put a name that holds two dots into quotes.",
        given=f"“{shown(text)}”",
    )
