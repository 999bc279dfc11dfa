"""Facts of a row: plain values, which go where no model does."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.db.models import Model

T = TypeVar("T")


def read_as(kind: Callable[..., T], row: Any, /, **others: Any) -> T:
    """Make a `kind` of a row: what both call alike is read from it, `others` is all the rest."""
    alike = _alike(kind, row.__class__, tuple(others))
    return kind(**{name: getattr(row, name) for name in alike}, **others)


@cache
def _alike(kind: Any, row: type[Any], others: tuple[str, ...]) -> tuple[str, ...]:
    alike = tuple(name for name in kind.__match_args__ if name not in others)
    if issubclass(row, Model):
        rows = {each.name for each in row._meta.get_fields() if each.is_relation}
        assert not rows.intersection(alike), f"a row is no fact of {kind.__name__}"
    return alike
