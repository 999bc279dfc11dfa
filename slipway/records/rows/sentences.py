"""A column that keeps a sentence of ours as a code, a template and values."""

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from django.db import migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation

from slipway.core.words.sentence import Sentence
from slipway.records.rows.texts import storable

LONGEST_VALUE = 4_000  # characters of one value: what a host printed may be anything
AT_ONCE = 500  # rows that a migration rewrites with one statement

# The stubs know what a JSON field takes and gives; at run time the class has no such arguments.
if TYPE_CHECKING:
    _JSONField = models.JSONField[Sentence | None, Sentence | None]
else:
    _JSONField = models.JSONField


class SentenceField(_JSONField):
    """Keeps a `Sentence`, NULL where there is none. Its values become what both databases take."""

    description = "Sentence"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"null": True, "blank": True, "default": None} | options)

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Sentence):
            raise TypeError(f"{self.name} keeps a Sentence, not {type(value).__name__}")
        return kept(value)

    def from_db_value(
        self, value: Any, expression: Any, connection: BaseDatabaseWrapper
    ) -> Sentence | None:
        read = super().from_db_value(value, expression, connection)
        return None if read is None else Sentence.from_json(read)

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Sentence) else super().to_python(value)

    def value_to_string(self, obj: models.Model) -> Any:
        said = self.value_from_object(obj)
        return said.as_json() if isinstance(said, Sentence) else said


def kept(sentence: Sentence) -> dict[str, Any]:
    """Return the JSON that is kept of `sentence`."""
    return bounded(sentence).as_json()


def bounded(sentence: Sentence) -> Sentence:
    """Return `sentence` as it will be read again."""
    return sentence.bounded(lambda text: storable(text)[:LONGEST_VALUE])


class Tell(Protocol):
    """Says a sentence under `name`, and what it advises under `hint`; where there is none, `text`:
    a person's, or a host's."""

    def __call__(
        self, name: str, sentence: Sentence | None, text: str = "", *, hint: str = ""
    ) -> dict[str, Any]: ...


def told(name: str, sentence: Sentence | None, text: str = "", *, hint: str = "") -> dict[str, Any]:
    """Tell it as the API does: English, and beside it what it is made of."""
    said = {
        name: sentence.english if sentence else text,
        f"{name}_code": sentence.code if sentence else "",
        f"{name}_values": values_of(sentence),
    }
    return said | ({hint: sentence.english_hint if sentence else ""} if hint else {})


def values_of(sentence: Sentence | None) -> dict[str, Any]:
    """Return the values of a sentence as JSON."""
    values: dict[str, Any] = sentence.shown.as_json().get("values", {}) if sentence else {}
    return values


def said_before(text: str, hint: str = "") -> Sentence:
    """Return what was kept as text by an earlier Slipway, as a sentence of one value."""
    if not hint:
        return Sentence.of("said", "{text}", text=text)
    return Sentence.of("said", "{text}", hint="{advice}", text=text, advice=hint)


Known = Sequence[tuple[str, str]]  # codes and templates


def said_once(text: str, known: Known) -> Sentence:
    """Return what was kept as text as the first sentence of `known` that it is in English, else as
    `said_before` does. What stands in a place may be one of them itself."""
    for code, template in known:
        if found := _pattern(template).fullmatch(text):
            values = {name: _said_there(value, known) for name, value in found.groupdict().items()}
            return Sentence.of(code, template, hint="", **values)
    return said_before(text)


def _said_there(text: str, known: Known) -> Sentence | str:
    own = (Sentence.of(code, template) for code, template in known if template == text)
    return next(own, text)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{([a-z_]+)\}", template)
    named = (f"(?P<{each}>.+)" if at % 2 else re.escape(each) for at, each in enumerate(pieces))
    return re.compile("".join(named), re.DOTALL)


def texts_become_sentences(
    app: str, model: str, name: str, hint: str = "", known: Known = ()
) -> list[Operation]:
    """Make a text column, with the one of its hint, a sentence of the name of the first; a text
    without a hint that is one of `known`, that one.

    On SQLite the table is built anew: its triggers have to be made again afterwards.
    """
    before = f"{name}_before"
    names = {"app": app, "model": model, "name": name, "before": before, "hint": hint}
    rewrite = partial(_rewrite, **names, known=known)
    return [
        migrations.RenameField(model, name, before),
        migrations.AddField(model, name, SentenceField()),
        migrations.RunPython(rewrite, migrations.RunPython.noop),
        migrations.RemoveField(model, before),
        *([migrations.RemoveField(model, hint)] if hint else []),
    ]


def _rewrite(
    apps: Any,
    _editor: Any,
    *,
    app: str,
    model: str,
    name: str,
    before: str,
    hint: str,
    known: Known,
) -> None:
    rows = apps.get_model(app, model)._default_manager
    told = rows.exclude(**{before: ""}).order_by("pk")
    page = list(told[:AT_ONCE])
    while page:
        for row in page:
            advice = getattr(row, hint) if hint else ""
            text = getattr(row, before)
            said = said_before(text, advice) if advice else said_once(text, known)
            setattr(row, name, said)
        rows.bulk_update(page, [name])
        page = list(told.filter(pk__gt=page[-1].pk)[:AT_ONCE])
