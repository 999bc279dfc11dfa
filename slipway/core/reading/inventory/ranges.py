"""Names of hosts with ranges in them, as Ansible writes them: `web[01:12].example.com:2222`."""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from string import ascii_letters

from slipway.core.reading.inventory.entries import MOST_HOSTS
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

LONGEST = 1_000
_RANGE = re.compile(r"\[([^\[\]:]*):([^\[\]:]*)(?::([^\[\]:]*))?\]")
_WITH_PORT = re.compile(r"\[([^\[\]]+)\]:([0-9]{1,9})|((?:[^:\[\]]|\[[^\]]*\])*):([0-9]{1,9})")


def split_port(pattern: str) -> tuple[str, str]:
    """Return the pattern without its port, and the port ("" where it has none)."""
    found = _WITH_PORT.fullmatch(pattern)
    if not found:
        return pattern, ""
    return (found[1], found[2]) if found[2] else (found[3], found[4])


def expand(pattern: str) -> Iterator[str]:
    """Yield the names that a pattern stands for. Raises Invalid, before the first one."""
    if len(pattern) > LONGEST:
        raise _no_range(pattern)
    parts = _RANGE.split(pattern)  # text, begin, end, step, text, …
    texts = parts[::4]
    ranges = [_range(pattern, *parts[at : at + 3]) for at in range(1, len(parts), 4)]
    if prod(map(len, ranges)) > MOST_HOSTS:
        raise Invalid("More than {most} hosts at once.", most=MOST_HOSTS)
    return (_joined(texts, chosen) for chosen in product(*ranges))


def _joined(texts: Sequence[str], chosen: Sequence[str]) -> str:
    return "".join(f"{text}{one}" for text, one in zip(texts, (*chosen, ""), strict=True))


def _range(pattern: str, begin: str, end: str, step: str | None) -> Sequence[str]:
    by = "1" if step is None else step
    if not _is_number(by) or int(by) == 0:
        raise _no_range(pattern)
    if len(begin) == len(end) == 1 and begin in ascii_letters and end in ascii_letters:
        letters = ascii_letters[ascii_letters.index(begin) : ascii_letters.index(end) + 1]
        if not letters:
            raise _no_range(pattern)
        return letters[:: int(by)]
    begin = begin or "0"
    padded = len(begin) if begin.startswith("0") and len(begin) > 1 else 0
    if not (_is_number(begin) and _is_number(end)) or (padded and padded != len(end)):
        raise _no_range(pattern)
    numbers = range(int(begin), int(end) + 1, int(by))
    if not 0 < len(numbers) <= MOST_HOSTS:
        raise _no_range(pattern)
    return [f"{number:0{padded}}" for number in numbers]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _no_range(pattern: str) -> Invalid:
    return Invalid("{pattern} is not a range of hosts.", pattern=f"“{shown(pattern)}”")
