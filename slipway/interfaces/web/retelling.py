"""Says sentences that were written down in English in the reader's language.

Records keep what happened as finished sentences. Each was made from a template that the catalogue
knows: the one that fits is found again, and filled with the same words in the other language.
"""

import re
import struct
from functools import cache, lru_cache
from pathlib import Path

from django.utils.translation import get_language, gettext, gettext_noop, to_locale

# How rollouts end, as the controller writes it down.
_ENDINGS = (
    gettext_noop("{count} failed in the canary batch, {allowed} allowed"),
    gettext_noop("{count} failed, {allowed} allowed"),
    gettext_noop("no progress for {time}, {who}"),
    gettext_noop("{well} of {all} instances run {version}."),
    gettext_noop("{well} of {all} instances went back."),
    gettext_noop("{well} of {all} instances removed."),
    gettext_noop("{well} of {all} instances restarted."),
    gettext_noop("{well} of {all} instances stopped."),
    gettext_noop("{well} of {all} instances started."),
    gettext_noop("cancelled by a person: {new} new, {old} as before."),
)
_LOCALE = Path(__file__).parent / "locale"
_PLACE = re.compile(r"\{([a-z_]+)\}")
_LEAST = 10  # letters of its own that a template needs to be told from others
_NO_SENTENCE = r"(?:(?![.:] ).)*?"
_BREAK = re.compile(r"(?<=[.!?:]) ")


def retold(text: str) -> str:
    """Return `text` in the reader's language, or as it is where nothing fits."""
    language = get_language() or "en"
    return _retold(text, language) if text and language != "en" else text


@lru_cache(maxsize=4096)
def _retold(text: str, language: str) -> str:
    whole = _told(text, language)
    if whole is not None:
        return whole
    # A message and its hint, or a reason and its cause, in one line.
    for gap in _BREAK.finditer(text):
        before, after = text[: gap.start()], text[gap.end() :]
        first = _told(before, language)
        if first is not None:
            return f"{first} {_retold(after, language)}"
        if before.endswith(":") and (first := _told(before[:-1], language)) is not None:
            return f"{first}: {_retold(after, language)}"
    return text


def _told(text: str, language: str) -> str | None:
    for pattern, template in _patterns(language):
        found = pattern.fullmatch(text)
        if found is not None:
            return gettext(template).format(**found.groupdict())
    return None


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what to look for, the most telling template first."""
    compiled = _LOCALE / to_locale(language) / "LC_MESSAGES" / "django.mo"
    templates = _msgids(compiled.read_bytes()) if compiled.exists() else []
    sentences = [text for text in templates if "%(" not in text and _own_letters(text) >= _LEAST]
    sentences.sort(key=_own_letters, reverse=True)
    return tuple((_pattern(template), template) for template in sentences)


def _own_letters(template: str) -> int:
    return len(_PLACE.sub("", template))


def _pattern(template: str) -> re.Pattern[str]:
    seen: set[str] = set()
    parts = _PLACE.split(template.replace("{{", "{").replace("}}", "}"))
    # Every second part is the name of a place.
    for index in range(1, len(parts), 2):
        name = parts[index]
        # A template that begins with a place must not swallow the sentence before it.
        anything = ".*?" if parts[0] or index > 1 else _NO_SENTENCE
        parts[index] = f"(?P={name})" if name in seen else f"(?P<{name}>{anything})"
        seen.add(name)
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts), re.DOTALL)


def _msgids(compiled: bytes) -> list[str]:
    """Return the texts that a compiled catalogue (.mo) translates."""
    _magic, _revision, count, table = struct.unpack_from("<4I", compiled)
    texts = []
    for number in range(count):
        length, offset = struct.unpack_from("<2I", compiled, table + 8 * number)
        text = compiled[offset : offset + length].decode()
        if text and "\x00" not in text and "\x04" not in text:
            texts.append(text)
    return texts
