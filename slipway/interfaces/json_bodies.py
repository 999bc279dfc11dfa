"""Reads the JSON of a body whose depth and number of values were looked at before it is parsed."""

import json
import re
from collections.abc import Callable
from typing import Any

DEEPEST = 32
MOST_VALUES = 50_000
# To the end of the body where nobody ends it: it is no JSON then, and looked at but once.
_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


class UnreadableBody(ValueError):
    """The body is no JSON that we take."""


def read(body: bytes, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Return the body as values.

    Raises UnreadableBody, also where a few bytes would be much work.
    """
    try:
        text = body.decode(json.detect_encoding(body))
        _check(text)
        return json.loads(text, parse_constant=parse_constant)
    except UnreadableBody:
        raise
    except (ValueError, RecursionError) as error:
        raise UnreadableBody(str(error)) from error


def _check(text: str) -> None:
    rest = _TEXT.sub("", text)
    if rest.count(",") + rest.count("[") + rest.count("{") > MOST_VALUES:
        raise UnreadableBody(f"more than {MOST_VALUES} values")
    depth = 0
    for bracket in _BRACKET.findall(rest):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise UnreadableBody(f"more than {DEEPEST} levels")
