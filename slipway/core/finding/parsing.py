"""Reads `team:data state:failed 2h..` into a value; what cannot be meant is refused by its word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.finding.listings import SHORT, Listing, Meanings
from slipway.core.finding.spans import BETWEEN, Span, is_span
from slipway.core.finding.where import COLONS, LABEL, Term, Where
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

LONGEST = 500  # characters
MOST = 20  # parts
MOST_VALUES = 50  # of one: each is a condition of its own in the database
_LABEL = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,62}")
_EQUALS = "="


@dataclass(frozen=True, slots=True)
class _Mark:
    """A character; one that was quoted means itself, and nothing else."""

    text: str
    is_quoted: bool = False

    def is_one_of(self, marks: str) -> bool:
        return bool(self.text) and not self.is_quoted and self.text in marks


_Word = Sequence[_Mark]


def parse_where(text: str, listing: Listing) -> Where:
    """Return what is asked of a list. Raises Invalid, with the word at fault in it."""
    if len(text) > LONGEST:
        raise _too_long()
    words = _words(text)
    if len(words) > MOST:
        raise Invalid(
            "These are too many words: {count}, where {most} are allowed.",
            count=len(words),
            most=MOST,
        ).at("where")
    try:
        where = _where(words, listing)
    except Invalid as refused:
        raise refused.at("where") from None
    if len(where.text) > LONGEST:
        raise _too_long()
    return where


def _where(words: Sequence[_Word], listing: Listing) -> Where:
    terms: list[Term] = []
    span = None
    for word in words:
        written = _plain(word)
        if _is_time(word):
            if span is not None:
                raise _refused("{given} is a second time, and one is allowed.", written)
            if not listing.times:
                raise _refused("{given} is a time, and none can be asked for here.", written)
            span = Span.read(written)
        else:
            terms.append(_term(word, listing))
    return Where(tuple(terms), span)


def _words(text: str) -> list[_Word]:
    """Return the words of a text, without the blanks between them."""
    words: list[list[_Mark]] = [[]]
    quoted = False
    rest = iter(text)
    for mark in rest:
        if mark == '"':
            quoted = not quoted
            words[-1].append(_Mark(""))  # also nothing, in quotes, is something that was said
        elif quoted and mark == "\\":
            words[-1].append(_Mark(_printable(next(rest, "")), is_quoted=True))
        elif mark.isspace() and not quoted:
            words.append([])
        else:
            words[-1].append(_Mark(_printable(mark), is_quoted=quoted))
    if quoted:
        raise Invalid(
            "A quote is opened and not closed: {given}",
            hint='Close it, or write \\" for one that is meant.',
            given=shown(_plain(words[-1])),
        ).at("where")
    return [word for word in words if word]


def _printable(mark: str) -> str:
    if not mark.isprintable():
        raise Invalid("Here is a character that is no text.").at("where")
    return mark


def _plain(word: _Word) -> str:
    return "".join(mark.text for mark in word)


def _is_time(word: _Word) -> bool:
    """Whether a word is meant as a time: two dots, in no quotes and in no value of a field."""
    written = _plain(word)
    if BETWEEN not in written or any(mark.is_quoted or not mark.text for mark in word):
        return False
    return is_span(written) or written[0].isdigit() or not any(each in written for each in COLONS)


def _term(word: _Word, listing: Listing) -> Term:
    is_not = len(word) > 1 and word[0].is_one_of("-")
    rest = word[1:] if is_not else word
    key, value = _split(rest, COLONS)
    if value is None:
        return Term(_values(rest, word), is_not=is_not)
    name = _plain(key)
    field = SHORT.get(name.lower(), name.lower())
    if field in listing.fields:
        values = _values(value, word)
        return Term(_known(listing.fields[field], values, word), field, is_not=is_not)
    if not listing.labels or not _LABEL.fullmatch(name) or any(each.is_quoted for each in key):
        raise Invalid(
            "{given}: nothing here is called {name}.",
            hint="Allowed before a colon: {allowed}.",
            given=f"“{shown(_plain(word))}”",
            name=shown(name),
            allowed=", ".join([*listing.fields, *([LABEL] if listing.labels else [])]),
        )
    if field == LABEL:
        return _labelled(value, word, is_not=is_not)
    return Term(_values(value, word, may_be_empty=True), LABEL, name, is_not)


def _labelled(said: _Word, word: _Word, *, is_not: bool) -> Term:
    """Read `rack=a` after `label:`, or `rack` alone."""
    key, value = _split(said, _EQUALS)
    name = _plain(key)
    if not _LABEL.fullmatch(name):
        raise _refused(
            "{given} names no label.", _plain(word), "Write label:rack, label:rack=a, or rack:a."
        )
    values = () if value is None else _values(value, word, may_be_empty=True)
    return Term(values, LABEL, name, is_not)


def _known(meanings: Meanings | None, values: tuple[str, ...], word: _Word) -> tuple[str, ...]:
    if meanings is None:
        return values
    known = tuple(value.lower() for value in values)
    for value in known:
        if value not in meanings:
            raise Invalid(
                "{given}: there is no {value} here.",
                hint="Allowed: {allowed}.",
                given=f"“{shown(_plain(word))}”",
                value=shown(value),
                allowed=", ".join(meanings),
            )
    return known


def _values(said: _Word, word: _Word, *, may_be_empty: bool = False) -> tuple[str, ...]:
    """Return the values between commas: any of them may hold."""
    values: list[str] = []
    rest: _Word | None = said
    while rest is not None:
        one, rest = _split(rest, ",")
        values.append(_plain(one))
    if not may_be_empty and "" in values:
        raise _refused("{given}: a value is missing.", _plain(word), "Write state:failed, say.")
    if len(values) > MOST_VALUES:
        raise Invalid(
            "{given}: at most {most} values are allowed.",
            given=f"“{shown(_plain(word))}”",
            most=MOST_VALUES,
        )
    return tuple(values)


def _split(word: _Word, marks: str) -> tuple[_Word, _Word | None]:
    """Return what is before the first of these marks, and what is after it; None: there is none."""
    for at, mark in enumerate(word):
        if mark.is_one_of(marks):
            return word[:at], word[at + 1 :]
    return word, None


def _refused(sentence: str, given: str, hint: str = "") -> Invalid:
    return Invalid(sentence, hint=hint, given=f"“{shown(given)}”")


def _too_long() -> Invalid:
    return Invalid("This is too long: {most} characters are allowed.", most=LONGEST).at("where")
