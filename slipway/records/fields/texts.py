"""Free text from outside, checked before a database sees it."""

from slipway.core.refusal import Invalid


def checked_text(text: str, *, what: str, limit: int) -> str:
    """Return `text`. Raises Invalid above `limit` characters, with NUL, or with half a character.

    SQLite would take all of these silently; PostgreSQL answers with an error nobody can read.
    """
    if len(text) > limit:
        raise Invalid(
            "The {what} is too long: {length} characters, {limit} are allowed.",
            what=what,
            length=len(text),
            limit=limit,
        )
    if not is_storable(text):
        raise Invalid("The {what} holds characters that are no text.", what=what)
    return text


def storable(text: str) -> str:
    """Return `text` with everything replaced that a database cannot keep."""
    if is_storable(text):
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def is_storable(text: str) -> bool:
    """Return whether both databases can keep `text`."""
    return "\0" not in text and not any("\ud800" <= mark <= "\udfff" for mark in text)
