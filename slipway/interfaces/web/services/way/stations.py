"""What a version has been through, from its build to the last environment; where it ran when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT, end_word, mark, size, word
from slipway.interfaces.web.services.way.standings import VersionStanding, standings_of
from slipway.interfaces.web.shown.shapes import bar_of
from slipway.records.rollouts.histories.passages import Passage, list_passages, trace_of

if TYPE_CHECKING:
    from slipway.interfaces.web.services.withdrawals import WithdrawalView
    from slipway.records.accounts.rights import Actor
    from slipway.records.builds.build_facts import BuildFacts
    from slipway.records.catalog.version_facts import VersionFacts
    from slipway.records.rollouts.ask.history import Stay
    from slipway.records.rollouts.ask.overview import Overview

_WIDTH = 1000  # of a band, in its own units
_THINNEST = 6
_HAS_RUN = "clock"  # the icon of what ran once, and runs no more
_WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Station:
    """`name` is "" for what is no environment; `why` is said where it went wrong."""

    name: str
    title: str
    mark: str
    icon: str
    text: str = ""
    detail: str = ""
    at: datetime | None = None
    by: str = ""
    rollout: int = 0
    took: timedelta | None = None
    why: str = ""
    is_sha: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """Where it ran by time, in one environment: stretches (begin, width) of the whole width."""

    environment: str
    stretches: tuple[tuple[float, float], ...]
    label: str


@dataclass(frozen=True, slots=True)
class Bands:
    bands: tuple[Band, ...]
    since: datetime | None = None


def stations_of(
    version: "VersionFacts",
    build: "BuildFacts | None",
    environments: Sequence[str],
    overview: "Overview",
    held: "Sequence[WithdrawalView]",
    actor: "Actor",
) -> list[Station]:
    """Return the stations of a version in their order; those it never came to say so."""
    passages: dict[str, list[Passage]] = defaultdict(list)
    for passage in list_passages(version.named.id, actor):
        passages[passage.environment].append(passage)
    traces = {name: trace_of(of) for name, of in passages.items()}
    withdrawn = {view.environment: view for view in held}
    return [
        _made(version, build),
        _stored(version),
        *(
            _there(
                stand,
                next(iter(passages.get(stand.environment, ())), None),
                withdrawn.get(stand.environment),
            )
            for stand in standings_of(version.named, environments, overview, traces)
        ),
    ]


def answer_of(stations: Sequence[Station], *, can_start: bool) -> Station | None:
    """Return what is to be said of them first, as `title` and `detail`; None where the version was
    never made. `can_start`: whether it is known how."""
    if any(not each.name and each.mark in (FAIL, RUN) for each in stations):
        return None
    at: dict[str, list[str]] = defaultdict(list)
    for station in stations:
        if station.name:
            at[_kept_under(station)].append(station.name)
    keys = {"wrong": FAIL, "coming": RUN, "runs": OK, "ran": _HAS_RUN}
    keys |= {"withdrawn": _WITHDRAWN, "never": WAIT}
    return _answer({name: ", ".join(at[key]) for name, key in keys.items()}, can_start=can_start)


def _kept_under(station: Station) -> str:
    if station.icon == _HAS_RUN:
        return _HAS_RUN
    return station.mark if station.mark != FAIL or station.rollout else _WITHDRAWN


def _answer(named: Mapping[str, str], *, can_start: bool) -> Station:
    """Return the sentence for environments by how it stands there."""
    runs = _("It runs in %(runs)s.") % named if named["runs"] else ""
    never = _("It was not released to %(never)s yet.") % named if named["never"] else ""
    if named["wrong"]:
        return Station("", _("It went wrong in %(wrong)s.") % named, FAIL, "alert", detail=runs)
    if named["coming"]:
        coming = _("It is on its way to %(coming)s.") % named
        return Station("", coming, RUN, "rollouts", detail=runs)
    if runs:
        return Station("", runs, OK, "check", detail=never)
    if named["ran"]:
        ran = _("It ran in %(ran)s before, and runs nowhere now.") % named
        return Station("", ran, WAIT, "clock", detail=never)
    if named["withdrawn"]:
        said = _("It was withdrawn from %(withdrawn)s before it was ever there.") % named
        return Station("", said, FAIL, "back", detail=never)
    if not can_start:
        return Station("", _("It was released nowhere yet."), WAIT, "package")
    return Station("", _("It is ready, and was released nowhere yet."), WAIT, "package")


def bands_of(stays: "Mapping[str, Sequence[Stay]]", now: datetime) -> Bands:
    """Return where and when a version ran, environment by environment."""
    since = min((stay.since for of in stays.values() for stay in of), default=None)
    if since is None:
        return Bands(())
    scale = _WIDTH / max((now - since).total_seconds(), 1.0)
    return Bands(
        tuple(
            Band(name, tuple(_stretches(of, since, now, scale)), _where(of))
            for name, of in stays.items()
        ),
        since,
    )


def _made(version: "VersionFacts", build: "BuildFacts | None") -> Station:
    status = version.status.word
    if build is None:
        at = version.named.created_at
        return Station("", _("Uploaded"), OK, "package", at=at, by=version.by)
    titles = {OK: _("Built"), RUN: _("being built")}
    looks = {OK: "check", RUN: "run", FAIL: "cross"}
    return Station(
        "",
        titles.get(mark(status), word(status)),
        mark(status),
        looks.get(mark(status), "wait"),
        text=_("on %(server)s") % {"server": build.server} if build.server else "",
        at=build.finished_at or build.created_at,
        took=build.finished_at - build.created_at if build.finished_at else None,
    )


def _stored(version: "VersionFacts") -> Station:
    package = version.package
    if package is None:
        return Station("", _("not stored"), WAIT, "wait")
    if version.removed_at is not None:
        return Station("", _("let go"), WAIT, "package", package.sha256, at=version.removed_at)
    return Station(
        "", _("In the store"), OK, "check", package.sha256, detail=size(package.size), is_sha=True
    )


def _there(
    stand: VersionStanding, passage: Passage | None, held: "WithdrawalView | None"
) -> Station:
    is_held = held is not None
    title = _("withdrawn") if is_held and stand.icon != "back" else stand.said
    if passage is None:
        return Station(
            stand.environment,
            title or _("not here yet"),
            FAIL if is_held else stand.mark,
            "back" if is_held else stand.icon or "wait",
            why=held.reason if held else "",
        )
    went_wrong = is_held or stand.mark == FAIL
    return Station(
        stand.environment,
        title or word(passage.state),
        FAIL if is_held else stand.mark,
        "back" if is_held else stand.icon or "wait",
        text=bar_of(passage.targets, is_over=passage.finished_at is not None).label,
        detail=end_word(passage.end) or word(passage.state),
        at=passage.finished_at or passage.created_at,
        by=passage.by or "slipway",
        rollout=passage.rollout,
        took=passage.finished_at - passage.created_at if passage.finished_at else None,
        why=((held.reason if held else "") or said(passage.outcome)) if went_wrong else "",
    )


def _stretches(
    stays: "Sequence[Stay]", since: datetime, now: datetime, scale: float
) -> "Sequence[tuple[float, float]]":
    """Return the times in which it ran anywhere there, laid together where they meet."""
    found: list[tuple[float, float]] = []
    for stay in sorted(stays, key=lambda each: each.since):
        begin = (stay.since - since).total_seconds() * scale
        end = ((stay.until or now) - since).total_seconds() * scale
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    drawn = ((min(begin, _WIDTH - _THINNEST), max(end - begin, _THINNEST)) for begin, end in found)
    return [(round(x, 1), round(min(width, _WIDTH - x), 1)) for x, width in drawn]


def _where(stays: "Sequence[Stay]") -> str:
    places = len({(stay.host, stay.port) for stay in stays})
    there = sum(stay.until is None for stay in stays)
    counted = ngettext("%(n)s place", "%(n)s places", places) % {"n": places}
    return counted + " · " + (_("%(n)s now") % {"n": there} if there else _("no more"))
