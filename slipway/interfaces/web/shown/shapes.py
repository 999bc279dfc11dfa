"""Small pictures of many things: the ticks of a place, the bar of a rollout."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT, WARN, mark

MOST_TICKS = 48
_WIDTH = 1000  # of a bar, in its own units


@dataclass(frozen=True, slots=True)
class Tick:
    mark: str
    title: str


@dataclass(frozen=True, slots=True)
class Ticks:
    """The first ticks, how many more there are, and all of it in words."""

    shown: tuple[Tick, ...]
    more: int
    label: str


NO_TICKS = Ticks((), 0, "")


@dataclass(frozen=True, slots=True)
class BarPart:
    mark: str
    word: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    parts: tuple[BarPart, ...]
    total: int
    label: str


def mark_words() -> dict[str, str]:
    """Return what the marks of targets mean, in the order a bar shows them."""
    return {
        OK: _("done"),
        RUN: _("at work"),
        WARN: _("unclear"),
        FAIL: _("failed"),
        WAIT: _("waiting"),
    }


def ticks_of(ticks: Iterable[Tick]) -> Ticks:
    """Return at most MOST_TICKS of `ticks`, what is wrong first when not all fit."""
    found = list(ticks)
    if len(found) > MOST_TICKS:
        order = {FAIL: 0, WARN: 1, RUN: 2}
        found.sort(key=lambda tick: order.get(tick.mark, 3))
    words = mark_words() | {OK: _("well"), WAIT: _("stopped")}
    counts = Counter(tick.mark for tick in found)
    label = ", ".join(f"{counts[name]} {word}" for name, word in words.items() if counts[name])
    return Ticks(tuple(found[:MOST_TICKS]), max(0, len(found) - MOST_TICKS), label)


def bar_of(states: Counter[str], *, is_over: bool = False) -> Bar:
    """Return the bar of a rollout whose targets are in these states; where it is over, nothing
    waits any more."""
    counts: Counter[str] = Counter()
    for state, count in states.items():
        counts[mark(state)] += count
    total = counts.total()
    parts: list[BarPart] = []
    x = 0.0
    told = mark_words() | ({WAIT: _("not begun")} if is_over else {})
    for name, word in told.items():
        width = counts[name] * _WIDTH / total if total else 0.0
        parts.append(BarPart(name, word, counts[name], round(x, 2), round(width, 2)))
        x += width
    label = ", ".join(f"{part.count} {part.word}" for part in parts if part.count)
    return Bar(tuple(parts), total, label)
