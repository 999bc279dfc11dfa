"""Small curves beside a figure: what it was from day to day, or from one to the next."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_WIDTH, _HEIGHT, _MARGIN = 300, 40, 2  # in its own units


@dataclass(frozen=True, slots=True)
class SparkBar:
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Spark:
    """Bars of days or the points of a line, and the same in words."""

    label: str
    bars: tuple[SparkBar, ...] = ()
    points: str = ""


def by_day(moments: Sequence[datetime], days: int, now: datetime) -> Spark | None:
    """Return how many there were on each of the reader's last days; None where there were none."""
    today = timezone.localtime(now).date()
    ages = ((today - timezone.localtime(at).date()).days for at in moments)
    counts = Counter(min(max(age, 0), days - 1) for age in ages)
    most = max(counts.values(), default=0)
    if not most:
        return None
    step = _WIDTH // days
    bars = []
    for ago, count in sorted(counts.items(), reverse=True):
        height = max(count * _HEIGHT // most, 1)
        bars.append(SparkBar((days - 1 - ago) * step, _HEIGHT - height, step - 2, height))
    label = ngettext("at most %(n)s a day, on %(days)s", "at most %(n)s a day, on %(days)s", most)
    on = ngettext("%(n)s day", "%(n)s days", len(counts)) % {"n": len(counts)}
    return Spark(label % {"n": most, "days": on}, tuple(bars))


def one_by_one(times: Sequence[timedelta], said: Callable[[timedelta], str]) -> Spark | None:
    """Return how long each took, the oldest first; None of fewer than two, which show no course."""
    if len(times) < 2:
        return None
    most, least = max(times), min(times)
    room, step = _HEIGHT - 2 * _MARGIN, _WIDTH / (len(times) - 1)
    scale = room / (most.total_seconds() or 1.0)
    points = " ".join(
        f"{round(number * step)},{round(_HEIGHT - _MARGIN - max(time.total_seconds(), 0) * scale)}"
        for number, time in enumerate(times)
    )
    values = {"n": len(times), "least": said(least), "most": said(most), "last": said(times[-1])}
    label = _("%(n)s of them, between %(least)s and %(most)s; the last one %(last)s") % values
    return Spark(label, points=points)
