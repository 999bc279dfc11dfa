"""What a service is written in: names that are the same in every language, and what is none."""

from django.utils.translation import gettext as _

from slipway.records.catalog.operations.services import LANGUAGES, NO_LANGUAGE

_CALLED = dict(LANGUAGES)


def languages() -> tuple[tuple[str, str], ...]:
    """Return what there is to choose: what is kept, and how the reader calls it."""
    return tuple((kept, language_word(kept)) for kept in _CALLED)


def language_word(kept: str) -> str:
    """Return how the reader calls what is kept of a service."""
    return _("Other") if kept == NO_LANGUAGE else _CALLED[kept]
