"""A sentence of ours, kept as what it is: a code, a template and its values.

It is said at the edge, in the reader's language: the template is looked up there, then filled.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Self

from slipway.core.words.reach import is_all_known, known

_STOPS = (".", "!", "?", "…", ":", "。", "！", "？", "：")
_CLOSERS = " \"'”’)）]」"
_PLACE = re.compile(r"\{\{|\}\}|\{([a-z_][a-z_0-9]*)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`template` and `hint` are English, with `{name}` places that `values` fill. A value may be a
    sentence of its own: a reason, say. Words of people and hosts are values, never templates."""

    code: str
    template: str
    values: tuple[tuple[str, Any], ...] = ()
    hint: str = ""

    @classmethod
    def of(cls, code: str, template: str, /, *, hint: str = "", **values: object) -> Self:
        """Make a sentence; what is neither a sentence nor plain JSON is kept as its text."""
        plain = tuple((name, _plain(values[name])) for name in sorted(values))
        return cls(code, template, plain, hint)

    @classmethod
    def joined(cls, first: Self, *more: Self) -> Self:
        """Make one of several, said one after the other."""
        whole = first
        for sentence in more:
            whole = cls.of("joined", "{first} {more}", first=whole, more=sentence)
        return whole

    @classmethod
    def listed(cls, first: Self, *more: Self) -> Self:
        """Make one of several, with commas between them."""
        whole = first
        for sentence in more:
            whole = cls.of("listed", "{first}, {more}", first=whole, more=sentence)
        return whole

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `as_json` has written."""
        found = kept.get("values", {})
        values = tuple((name, _read(found[name])) for name in sorted(found))
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
    def advice(self) -> Self | None:
        """What to do next, as a sentence of its own."""
        return replace(self, template=self.hint, hint="") if self.hint else None

    @property
    def closed(self) -> Self:
        """It with a full stop, so that another one can follow: what others said often has none."""
        text = _in_english(self).rstrip(_CLOSERS)
        return self if not text or text.endswith(_STOPS) else self.of("closed", "{why}.", why=self)

    @property
    def with_advice(self) -> Self:
        """It and what it advises, as one sentence."""
        advice = self.advice
        return self.joined(replace(self, hint=""), advice) if advice else self

    def bounded(self, mend: Callable[[str], str]) -> Self:
        """Return it with `mend` done to each text in it, however deep."""
        return replace(
            self,
            template=mend(self.template),
            hint=mend(self.hint),
            values=tuple((name, _mended(value, mend)) for name, value in self.values),
        )

    @property
    def shown(self) -> Self:
        """As much of it as whoever reads may know, however deep."""
        return self if is_all_known() else self._shown("")

    def _shown(self, host: str) -> Self:
        own = dict(self.values).get("host")
        host = own if isinstance(own, str) else host
        values = tuple(
            (name, value._shown(host) if isinstance(value, Sentence) else value)
            for name, value in known(self.code, self.values, host)
        )
        return replace(self, values=values)

    @property
    def english(self) -> str:
        """The sentence as the API and logs say it."""
        shown = self.shown
        if (heard := _HEARD.get()) is not None:
            heard.append(shown)
        return _in_english(shown)

    @property
    def english_hint(self) -> str:
        return _filled_in_english(self.hint, self.shown)

    def __str__(self) -> str:
        return self.english


def theirs(text: str) -> Sentence | None:
    """Return what somebody else said, in their words; None where that is nothing."""
    return Sentence.of("said", "{text}", text=text) if text else None


def some_of(found: Sequence[Sentence], most: int) -> Sentence:
    """Return the first of them, one at least, and how many more there are."""
    more = len(found) - most
    rest = [Sentence.of("more", "{more} more", more=more)] if more > 0 else []
    return Sentence.listed(*found[:most], *rest)


_HEARD: ContextVar[list[Sentence] | None] = ContextVar("heard", default=None)


@contextmanager
def hearing() -> Iterator[list[Sentence]]:
    """Collect the sentences that are said in English meanwhile, however deep in an answer: whoever
    answers can say them in another language, too."""
    heard: list[Sentence] = []
    before = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(before)


# Words that stand where a name would: they are said in the reader's language, as sentences are.
NOTHING = Sentence.of("nothing", "nothing")
NONE = Sentence.of("none", "none")


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return `template` with its places filled; without values it is taken as it is.

    What is read from a database is no format of Python's: a place is a name, and nothing else.
    """
    if not values:
        return template
    return _PLACE.sub(lambda found: _in_place(found, values), template)


def _in_place(found: re.Match[str], values: Mapping[str, object]) -> str:
    name = found[1]
    if name is None:
        return found[0][0]  # a brace that was doubled
    return str(values[name]) if name in values else found[0]


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float | bool | Sentence):
        return value
    return str(value)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return Sentence.from_json(value["sentence"])
    return value


def _mended(value: object, mend: Callable[[str], str]) -> object:
    if isinstance(value, Sentence):
        return value.bounded(mend)
    return mend(value) if isinstance(value, str) else value


def _in_english(sentence: Sentence) -> str:
    return _filled_in_english(sentence.template, sentence)


def _filled_in_english(template: str, sentence: Sentence) -> str:
    return fill(
        template,
        {
            name: _in_english(value) if isinstance(value, Sentence) else value
            for name, value in sentence.values
        },
    )
