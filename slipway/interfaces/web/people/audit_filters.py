"""What narrows the page of the audit: its address, and days of the reader's zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid
from slipway.records.audit.queries import EventFilter
from slipway.records.rollouts.ask.of_hosts import events_of_host

DAYS = (1, 7, 30, 90)
_NAMES = ("thing", "by", "verb", "service", "environment", "host", "from", "to", "days")
_LONGEST = 200
_YEARS = range(2000, 9999)  # beyond them some zones have no days


@dataclass(frozen=True, slots=True)
class OftenAsked:
    """A choice that is often made, as a link; `is_chosen`: it is what is shown."""

    label: str
    href: str
    is_chosen: bool


def filters_of(request: HttpRequest) -> dict[str, str]:
    """Return what was asked for, as it was written."""
    return {name: request.GET.get(name, "").strip()[:_LONGEST] for name in _NAMES}


def wanted_by(filters: dict[str, str], now: datetime) -> EventFilter:
    """Return the condition. Raises Invalid where a day is none."""
    first, last = _day(filters["from"]), _day(filters["to"])
    if first and last and last < first:
        raise Invalid(
            "The last day, {last}, is before the first, {first}.",
            hint="Choose a later last day, or an earlier first one.",
            first=first.isoformat(),
            last=last.isoformat(),
        )
    days = int(filters["days"]) if filters["days"] in {str(day) for day in DAYS} else 0
    since = _begin(first) if first else now - timedelta(days=days) if days else None
    return EventFilter(
        verb=filters["verb"],
        named=filters["thing"],
        service=filters["service"],
        environment=filters["environment"],
        by=filters["by"],
        about=events_of_host(filters["host"]) if filters["host"] else None,
        since=since,
        until=_begin(last + timedelta(days=1)) if last else None,
    )


def address_of(filters: dict[str, str], path: str = "/audit", **changed: str) -> str:
    """Return the address at which the same is asked for, and what is changed of it."""
    asked = {name: text for name, text in (filters | changed).items() if text}
    return f"{path}?{urlencode(asked)}" if asked else path


def chips_of(filters: dict[str, str], now: datetime) -> list[OftenAsked]:
    """Return what is asked most often: of which days, and what was refused."""
    today = timezone.localtime(now).date()
    yesterday, week = today - timedelta(days=1), today - timedelta(days=6)
    return [
        _of_days(_("Today"), filters, today, today),
        _of_days(_("Yesterday"), filters, yesterday, yesterday),
        _of_days(_("Last 7 days"), filters, week, today),
        _toggled(_("Refused"), filters, verb="attempt."),
        _toggled(_("Locks released by others"), filters, verb="lock.broken"),
    ]


def _of_days(label: str, filters: dict[str, str], first: date, last: date) -> OftenAsked:
    return _toggled(label, filters, days="", **{"from": first.isoformat(), "to": last.isoformat()})


def _toggled(label: str, filters: dict[str, str], **chosen: str) -> OftenAsked:
    """Return a chip that chooses, or takes back what it chose."""
    is_chosen = all(filters[name] == text for name, text in chosen.items())
    back = dict.fromkeys(chosen, "")
    return OftenAsked(label, address_of(filters, **(back if is_chosen else chosen)), is_chosen)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise Invalid(
            "{text} is not a day.", hint="Write it as 2026-11-23.", text=f"“{shown(text)}”"
        )
    return found


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())
