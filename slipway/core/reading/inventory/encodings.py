"""Which signs the bytes of a file stand for: spreadsheets say it seldom."""

import codecs
import re

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
KNOWN = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "cp1252")
_ALSO_CALLED = {"gbk": "gb18030", "gb2312": "gb18030", "latin-1": "cp1252", "utf-16le": "utf-16-le"}
_CHINESE = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
_HIGH = re.compile(rb"[\x80-\xff]+")


def decoded(content: bytes, encoding: str = "") -> tuple[str, str]:
    """Return the text, and the name of the encoding in which it was written. Raises Invalid.

    Without a word on it: what a mark at the beginning says, else UTF-8, else UTF-16 where every
    other byte is zero, else Chinese where high bytes come in the pairs of GB 2312, else Western.
    """
    name = _named(encoding) if encoding else _found(content)
    try:
        return content.decode(name), name
    except UnicodeDecodeError as error:
        raise Invalid(
            "The file is not written in {encoding}.",
            hint="Say in which it is: {known}.",
            encoding=name,
            known=", ".join(KNOWN),
        ) from error


def _named(encoding: str) -> str:
    name = encoding.lower().replace("_", "-")
    name = _ALSO_CALLED.get(name, name)
    if name not in KNOWN:
        raise Invalid(
            "{encoding} is no encoding that is read here.",
            hint="Known are: {known}.",
            encoding=shown(encoding),
            known=", ".join(KNOWN),
        )
    return name


def _found(content: bytes) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    if wide := _wide(content[:4096]):
        return wide
    try:
        content.decode()
    except UnicodeDecodeError:
        return "gb18030" if _is_chinese(content) else "cp1252"
    return "utf-8"


def _wide(start: bytes) -> str:
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 < len(start) or not start:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_chinese(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    high = sum(map(len, _HIGH.findall(content)))
    paired = sum(map(len, _CHINESE.findall(content)))
    return paired * 2 > high
