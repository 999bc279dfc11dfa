"""How a service's releases to its last environment went lately, all of it from its rollouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.interfaces.web.services.way.sparks import Spark, by_day, one_by_one
from slipway.interfaces.web.templatetags.marks import about, duration
from slipway.records.rollouts.histories.tempo import EndedRollout, list_ended

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

DAYS = 30
_WEEK = 7
_ENOUGH = 10  # releases, to speak of a share of them


@dataclass(frozen=True, slots=True)
class Figure:
    value: str
    said: str
    spark: Spark | None = None


@dataclass(frozen=True, slots=True)
class Tempo:
    environment: str
    figures: tuple[Figure, ...]


def tempo_of(
    service: str, environments: Sequence[str], actor: "Actor", now: datetime
) -> Tempo | None:
    """Return how it went in the last of `environments`; None where nothing was released there."""
    if not environments:
        return None
    environment = environments[-1]
    since = now - timedelta(days=DAYS)
    ended = list_ended(actor, since, service=service, environment=environment)
    return Tempo(environment, tuple(_figures(ended, now))) if ended else None


def _figures(ended: Sequence[EndedRollout], now: datetime) -> list[Figure]:
    releases = [each for each in ended if each.is_release]
    back = [each for each in ended if each.went_back]
    waited = [each.at - each.made_at for each in releases if each.is_good and each.made_at]
    returns = [each.took for each in back if not each.is_release and each.is_good]
    return [
        _how_many(len(releases), by_day([each.at for each in releases], DAYS, now)),
        _how_many_back(len(back), len(releases), by_day([each.at for each in back], DAYS, now)),
        Figure(
            about(_median(waited)) if waited else "–",
            _("from made to there, median"),
            one_by_one(waited, about),
        ),
        Figure(
            duration(_median(returns)) if returns else "–",
            _("to roll back, median"),
            one_by_one(returns, duration),
        ),
    ]


def _median(times: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(each.total_seconds() for each in times))


def _how_many(count: int, spark: Spark | None) -> Figure:
    weekly = {"n": f"{count * _WEEK / DAYS:.1f}"}
    said = ngettext("release, %(n)s a week", "releases, %(n)s a week", count)
    return Figure(str(count), said % weekly, spark)


def _how_many_back(back: int, releases: int, spark: Spark | None) -> Figure:
    values = {"n": back, "all": releases}
    if releases < _ENOUGH:
        return Figure(str(back), _("had to go back, of %(all)s") % values, spark)
    said = _("had to go back (%(n)s of %(all)s)") % values
    return Figure(f"{back * 100 / releases:.0f} %", said, spark)
