"""Tags and filters of the pages: icons, words, times, versions, log lines."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.words.moments import moment_said
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.frame import saying, words
from slipway.interfaces.web.shown import ansi

register = template.Library()
_MADE_NAME = re.compile(r"^\d{8}T\d{6}-(.+)$")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_GRAINS = ((55, 10), (585, 30))  # up to how many seconds, to how many of them


@register.simple_tag
@lru_cache(maxsize=256)  # pages have hundreds of them
def icon(name: str) -> SafeString:
    """An icon of the sprite, for the eyes only."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("web/icons.svg"),
        name,
    )


@register.filter
def said(sentence: Sentence | str | None) -> str:
    return saying.said(sentence)


@register.filter
def said_hint(sentence: Sentence | None) -> str:
    return saying.said_hint(sentence)


@register.filter
def word(code: object) -> str:
    return words.word(str(code))


@register.filter
def step_word(name: object) -> str:
    return words.step_word(str(name))


@register.filter
def mark(code: object) -> str:
    return words.mark(str(code))


@register.filter
def status_icon(status: object) -> str:
    """The icon of a version's status: each has a shape of its own."""
    return words.STATUS_ICONS.get(str(status), "wait")


@register.filter
def state_icon(state: object) -> str:
    """The icon of a state of rollouts, targets and hosts: none is told by its colour alone."""
    return words.state_icon(str(state))


@register.filter
def mark_icon(mark_name: str) -> str:
    return words.ICONS.get(mark_name, "wait")


@register.filter
def short(version: object) -> str:
    """A version's name without the moment it was made at, where space is dear."""
    found = _MADE_NAME.match(str(version or ""))
    return found.group(1) if found else str(version or "")


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """How long ago, with the moment itself for whoever points at it."""
    if at is None:
        return ""
    seconds = (timezone.now() - at).total_seconds()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.astimezone(UTC).isoformat(timespec="seconds"),
        at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        _distance(seconds, at),
    )


def _distance(seconds: float, at: datetime) -> str:
    if seconds < -_MINUTE:
        return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if seconds < 45:
        return _("just now")
    if seconds < _HOUR:
        count = max(1, round(seconds / _MINUTE))
        return ngettext("%(count)s min ago", "%(count)s min ago", count) % {"count": count}
    if seconds < _DAY:
        count = round(seconds / _HOUR)
        return ngettext("%(count)s hour ago", "%(count)s hours ago", count) % {"count": count}
    count = round(seconds / _DAY)
    if count <= 30:
        return ngettext("%(count)s day ago", "%(count)s days ago", count) % {"count": count}
    return timezone.localtime(at).strftime("%Y-%m-%d")


@register.filter
def about(value: timedelta) -> str:
    """A length of time that is not known to the second, as coarse as it is long."""
    seconds = value.total_seconds()
    grain = next((grain for most, grain in _GRAINS if seconds < most), _MINUTE)
    return duration(max(round(seconds / grain), 1) * grain)


@register.filter
def duration(value: timedelta | float | None) -> str:
    """A length of time (timedelta or seconds) as people say it."""
    if value is None:
        return ""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if 0 < seconds < 10:
        return _("%(seconds).1f s") % {"seconds": seconds}
    minutes, rest = divmod(round(seconds), _MINUTE)
    if not minutes:
        return _("%(seconds)d s") % {"seconds": rest}
    hours, minutes = divmod(minutes, 60)
    if not hours:
        if rest:
            return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(hours)d h") % {"hours": hours}


@register.filter
def size(count: int | None) -> str:
    return words.size(count)


@register.filter
def coloured(text: object) -> SafeString:
    """Text that a program printed, its colours as classes, everything else as plain text."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<em class="{}">{}</em>', classes, part) if classes else part,)
            for classes, part in ansi.spans(str(text))
        ),
    )


@register.simple_tag(takes_context=True)
def typed_in(context: dict[str, Any], form: str, environment: str = "") -> dict[str, str]:
    """What was typed into a form of this page (for an environment) and refused; else nothing."""
    kept: dict[str, str] = context.get("typed") or {}
    page = context.get("address") or context["request"].path
    is_here = kept.get("form") == f"{page}/{form}"
    return kept if is_here and environment in ("", kept.get("environment")) else {}


@register.filter
def moment(at: datetime) -> SafeString:
    """A moment to the minute; the page says it in the reader's zone."""
    return format_html(
        '<time datetime="{}">{}</time>',
        at.astimezone(UTC).isoformat(timespec="seconds"),
        moment_said(at),
    )


@register.filter
def at_minute(at: datetime) -> SafeString:
    """A time of the day to the minute, in the reader's zone."""
    return format_html(
        '<time datetime="{}" data-clock="minutes">{}</time>',
        at.astimezone(UTC).isoformat(timespec="seconds"),
        timezone.localtime(at).strftime("%H:%M"),
    )


@register.filter
def from_now(value: timedelta) -> datetime:
    """The moment that is so far ahead."""
    return timezone.now() + value


@register.filter
def at_clock(at: datetime | None) -> SafeString | str:
    """A time of the day; the page says it in the reader's zone, and which that is."""
    if at is None:
        return ""
    moment = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-clock>{}</time>',
        moment.isoformat(timespec="seconds"),
        moment.strftime("%H:%M:%S UTC"),
    )
