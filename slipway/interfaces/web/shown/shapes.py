"""Small pictures of many things: the ticks of a place, the bar of a rollout."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT, WARN, mark

Thing = TypeVar("Thing")
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


def ticks_of(of: Sequence[Thing], marks: Sequence[str], tick: Callable[[Thing], Tick]) -> Ticks:
    """Return the ticks of at most MOST_TICKS things, what is wrong first when not all fit; `marks`
    are those of all of them, in their order."""
    shown = of
    if len(of) > MOST_TICKS:
        order = {FAIL: 0, WARN: 1, RUN: 2}
        numbers = sorted(range(len(of)), key=lambda number: order.get(marks[number], 3))
        shown = [of[number] for number in numbers[:MOST_TICKS]]
    words = mark_words() | {OK: _("well"), WAIT: _("stopped")}
    counts = Counter(marks)
    label = ", ".join(f"{counts[name]} {word}" for name, word in words.items() if counts[name])
    return Ticks(tuple(map(tick, shown)), len(of) - len(shown), label)


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
