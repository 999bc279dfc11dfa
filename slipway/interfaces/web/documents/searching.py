"""Finds paragraphs of the documents by their words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from slipway.interfaces.web.documents.rendering import DocumentPassage
from slipway.interfaces.web.documents.shelf import CHINESE, NAMES, Document, document, reads_chinese

MOST = 30  # paragraphs that are shown
LONGEST = 100  # letters that are asked for
_MOST_WORDS = 8
_AROUND = 110  # letters shown at each side of what was found


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A paragraph: `found` is what was asked for in it, `before` and `after` the words around."""

    address: str
    title: str
    heading: str
    before: str
    found: str
    after: str
    language: str


@dataclass(frozen=True, slots=True)
class FoundPassages:
    """`total` is how many there are, of which the first are in `hits`."""

    hits: list[FoundPassage]
    total: int


def search(asked: str, language: str) -> FoundPassages:
    """Return the paragraphs in which all words are, with their headings; those first whose headings
    say more of them, and in which they begin a word."""
    words = asked.casefold().split()[:_MOST_WORDS]
    if not words:
        return FoundPassages([], 0)
    scored = [
        (sum(_weight(word, entry) for word in words), entry)
        for entry in _entries(CHINESE if reads_chinese(language) else "en")
        if all(word in entry.heading or word in entry.text for word in words)
    ]
    scored.sort(key=lambda each: -each[0])
    return FoundPassages([_hit(entry, words) for _score, entry in scored[:MOST]], len(scored))


@dataclass(frozen=True, slots=True)
class _Entry:
    """`heading` (with the title) and `text` are as they are compared."""

    document: Document
    passage: DocumentPassage
    heading: str
    text: str


def _weight(word: str, entry: _Entry) -> int:
    return 2 * (word in entry.heading) + (f" {word}" in f" {entry.text}")


@cache
def _entries(language: str) -> tuple[_Entry, ...]:
    return tuple(_read(language))


def _read(language: str) -> Iterator[_Entry]:
    for name in NAMES:
        one = document(name, language)
        for passage in one.rendered.passages:
            heading = f"{one.rendered.title} {passage.heading.text}".casefold()
            yield _Entry(one, passage, heading, passage.text.casefold())


def _hit(entry: _Entry, words: list[str]) -> FoundPassage:
    one, passage = entry.document, entry.passage
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    found = re.search(pattern, passage.text, re.IGNORECASE)
    begin, end = found.span() if found else (0, 0)
    from_, until = max(0, begin - _AROUND), end + _AROUND
    return FoundPassage(
        address=f"{one.address}#{passage.heading.id}",
        title=one.rendered.title,
        heading=passage.heading.text if passage.heading != one.rendered.headings[0] else "",
        before=("…" if from_ else "") + passage.text[from_:begin],
        found=passage.text[begin:end],
        after=passage.text[end:until] + ("…" if until < len(passage.text) else ""),
        language=one.language,
    )
