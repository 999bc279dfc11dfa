"""How far a rollout has come, on one line: a bar, what is done, at work and failed, batch, time."""

import sys
from collections import Counter
from datetime import datetime

from slipway_cli.arguments.values import duration, moment, present
from slipway_cli.following.narration import Board
from slipway_cli.language import Text, _, told
from slipway_cli.printed.render import wants_colour, width

WIDEST, NARROWEST = 30, 8  # columns of the bar
AT_WORK = ("running", "unknown")
FAILED = ("failed", "not_known", "unreachable", "taken_back")
_OPEN = ("pending", *AT_WORK)
# Each state has its sign: colours are not seen by all.
_SIGNS = {"done": "━", "failed": "x", "at work": "─", "left": " "}
_PLAIN = {"━": "=", "─": "-"}  # where a terminal cannot show them
_COLOURS = {"done": "32", "failed": "31", "at work": "36"}


def standing(board: Board, columns: int) -> str:
    """Return the line in at most so many columns: what does not fit is left away, from its end."""
    states = Counter(str(cell["state"]) for cell in board.cells.values())
    counts = {
        "done": states["succeeded"],
        "failed": sum(states[state] for state in FAILED),
        "at work": sum(states[state] for state in AT_WORK),
    }
    total = states.total()
    said = _within([told(part) for part in _parts(board, counts, total, present())], columns)
    room = min(WIDEST, columns - width(said) - 2)
    if not total or room < NARROWEST:
        return said
    return f"{_bar(counts, total, room)}  {said}"


def _parts(board: Board, counts: dict[str, int], total: int, now: datetime) -> list[Text]:
    """Return what is said, the most important first."""
    parts = [_("{done} of {all} done", done=counts["done"], all=total)]
    if counts["failed"]:
        parts.append(_("{number} failed", number=counts["failed"]))
    if counts["at work"]:
        parts.append(_("{number} at work", number=counts["at work"]))
    batches = [int(cell["batch"]) for cell in board.cells.values()]
    left = [int(cell["batch"]) for cell in board.cells.values() if cell["state"] in _OPEN]
    if batches:
        last = max(batches)
        at = min(left, default=last)
        parts.append(_("batch {batch} of {batches}", batch=at, batches=last))
    if began := moment(board.began):
        parts.append(duration(max((now - began).total_seconds(), 0)))
    return parts


def _within(parts: list[str], columns: int) -> str:
    while len(parts) > 1 and width("  ".join(parts)) > columns:
        parts.pop()
    line = "  ".join(parts)
    while width(line) > columns:
        line = line[:-1]
    return line


def _bar(counts: dict[str, int], total: int, room: int) -> str:
    """Return the bar. What there is of anything is seen, however little it is."""
    columns = {name: max(round(count / total * room), 1) for name, count in counts.items() if count}
    while sum(columns.values()) > room:
        columns[max(columns, key=lambda name: columns[name])] -= 1
    columns["left"] = room - sum(columns.values())
    paints = wants_colour(sys.stderr)
    return "".join(_painted(name, _sign(name) * many, paints) for name, many in columns.items())


def _sign(name: str) -> str:
    sign = _SIGNS[name]
    try:
        sign.encode(sys.stderr.encoding or "ascii")
    except UnicodeEncodeError:
        return _PLAIN[sign]
    return sign


def _painted(name: str, signs: str, paints: bool) -> str:
    code = _COLOURS.get(name)
    return f"\x1b[{code}m{signs}\x1b[0m" if code and paints and signs else signs
