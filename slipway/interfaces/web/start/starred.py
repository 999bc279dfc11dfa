"""The services that the reader has starred, as home shows them: how each stands, and what runs."""

from datetime import datetime
from typing import TYPE_CHECKING

from slipway.interfaces.web.shown.matrix import MatrixRow, starred_rows
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask.overview import get_overview, list_starred

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_MOST = 12  # the list of services has all of them


def starred_services(actor: "Actor", now: datetime) -> tuple[list[MatrixRow], bool]:
    """Return the rows of the first of them, and whether there are more."""
    found = list_starred(actor, _MOST + 1)
    if not found:
        return [], False
    shown = found[:_MOST]
    overview = get_overview(actor, [each.name for each in shown], now)
    environments = [each.name for each in list_environments(actor)]
    return starred_rows(shown, environments, overview, len(found)), len(found) > _MOST
