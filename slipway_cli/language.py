"""Texts in English that know themselves in Chinese, too, and which of the two is read here.

What programs read (-o json) is the English; a terminal is told the other, where it wants and can.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pkgutil import get_data
from typing import Any, TextIO

VARIABLES = ("SLIPWAY_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that says anything
TAG = "zh-Hans"
TOLD = "told"  # in an answer of the server: its sentences in our language, by their English
_FULL_STOPS = ("。", "？", "！", "：", "，")


class Text(str):
    """A text in English, and `told`: the same for whoever sits here."""

    __slots__ = ("told",)
    told: str

    def __new__(cls, english: str, other: str) -> "Text":
        text = super().__new__(cls, english)
        text.told = other
        return text


class _Reader:
    """Who sits here."""

    is_chinese = False


def settle() -> None:
    """Find out which language is read here: asked once, when a command begins."""
    wish = next((value for name in VARIABLES if (value := os.environ.get(name))), "").lower()
    language = wish.replace("-", "_").partition(".")[0].partition("_")[0]
    _Reader.is_chinese = language == "zh" and all(map(_can_carry, (sys.stdout, sys.stderr)))


def asked_for() -> str:
    """Return the language that the server is asked for, "" where English will do."""
    return TAG if _Reader.is_chinese else ""


def _(template: str, **values: object) -> Text:
    """Return a text of ours with its values, which may be texts themselves."""
    other = _known()["sentences"].get(template, template) if _Reader.is_chinese else template
    if not values:
        return Text(template, other)
    english = template.format_map(values)
    if not _Reader.is_chinese:
        return Text(english, english)
    return Text(english, other.format_map({name: told(value) for name, value in values.items()}))


def word(kind: str, code: str, english: str = "") -> Text:
    """Return a word of the glossary for a `kind`: state, cause, end, step, and so on."""
    plain = english or code.replace("_", " ")
    return Text(plain, _known()["words"][kind].get(code, plain) if _Reader.is_chinese else plain)


def told(text: object) -> str:
    """Return what is shown to whoever sits here."""
    return text.told if isinstance(text, Text) else str(text)


def joined(parts: Iterable[object]) -> Text:
    """Return sentences one after the other, without the empty ones."""
    some = [part for part in parts if part]
    other = ""
    for text in map(told, some):
        other += text if not other or other.endswith(_FULL_STOPS) else f" {text}"
    return Text(" ".join(map(str, some)), other)


def listed(parts: Iterable[object]) -> Text:
    """Return words with commas between them."""
    some = list(parts)
    comma = "，" if _Reader.is_chinese else ", "
    return Text(", ".join(map(str, some)), comma.join(map(told, some)))


def understood(document: Any) -> Any:
    """Return an answer of the server whose sentences know themselves in our language."""
    if not _Reader.is_chinese or not isinstance(document, dict):
        return document
    beside = document.pop(TOLD, None)
    return _dressed(document, beside) if isinstance(beside, dict) else document


def _dressed(document: Any, beside: Mapping[str, Any]) -> Any:
    if isinstance(document, dict):
        return {name: _dressed(value, beside) for name, value in document.items()}
    if isinstance(document, list):
        return [_dressed(value, beside) for value in document]
    if isinstance(document, str) and isinstance(other := beside.get(document), str):
        return Text(document, other)
    return document


def _can_carry(stream: TextIO) -> bool:
    try:
        "中：“”…".encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


@cache
def _known() -> dict[str, Any]:
    """Return what is known in Chinese: `words` by kind and code, `sentences` by their English."""
    # By its loader: the client may lie in a zip file.
    known: dict[str, Any] = json.loads(get_data("slipway_cli", "chinese.json") or b"{}")
    return known
