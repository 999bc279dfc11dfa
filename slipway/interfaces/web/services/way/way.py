"""The way of a service from the first environment to the last, and which step comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.interfaces.web.frame.words import OK, RUN, WAIT, WARN, word
from slipway.interfaces.web.services.locks import LockView, lock_view
from slipway.interfaces.web.services.way.instances import Act
from slipway.interfaces.web.services.way.legs import WayLeg, WayPlace, commits_between, leg_of
from slipway.interfaces.web.shown.matrix import instance_tick, marks_of
from slipway.interfaces.web.shown.shapes import Ticks, ticks_of
from slipway.interfaces.web.shown.windows import WindowView, window_view
from slipway.interfaces.web.templatetags.marks import short

if TYPE_CHECKING:
    from slipway.core.rollout.told.time_left import TimeLeft
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.version_facts import NamedVersion
    from slipway.records.fleet.environment_facts import EnvironmentFacts
    from slipway.records.rollouts.ask.overview import ListedRollout, Overview
    from slipway.records.rollouts.taking_part.withdrawals import WithdrawnVersion


@dataclass(frozen=True, slots=True)
class WayStop:
    """A service in one environment on its way. `is_same`: its version comes from further left."""

    environment: str
    is_guarded: bool
    version: str
    others: int
    is_same: bool
    well: int
    count: int
    ticks: Ticks
    coming: str
    rollout: int
    doing: str
    left: "TimeLeft | None"
    at: datetime | None
    by: str
    lock: LockView | None
    closed: WindowView | None
    leg: WayLeg | None


@dataclass(frozen=True, slots=True)
class ServiceWay:
    """`answer` is what is to be said of it first, with its mark; `main` the one step that the page
    offers first: the open one that is furthest on."""

    answer: str
    mark: str
    stops: tuple[WayStop, ...]
    main: Act | None
    is_asking: bool  # a build server, which commits lie between


def way_of(
    service: str,
    environments: "Sequence[EnvironmentFacts]",
    overview: "Overview",
    withdrawals: "Sequence[WithdrawnVersion]",
    actor: "Actor",
    now: datetime,
) -> ServiceWay:
    seen = [_seen(service, each, overview, actor, now) for each in environments]
    sources = [
        next((each for each in reversed(seen[:number]) if each.versions), None)
        for number in range(len(seen))
    ]
    pairs = list(zip(sources, seen, strict=True))
    changes = commits_between(service, pairs, now)
    held = {(row.environment, row.version) for row in withdrawals}
    legs = [leg_of(service, a, b, changes, held, actor) if a else None for a, b in pairs]
    stops = tuple(
        _stop(each, source, leg) for each, source, leg in zip(seen, sources, legs, strict=True)
    )
    main = next((leg for leg in reversed(legs) if leg is not None and leg.act), None)
    act = Act(main.main, "rollouts", main.act.url) if main and main.act else None
    return ServiceWay(*_answer(stops), stops, act, any(leg.is_asking for leg in legs if leg))


def _answer(stops: "Sequence[WayStop]") -> tuple[str, str]:
    """Return what is most to be known of the way, and its mark."""
    odd = [stop for stop in stops if stop.well < stop.count and not stop.rollout]
    if odd:
        stop = odd[-1]
        values = {"n": stop.count - stop.well, "all": stop.count, "environment": stop.environment}
        text = ngettext(
            "%(n)s of %(all)s instances in %(environment)s is not as it should be.",
            "%(n)s of %(all)s instances in %(environment)s are not as they should be.",
            stop.count - stop.well,
        )
        return text % values, WARN
    moving = [stop.environment for stop in stops if stop.rollout]
    if moving:
        places = ", ".join(moving)
        return _("A rollout is under way in %(environment)s.") % {"environment": places}, RUN
    versions = {stop.version for stop in stops if stop.version}
    if not versions:
        return _("It runs nowhere yet."), WAIT
    if len(versions) == 1 and not any(stop.others for stop in stops):
        name = {"version": short(versions.pop())}
        return _("Wherever it runs, it runs %(version)s, and is as it should be.") % name, OK
    return _("Wherever it runs, it is as it should be."), OK


def _seen(
    service: str,
    environment: "EnvironmentFacts",
    overview: "Overview",
    actor: "Actor",
    now: datetime,
) -> WayPlace:
    key = (service, environment.name)
    instances, lock = overview.instances.get(key, []), overview.locks.get(key)
    windows = (window_view(each, now) for each in environment.freeze_windows)
    return WayPlace(
        environment,
        instances,
        list(overview.versions.get(key, ())),
        overview.active.get(key),
        overview.latest.get(key) if instances or key in overview.active else None,
        lock_view(lock, actor) if lock else None,
        next((window for window in windows if window.is_now), None),
    )


def _stop(seen: WayPlace, source: WayPlace | None, leg: WayLeg | None) -> WayStop:
    latest = seen.latest
    marks = marks_of(seen.instances)
    version = seen.versions[0] if seen.versions else None
    return WayStop(
        environment=seen.environment.name,
        is_guarded=seen.environment.is_guarded,
        version=version.name if version else "",
        others=max(0, len(seen.versions) - 1),
        is_same=bool(version and source and source.versions[0] == version),
        well=marks.count(OK),
        count=len(marks),
        ticks=ticks_of(seen.instances, marks, instance_tick),
        coming=_coming(seen, version),
        rollout=seen.active.id if seen.active else 0,
        doing=_doing(seen.active) if seen.active else "",
        left=seen.active.left if seen.active else None,
        at=latest.at if latest else None,
        by=latest.by if latest else "",
        lock=seen.lock,
        closed=seen.closed,
        leg=leg,
    )


def _coming(seen: WayPlace, version: "NamedVersion | None") -> str:
    """Return what a rollout brings there, where it is not what stands there."""
    coming = seen.active.version if seen.active else None
    return coming.name if coming and coming != version else ""


def _doing(active: "ListedRollout") -> str:
    states = active.progress.states
    values = {"done": states["succeeded"], "all": states.total()}
    return f"{word(active.state)} · " + _("%(done)s of %(all)s done") % values
