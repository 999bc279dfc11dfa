"""Says sentences that were kept, in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, override

from slipway.core.words.moments import moment_in, moment_of
from slipway.core.words.sentence import Sentence, fill
from slipway.interfaces.web.frame.words import step_word, word
from slipway.records.rows.sentences import Tell

# Values that are words of the glossary, by the name of their place.
_WORDS = {"kind": word, "action": word, "state": word, "status": word, "step": step_word}


def said(sentence: Sentence | str | None) -> str:
    """Return `sentence` as the reader says it; a text of people or hosts stays what it is."""
    if not isinstance(sentence, Sentence):
        return sentence or ""
    return _filled(sentence.template, dict(sentence.shown.values))


def said_hint(sentence: Sentence | None) -> str:
    """Return what `sentence` advises, likewise."""
    return _filled(sentence.hint, dict(sentence.shown.values)) if sentence else ""


@cache
def teller(language: str, zone: tzinfo | None = None) -> Tell:
    """Return what says sentences in `language`, and times in `zone`, wherever it is called: the
    same for the same ones."""

    def tell(
        name: str, sentence: Sentence | None, text: str = "", *, hint: str = ""
    ) -> dict[str, Any]:
        with override(language), timezone.override(zone):
            advice = {hint: said_hint(sentence)} if hint else {}
            return {name: said(sentence) or text} | advice

    return tell


def beside(heard: Iterable[Sentence], language: str) -> dict[str, str]:
    """Return sentences that were said in English, and what they advise, as `language` says them."""
    with override(language):
        pairs = [
            pair
            for each in heard
            for pair in ((each.english, said(each)), (each.english_hint, said_hint(each)))
        ]
    return {english: other for english, other in pairs if english != other}


def _filled(template: str, values: Mapping[str, object]) -> str:
    if not template:
        return ""  # the catalogue's own head has no text either
    return fill(gettext(template), {name: _value(name, values[name]) for name in values})


def _value(name: str, value: object) -> object:
    if isinstance(value, Sentence):
        return said(value)
    if isinstance(value, str) and (at := moment_of(value)):
        return moment_in(timezone.localtime(at), timezone.get_current_timezone_name())
    return _WORDS[name](value) if name in _WORDS and isinstance(value, str) else value
