"""A sentence of ours, kept as what it is: a code, a template and its values.

It is said at the edge, in the reader's language: the template is looked up there, then filled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Sentence:
    """`template` and `hint` are English, with `{name}` places that `values` fill. A value may be a
    sentence of its own: a reason, say. Words of people and hosts are values, never templates."""

    code: str
    template: str
    values: tuple[tuple[str, Any], ...] = ()
    hint: str = ""

    @classmethod
    def of(cls, code: str, template: str, *, hint: str = "", **values: object) -> Self:
        """Make a sentence; what is neither a sentence nor plain JSON is kept as its text."""
        return cls(code, template, tuple((name, _plain(v)) for name, v in values.items()), hint)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `as_json` has written."""
        values = tuple((name, _read(value)) for name, value in kept.get("values", {}).items())
        return cls(kept["code"], kept["template"], values, kept.get("hint", ""))

    def as_json(self) -> dict[str, Any]:
        values = {
            name: {"sentence": value.as_json()} if isinstance(value, Sentence) else value
            for name, value in self.values
        }
        said: dict[str, Any] = {"code": self.code, "template": self.template}
        return (
            said
            | ({"values": values} if values else {})
            | ({"hint": self.hint} if self.hint else {})
        )

    @property
    def english(self) -> str:
        """The sentence as API, log and command line say it."""
        return fill(self.template, {name: _in_english(value) for name, value in self.values})

    @property
    def english_hint(self) -> str:
        return fill(self.hint, {name: _in_english(value) for name, value in self.values})

    def __str__(self) -> str:
        return self.english


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return `template` with its places filled; without values it is taken as it is."""
    return template.format(**values) if values else template


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float | bool | Sentence):
        return value
    return str(value)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return Sentence.from_json(value["sentence"])
    return value


def _in_english(value: object) -> object:
    return value.english if isinstance(value, Sentence) else value
