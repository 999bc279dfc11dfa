"""How far an environment is behind those to its left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from slipway.records.catalog.version_facts import NamedVersion

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Behind:
    """What is said of it on its chip, and why."""

    said: str
    why: str


def behind_of(versions: Mapping[str, Sequence[NamedVersion]]) -> dict[str, Behind]:
    """Return of each environment that has an older version than one to its left how far that is;
    `versions`: what runs there, in the order of the environments."""
    found = {}
    newest: NamedVersion | None = None
    where = ""
    for environment, there in versions.items():
        if not there:
            continue
        oldest = min(there, key=lambda each: each.created_at)
        if newest and oldest.created_at < newest.created_at:
            found[environment] = _behind(oldest, newest, where)
        latest = max(there, key=lambda each: each.created_at)
        if newest is None or latest.created_at >= newest.created_at:
            newest, where = latest, environment
    return found


def _behind(oldest: NamedVersion, newest: NamedVersion, where: str) -> Behind:
    time = _coarsely(newest.created_at - oldest.created_at)
    values = {"environment": where, "version": newest.name, "time": time}
    return Behind(
        _("%(time)s behind") % values,
        _("%(environment)s has %(version)s, made %(time)s later") % values,
    )


def _coarsely(lag: timedelta) -> str:
    """Return a length of time by its largest part alone: a chip has no room for more."""
    if lag >= 1.5 * _DAY:
        return _("%(n)d d") % {"n": round(lag / _DAY)}
    if lag >= 1.5 * _HOUR:
        return _("%(hours)d h") % {"hours": round(lag / _HOUR)}
    return _("%(minutes)d min") % {"minutes": max(1, round(lag / _MINUTE))}
