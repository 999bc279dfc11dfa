"""What the standard library says of a command line that cannot be meant, and its lines of help."""

import re
import textwrap
import unicodedata

from slipway_cli.language import Text, _

# How argparse, and what it asks of ours, puts it. What is not recognised is said as it is.
MISTAKES = (
    "argument {name}: {mistake}",
    "the following arguments are required: {names}",
    "unrecognized arguments: {words}",
    "expected one argument",
    "expected at least one argument",
    "invalid choice: {word} (choose from {choices})",
    "invalid {kind} value: {word}",
    "ignored explicit argument {word}",
    "“{word}” is not a whole number",
    "{number} is less than {least}",
    "{number} is more than {most}",
)
_NO_BEGINNING = "，。；：、？！”）"  # signs that begin no line


def recognised(message: str) -> Text:
    """Return a mistake that argparse has found, as a text of ours."""
    for template in MISTAKES:
        pattern = re.sub(r"\\\{([a-z]+)\\\}", r"(?P<\1>.+?)", re.escape(template))
        if found := re.fullmatch(pattern, message, re.DOTALL):
            values: dict[str, object] = found.groupdict()
            if "mistake" in values:
                values["mistake"] = recognised(found["mistake"])
            return _(template, **values)
    return Text(message, message)


def wrapped(text: str, room: int) -> list[str]:
    """Return the text in lines of at most `room` columns."""
    text = " ".join(text.split())
    if text.isascii():
        return textwrap.wrap(text, room)
    lines, line, used = [], "", 0
    for piece in re.findall(r"[!-~…]+ ?|.", text):
        columns = sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in piece)
        is_full = used + columns - piece.endswith(" ") > room
        if line and is_full and piece not in _NO_BEGINNING:
            lines.append(line.rstrip())
            line, used = "", 0
        line += piece
        used += columns
    return [*lines, line.rstrip()]
