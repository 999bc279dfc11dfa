"""What a build prints, line by line: what of it is meant for people, and in which colours."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from slipway.core.reading.log_words import MARK, sentence_of_log_line
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.shown import ansi
from slipway.records.builds.queries.builds import LogPage

ReadLog = Callable[..., LogPage]  # from a character on, so many at most
AT_FIRST = 2000  # lines that come with the page
_WHOLE = 16 * 1024**2  # characters; longer than any log that is kept
_LONGEST_LINE = 20_000  # characters shown of one line
_AT_ONCE = 1024**2  # characters that come with the page
# Marks for programs: GitLab's folds and times of lines, and what Jenkins hides in its console.
_FOR_PROGRAMS = re.compile(
    r"section_(?:start|end):\d{1,20}:[^\r\n]{0,200}\r?(?:\x1b\[0K)?"
    r"|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z [0-9a-f]{2}[OE][+ ]?"
    r"|\x1b\[8mha:[^\x1b]{0,4000}\x1b\[0m"
)


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line: its number, and its parts as (classes, text)."""

    number: int
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a log. `next` (characters) and `line` say where to go on: there begins a line
    that is not whole yet, or the one after it. `is_cut`: there are lines before them."""

    rows: tuple[LogRow, ...]
    next: int
    line: int
    is_over: bool
    is_cut: bool


def read_on(read: ReadLog, start: int, line: int) -> Lines:
    """Return what was printed from the character `start` on, where the line `line` begins."""
    page = read(start)
    is_all = page.next >= page.size
    whole = page.text.rfind("\n") + 1
    broken = not whole and not is_all  # one line that is longer than a page
    if broken:
        whole = len(page.text)
    rows = _rows(page.text if is_all else page.text[:whole], line)
    return Lines(
        rows=rows,
        next=start + whole,
        line=line + page.text[:whole].count("\n") + broken,
        is_over=page.is_over and is_all,
        is_cut=start > 0,
    )


def read_end(read: ReadLog, most: int = 0) -> Lines:
    """Return the last lines of what was printed so far; `most` of them, or as many as AT_FIRST, and
    no more than a page may hold."""
    page = read(0, _WHOLE)
    start = _start_within(page.text, _start_of_last(page.text, most or AT_FIRST))
    text = page.text[start:]
    line = page.text.count("\n", 0, start) + 1
    whole = text.rfind("\n") + 1
    return Lines(
        rows=_rows(text, line),
        next=start + whole,
        line=line + text.count("\n"),
        is_over=page.is_over,
        is_cut=start > 0,
    )


def lines_of(text: str) -> Lines:
    """Return the lines of a log that came with an uploaded version, the last ones of a long one."""
    start = _start_within(text, 0)
    rows = _rows(text[start:], text.count("\n", 0, start) + 1)
    return Lines(rows, len(text), 0, is_over=True, is_cut=start > 0)


def line_at(read: ReadLog, start: int) -> int:
    """Return the number of the line that the character `start` is in."""
    return read(0, start).text.count("\n") + 1 if start else 1


def as_parts(line: str) -> tuple[tuple[str, str], ...]:
    """Return a printed line as (classes, text): what a terminal would show at its end. Lines of
    ours are said in the reader's language."""
    if ours := sentence_of_log_line(line):
        return (("", f"{MARK}{said(ours)}"),)
    shown = _FOR_PROGRAMS.sub("", line).rstrip("\r")
    shown = shown.rpartition("\r")[2]  # a bar that is drawn again and again
    return tuple(ansi.spans(shown[:_LONGEST_LINE]))


def _rows(text: str, first: int) -> tuple[LogRow, ...]:
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()  # what follows the last line break is no line yet
    return tuple(LogRow(number, as_parts(line)) for number, line in enumerate(lines, first))


def _start_within(text: str, start: int) -> int:
    """Return where the first line after `start` begins with which the rest is no longer than a page
    may be; inside of a line that is longer than that by itself."""
    earliest = len(text) - _AT_ONCE
    if start >= earliest:
        return start
    return text.find("\n", earliest, len(text) - 1) + 1 or earliest


def _start_of_last(text: str, most: int) -> int:
    """Return where the last `most` lines begin."""
    start = len(text) - 1 if text.endswith("\n") else len(text)
    for _number in range(most):
        start = text.rfind("\n", 0, start)
        if start < 0:
            return 0
    return start + 1
