"""One line at the bottom of a terminal that is drawn anew in its place, below what is told."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from slipway_cli.printed.render import say

EACH_SECONDS = 1.0  # what it says of time moves on without news
BETWEEN_SECONDS = 0.1
USUAL_COLUMNS = 80
_CLEAR = "\r\x1b[K"

Draw = Callable[[int], str]  # what it says in at most so many columns


class LiveLine:
    """Nothing moves where standard error is no terminal: `say` is all there is then."""

    def __init__(self) -> None:
        self.is_shown = can_move()
        self._draw: Draw | None = None
        self._drawn_at = 0.0
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        if self.is_shown:
            self._clock.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self.is_shown:
            self._ended.set()
            self._clock.join()
            self.show(None)

    def say(self, sentence: str) -> None:
        """Tell a sentence above the line."""
        with self._lock:
            self._clear()
            say(sentence)
            self._write()

    def show(self, draw: Draw | None) -> None:
        """Have the line say this from now on; None: there is no line."""
        with self._lock:
            if draw is None:
                self._clear()
            self._draw = draw
            if time.monotonic() - self._drawn_at >= BETWEEN_SECONDS:
                self._write()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Meanwhile somebody types where it stood."""
        with self._lock:
            draw = self._draw
            self.show(None)
            yield
            self.show(draw)

    def _tick(self) -> None:
        while not self._ended.wait(EACH_SECONDS):
            with self._lock:
                self._write()

    def _write(self) -> None:
        if self.is_shown and self._draw is not None:
            # The last column is left alone: some terminals go on to the next line behind it.
            sys.stderr.write(f"\r{self._draw(columns() - 1)}\x1b[K")
            sys.stderr.flush()
            self._drawn_at = time.monotonic()

    def _clear(self) -> None:
        if self.is_shown and self._draw is not None:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            self._drawn_at = 0.0


def can_move() -> bool:
    """Whether what is written to standard error can be written over."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """Return how wide the terminal is at this moment."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_COLUMNS
    except (OSError, ValueError):
        return USUAL_COLUMNS
