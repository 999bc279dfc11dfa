"""Turns the colours that programs print into a fixed set of classes; drops all other sequences."""

import re
from collections.abc import Iterator

_SEQUENCE = re.compile(
    r"\x1b\[([0-9;]*)m"  # colours and weights: kept, as classes
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # other control sequences
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # strings for the terminal: titles, links, clipboards
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_WEIGHTS = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}


def spans(text: str) -> Iterator[tuple[str, str]]:
    """Yield (classes, text) for each differently dressed part of `text`."""
    classes: tuple[str, ...] = ()
    last = 0
    for found in _SEQUENCE.finditer(text):
        if found.start() > last:
            yield " ".join(classes), text[last : found.start()]
        last = found.end()
        if found.group(1) is not None:
            classes = _dress(classes, found.group(1))
    if last < len(text):
        yield " ".join(classes), text[last:]


def _dress(classes: tuple[str, ...], codes: str) -> tuple[str, ...]:
    for code in codes.split(";"):
        number = int(code[:4] or "0")
        if number == 0:
            classes = ()
        elif number in _WEIGHTS:
            classes = (*classes, f"ansi-{_WEIGHTS[number]}")
        elif number in (38, 48):
            return classes  # palettes of 256 and more: what follows are its numbers
        elif number == 39 or 30 <= number <= 37 or 90 <= number <= 97:
            classes = tuple(name for name in classes if name.rpartition("-")[2] not in _COLOURS)
            if number != 39:
                classes = (*classes, f"ansi-{_COLOURS[number % 10]}")
    return tuple(dict.fromkeys(classes))
