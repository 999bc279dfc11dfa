"""Shows how much of a file has moved, on one line of a terminal."""

import sys
import time

from slipway_cli.arguments.values import size
from slipway_cli.language import _
from slipway_cli.printed.line import can_move, columns
from slipway_cli.printed.render import width

BETWEEN_SECONDS = 0.1
WIDTH, NARROWEST = 30, 8  # columns of the bar


class ProgressBar:
    """Call it with the bytes moved so far. Silent where standard error is no terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._shown = can_move()
        self._began = time.monotonic()
        self._last = 0.0

    def __call__(self, moved: int) -> None:
        now = time.monotonic()
        if not self._shown or (now - self._last < BETWEEN_SECONDS and moved < self._total):
            return
        self._last = now
        part = moved / self._total if self._total else 1.0
        rate = size(moved / max(now - self._began, 0.001))
        of = _("{moved} of {total}", moved=size(moved), total=size(self._total)).told
        sys.stderr.write(f"\r{_fitted(part, f'{part:4.0%}', of, f'{rate}/s')}\x1b[K")
        sys.stderr.flush()

    def close(self) -> None:
        if self._shown and self._last:
            sys.stderr.write("\n")


def _fitted(part: float, *said: str) -> str:
    """Return the line as the terminal is wide: without a bar, then without what is said last."""
    room = columns() - 1
    shown = list(said)
    while len(shown) > 1 and width("  ".join(shown)) > room:
        shown.pop()
    line = "  ".join(shown)
    bar = min(WIDTH, room - width(line) - 1)
    return f"{'━' * round(part * bar):<{bar}} {line}" if bar >= NARROWEST else line
