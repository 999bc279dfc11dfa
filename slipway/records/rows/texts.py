"""Free text from outside, checked before a database sees it."""

from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence

# What is checked, as a sentence calls it; what is not among these is called by its code.
_CALLED = {
    each.template: each
    for each in (
        Sentence.of("text_of", "CA certificate"),
        Sentence.of("text_of", "address"),
        Sentence.of("text_of", "batches text"),
        Sentence.of("text_of", "build URL"),
        Sentence.of("text_of", "build project"),
        Sentence.of("text_of", "commit"),
        Sentence.of("text_of", "credential"),
        Sentence.of("text_of", "default ref"),
        Sentence.of("text_of", "description"),
        Sentence.of("text_of", "environment"),
        Sentence.of("text_of", "failure budget"),
        Sentence.of("text_of", "file name"),
        Sentence.of("text_of", "key"),
        Sentence.of("text_of", "left-out budget"),
        Sentence.of("text_of", "password"),
        Sentence.of("text_of", "project"),
        Sentence.of("text_of", "reason"),
        Sentence.of("text_of", "ref"),
        Sentence.of("text_of", "secret"),
        Sentence.of("text_of", "service"),
        Sentence.of("text_of", "tag"),
        Sentence.of("text_of", "token name"),
        Sentence.of("text_of", "user name"),
    )
}


def called(what: str) -> Sentence | str:
    """Return what a text is of, as sentences call it."""
    return _CALLED.get(what, what)


def checked_text(text: str, *, what: str, limit: int) -> str:
    """Return `text`. Raises Invalid above `limit` characters, with NUL, or with half a character.

    SQLite would take all of these silently; PostgreSQL answers with an error nobody can read.
    """
    if len(text) > limit:
        raise Invalid(
            "The {what} is too long: {length} characters, {limit} are allowed.",
            what=called(what),
            length=len(text),
            limit=limit,
        ).at(what)
    if not is_storable(text):
        raise Invalid("The {what} holds characters that are no text.", what=called(what)).at(what)
    return text


def storable(text: str) -> str:
    """Return `text` with everything replaced that a database cannot keep."""
    if is_storable(text):
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def is_storable(text: str) -> bool:
    """Return whether both databases can keep `text`."""
    return "\0" not in text and not any("\ud800" <= mark <= "\udfff" for mark in text)
