"""A freeze window of an environment, as pages show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slipway.records.fleet.operations.windows import Window


@dataclass(frozen=True, slots=True)
class WindowView:
    id: str
    begin: datetime
    until: datetime
    reason: str
    is_over: bool
    is_now: bool


def window_view(window: "Window", now: datetime) -> WindowView:
    begin, until = (datetime.fromisoformat(window[key]) for key in ("from", "until"))
    return WindowView(
        window["id"], begin, until, window["reason"], until <= now, begin <= now < until
    )
