"""What is asked of a list, as a value: every part of it must hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from slipway.core.finding.spans import BETWEEN, Span

LABEL = "label"
COLONS = ":："  # the second is what a Chinese keyboard types
_QUOTE, _ESCAPE = '"', "\\"


@dataclass(frozen=True, slots=True)
class Term:
    """A word (no `field`), a field with one of these values, or a label with one of them; a label
    without values has only to be there. `is_not`: just that must not be so."""

    values: tuple[str, ...]
    field: str = ""
    label: str = ""
    is_not: bool = False

    @property
    def text(self) -> str:
        """It as people write it."""
        sign = "-" if self.is_not else ""
        values = ",".join(_quoted(value) for value in self.values)
        if not self.field:
            return f"{sign}{values}"
        if not self.label:
            return f"{sign}{self.field}:{values}"
        return f"{sign}{LABEL}:{self.label}" + (f"={values}" if self.values else "")


@dataclass(frozen=True, slots=True)
class Where:
    terms: tuple[Term, ...] = ()
    span: Span | None = None

    @property
    def text(self) -> str:
        """It as people write it: read again, it is the same."""
        parts = [term.text for term in self.terms]
        return " ".join([*parts, self.span.text] if self.span else parts)

    def __bool__(self) -> bool:
        return bool(self.terms) or self.span is not None

    @property
    def words(self) -> Sequence[Term]:
        """The parts that are words of a name."""
        return [term for term in self.terms if not term.field]

    @property
    def labels(self) -> Sequence[str]:
        """The labels that have to be there."""
        named = (term.label for term in self.terms if term.label and not term.is_not)
        return list(dict.fromkeys(named))

    def values_of(self, field: str) -> tuple[str, ...]:
        """Return what a field has to be, where one part says it."""
        found = [term.values for term in self.terms if term.field == field and not term.is_not]
        return found[0] if len(found) == 1 else ()

    def asks_about(self, field: str) -> bool:
        """Return whether any part says something about a field, also that it must not be so."""
        return any(term.field == field for term in self.terms)

    def having(self, field: str, value: str) -> Self:
        """Return it with this and no other word about a field; "": with none."""
        others = tuple(term for term in self.terms if term.field != field)
        return replace(self, terms=(*others, Term((value,), field)) if value else others)


EVERYTHING = Where()


def _quoted(text: str) -> str:
    strange = any(mark.isspace() or mark in f',{COLONS}"\\' for mark in text)
    if text and not strange and not text.startswith("-") and BETWEEN not in text:
        return text
    escaped = text.replace(_ESCAPE, _ESCAPE * 2).replace(_QUOTE, _ESCAPE + _QUOTE)
    return f"{_QUOTE}{escaped}{_QUOTE}"
