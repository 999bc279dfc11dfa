"""Lets commands share options: the fields of a dataclass become options of the command."""

import inspect
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import wraps
from typing import Any


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with each dataclass parameter replaced by the dataclass's fields."""
    signature = inspect.signature(command)
    plain = [each for each in signature.parameters.values() if not is_dataclass(each.annotation)]
    groups: dict[str, Callable[..., Any]] = {
        name: each.annotation
        for name, each in signature.parameters.items()
        if is_dataclass(each.annotation)
    }
    fields = {
        name: list(inspect.signature(group).parameters.values()) for name, group in groups.items()
    }

    @wraps(command)
    def run(**values: Any) -> None:
        for name, group in groups.items():
            own = {field.name: values.pop(field.name) for field in fields[name]}
            values[name] = group(**own)
        command(**values)

    every = [*plain, *(field for group in fields.values() for field in group)]
    shown = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in every]
    run.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    return run
