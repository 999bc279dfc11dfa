"""What a person or a program reads: tables, sentences and JSON, safe for a terminal."""

import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from slipway_cli.arguments.values import duration, moment
from slipway_cli.language import Text, _, listed, told, word
from slipway_cli.printed.zone import zone_name

# A text from the server may hold what somebody else wrote. Escape sequences could rewrite the
# screen or the window's title, and direction marks could make a name read as another.
_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?"
)
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HIDDEN_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029]")

_COLOURS = {
    "succeeded": "32",
    "running": "36",
    "success": "32",
    "ok": "32",
    "failed": "31",
    "halted": "31",
    "unreachable": "31",
    "ill": "31",
    "drifted": "33",
    "not_seen": "33",
    "cancelled": "33",
    "paused": "33",
    "maintenance": "33",
    "unknown": "33",
}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its heading, and how a row answers it."""

    heading: str
    of: str | Callable[[Row], object]

    @property
    def title(self) -> str:
        """The heading as whoever sits here reads it; of times with their zone, said once."""
        heading = _(self.heading).told
        return f"{heading} ({zone_name()})" if isinstance(self.of, AtTime) else heading

    def text(self, row: Row) -> Text:
        value = row.get(self.of) if isinstance(self.of, str) else self.of(row)
        return one_line(value)


def clean(text: object) -> str:
    """Return the text without control and escape sequences; line ends and tabs stay."""
    return _CONTROLS.sub("", _MARKS.sub("", _SEQUENCES.sub("", str(text))))


def one_line(value: object) -> Text:
    """Return a value as one cell: yes/no, name=value pairs, or the cleaned text."""
    match value:
        case None:
            return Text("", "")
        case bool():
            return _("yes") if value else _("no")
        case Mapping():
            pairs = ((one_line(key), one_line(item)) for key, item in value.items())
            return listed(Text(f"{key}={item}", f"{key}={item.told}") for key, item in pairs)
        case list() | tuple():
            return listed(one_line(item) for item in value)
    return Text(_flat(value), _flat(told(value)))


def _flat(text: object) -> str:
    return " ".join(clean(text).split())


def width(text: str) -> int:
    """Return the columns a text takes on a terminal; East Asian wide signs take two."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def table(rows: Iterable[Row], columns: Sequence[Column], *, colour: bool = False) -> list[str]:
    """Return the lines of a table with a heading, columns two spaces apart, nothing cut off."""
    cells = [[column.text(row) for column in columns] for row in rows]
    widths = [
        max(width(column.title), *(width(line[place].told) for line in cells), 0)
        for place, column in enumerate(columns)
    ]
    heading = [Text("", column.title.upper()) for column in columns]
    lines = [_joined(heading, widths, told)]
    paint = _painted if colour else told
    return lines + [_joined(line, widths, paint) for line in cells]


def _joined(cells: Sequence[Text], widths: Sequence[int], paint: Callable[[Text], str]) -> str:
    padded = [
        paint(cell) + " " * (room - width(cell.told))
        for cell, room in zip(cells, widths, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _painted(cell: Text) -> str:
    code = _COLOURS.get("failed" if cell.endswith("_failed") else cell)
    return f"\x1b[{code}m{cell.told}\x1b[0m" if code else cell.told


def as_json(document: object) -> str:
    """Return one JSON document for people and programs; control signs are always escaped."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return _HIDDEN_IN_JSON.sub(lambda sign: f"\\u{ord(sign.group()):04x}", text)


def wants_colour(stream: TextIO) -> bool:
    """Return whether colours help there: a terminal, and nobody has said no."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def out(text: str) -> None:
    """Print a result on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Print a sentence for people on standard error, in their language."""
    sys.stderr.write(clean(told(text)) + "\n")
    sys.stderr.flush()


def in_words(kind: str, field: str) -> Callable[[Row], str]:
    """Return what shows a code of a row: in English as it is, else as a word of the glossary."""

    def shown(row: Row) -> str:
        code = str(row.get(field) or "")
        return word(kind, code, english=code) if code else ""

    return shown


def padded(text: str, room: int) -> str:
    """Return the text as whoever sits here reads it, filled up to `room` columns."""
    shown = told(text)
    return shown + " " * (room - width(shown))


def lasting(field: str) -> Callable[[Row], Text]:
    """Return what shows the seconds of a row as people say them."""

    def shown(row: Row) -> Text:
        return duration(float(row.get(field) or 0))

    return shown


@dataclass(frozen=True, slots=True)
class AtTime:
    """Shows a time of a row to the second, in the zone of whoever reads it: the column names it."""

    field: str

    def __call__(self, row: Row) -> str:
        at = moment(row.get(self.field))
        return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else ""


def at_time(field: str) -> AtTime:
    """Return what shows that time of a row."""
    return AtTime(field)


def time_said(field: str, row: Row) -> str:
    """Return a time of a row with its zone, as it stands in a sentence; "" where there is none."""
    at = at_time(field)(row)
    return f"{at} ({zone_name()})" if at else ""
