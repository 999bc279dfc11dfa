"""How long a rollout takes, as the API says it."""

from typing import Any

from ninja import Schema

from slipway.core.rollout.told.time_left import TimeLeft


class TimeLeftOut(Schema):
    """How long its hosts and its watching take, or still take, as `earlier` rollouts of that
    service took there; `waits` for a person are not among that."""

    seconds: int
    waits: int
    earlier: int


def time_left_out(left: TimeLeft | None) -> dict[str, Any] | None:
    """Return the JSON of a length of time; None where nothing is known from before."""
    if left is None:
        return None
    seconds = round(left.work.total_seconds())
    return {"seconds": seconds, "waits": left.waits, "earlier": left.earlier}
