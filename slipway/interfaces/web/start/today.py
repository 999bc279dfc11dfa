"""What was released today, hour by hour, in the reader's zone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import ngettext

from slipway.interfaces.web.frame.words import FAIL, OK, WARN
from slipway.records.rollouts.histories.tempo import EndedRollout, list_ended

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_HOURS = 24
_STEP = 40  # of an hour, in the picture's own units
_BAR = 26
_HEIGHT = 100
_MARKS = (OK, WARN, FAIL)  # from the ground up


@dataclass(frozen=True, slots=True)
class HourPart:
    mark: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Today:
    """`now` is where the moment is in the picture; `zone` names whose day it is."""

    summary: str
    zone: str
    parts: tuple[HourPart, ...]
    now: float


def today_of(actor: "Actor", now: datetime) -> Today | None:
    """Return the day so far; None where nothing was released."""
    local = timezone.localtime(now)
    midnight = timezone.make_aware(datetime.combine(local.date(), time()), local.tzinfo)
    ended = list_ended(actor, midnight)
    if not ended:
        return None
    hour = local.hour + local.minute / 60
    return Today(
        _summary(ended), local.tzname() or "", tuple(_parts(ended)), round(hour * _STEP, 1)
    )


def _summary(ended: Sequence[EndedRollout]) -> str:
    releases = sum(each.is_release for each in ended)
    back = sum(each.went_back for each in ended)
    said = ngettext("%(n)s release", "%(n)s releases", releases) % {"n": releases}
    if not back:
        return said
    return f"{said}, {ngettext('%(n)s went back', '%(n)s went back', back) % {'n': back}}"


def _parts(ended: Sequence[EndedRollout]) -> Iterator[HourPart]:
    hours: dict[int, Counter[str]] = {hour: Counter() for hour in range(_HOURS)}
    for each in ended:
        hours[timezone.localtime(each.at).hour][_mark(each)] += 1
    most = max(counts.total() for counts in hours.values())
    for hour, counts in hours.items():
        ground = 0.0
        for mark in _MARKS:
            height = counts[mark] * _HEIGHT / most
            ground += height
            if height:
                x = hour * _STEP + (_STEP - _BAR) // 2
                yield HourPart(mark, x, round(_HEIGHT - ground, 1), round(height, 1))


def _mark(ended: EndedRollout) -> str:
    if ended.went_back:
        return FAIL
    return OK if ended.is_good else WARN
