"""A value with some of its fields changed, quickly: a rollout of a thousand targets makes many."""

from dataclasses import fields
from typing import Any, TypeVar

Value = TypeVar("Value")
_set = object.__setattr__
_names: dict[type[Any], tuple[str, ...]] = {}


def changed(value: Value, **values: Any) -> Value:
    """Return what `dataclasses.replace` would, in a third of the time: nothing is computed in
    between, so it does for values that compute nothing of themselves."""
    kind: Any = type(value)
    if kind not in _names:
        _names[kind] = tuple(field.name for field in fields(kind))
    new: Value = object.__new__(kind)
    for name in _names[kind]:
        _set(new, name, values[name] if name in values else getattr(value, name))
    return new
