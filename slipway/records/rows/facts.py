"""Facts of a row: plain values, which go where no model does."""

from typing import Any, TypeVar

from django.db.models import Model

T = TypeVar("T")


def read_as(kind: type[T], row: object, /, **others: Any) -> T:
    """Make a `kind` of a row: what both call alike is read from it, `others` is all the rest."""
    fields: tuple[str, ...] = kind.__match_args__  # type: ignore[attr-defined]
    alike = {name: getattr(row, name) for name in fields if name not in others}
    assert not any(isinstance(value, Model) for value in alike.values()), "a row is no fact"
    return kind(**alike, **others)
