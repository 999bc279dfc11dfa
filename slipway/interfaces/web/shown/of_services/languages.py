"""What a service is written in: names that are the same in every language, and what is none."""

from django.utils.translation import gettext as _

from slipway.records.catalog.operations.services import LANGUAGES, NO_LANGUAGE


def languages() -> tuple[tuple[str, str], ...]:
    """Return what there is to choose: what is kept, and how it is called."""
    return tuple((kept, language_word(called)) for kept, called in LANGUAGES)


def language_word(called: str) -> str:
    """Return how the reader calls what is `called` so in rows."""
    return _("Other") if called == NO_LANGUAGE else called
