"""Changes that somebody asks for: a value a column, each checked before it is set."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

Checks = Mapping[str, Callable[[Any], object]]  # what is kept of what was given, by column


def set_checked(
    row: Model, changes: Mapping[str, Any], checks: Checks, unknown: Callable[[str], Invalid]
) -> None:
    """Set what is asked for. Raises Invalid, which says at which; `unknown` where it is none."""
    for key, value in changes.items():
        if key not in checks:
            raise unknown(shown(key))
        try:
            setattr(row, key, checks[key](value))
        except Invalid as refused:
            raise refused.at(key) from None
