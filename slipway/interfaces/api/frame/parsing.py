"""Reads JSON strictly: what one of our databases could not keep is refused at the door."""

import math
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from slipway.core.words.refusal import Invalid
from slipway.interfaces.json_bodies import DEEPEST, UnreadableBody, read

_LARGEST = 2**63 - 1


class WrongType(ValueError):
    """The body says that it is something else than JSON (HTTP 415)."""


class StrictParser(Parser):
    """Bounded depth, 64-bit numbers, no NUL, no half characters, no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body as values. Raises WrongType or UnreadableBody."""
        if request.content_type != "application/json":
            raise WrongType(request.content_type)
        content = read(request.body, parse_constant=_refuse)
        check(content)
        return content

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Return the query's fields. Raises Invalid when one holds a NUL."""
        for values in data.lists():
            if any("\0" in str(value) for value in (values[0], *values[1])):
                raise Invalid("A field of the query holds a NUL.", hint="Leave it out.")
        return super().parse_querydict(data, list_fields, request)


def check(content: object) -> None:
    """Raise UnreadableBody when `content` is too deep, or holds what a database cannot keep."""
    waiting: list[tuple[object, int]] = [(content, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST and isinstance(value, dict | list):
            raise UnreadableBody(f"more than {DEEPEST} levels")
        if isinstance(value, dict):
            waiting.extend((part, depth + 1) for pair in value.items() for part in pair)
        elif isinstance(value, list):
            waiting.extend((part, depth + 1) for part in value)
        elif not _is_storable(value):
            raise UnreadableBody("a value that cannot be kept")


def _is_storable(value: object) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= mark <= "\udfff" for mark in value)
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    return not isinstance(value, float) or math.isfinite(value)


def _refuse(constant: str) -> None:
    raise UnreadableBody(f"{constant} is no JSON")
