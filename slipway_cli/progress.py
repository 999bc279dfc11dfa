"""Shows how much of a file has moved, on one line of a terminal."""

import sys
import time

from slipway_cli.language import _
from slipway_cli.values import size

BETWEEN_SECONDS = 0.1
WIDTH = 30


class ProgressBar:
    """Call it with the bytes moved so far. Silent where standard error is no terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._shown = sys.stderr.isatty()
        self._began = time.monotonic()
        self._last = 0.0

    def __call__(self, moved: int) -> None:
        now = time.monotonic()
        if not self._shown or (now - self._last < BETWEEN_SECONDS and moved < self._total):
            return
        self._last = now
        part = moved / self._total if self._total else 1.0
        filled = "━" * round(part * WIDTH)
        rate = size(moved / max(now - self._began, 0.001))
        of = _("{moved} of {total}", moved=size(moved), total=size(self._total)).told
        line = f"{filled:<{WIDTH}} {part:4.0%}  {of}  {rate}/s"
        sys.stderr.write(f"\r{line}\x1b[K")
        sys.stderr.flush()

    def close(self) -> None:
        if self._shown and self._last:
            sys.stderr.write("\n")
