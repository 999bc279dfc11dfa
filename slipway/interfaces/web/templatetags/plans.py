"""The rows and boxes of a plan: of a thousand of them a template each would be most of its time."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from slipway.core.rollout.plans.outlook import PlannedTarget
from slipway.interfaces.web.frame.markup import filled_each
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import size

register = template.Library()
_ROW = (
    '<tr><td class="mono">{place}</td><td>{change}</td><td class="dim small">{note}</td>'
    '<td class="number dim small">{moved}</td></tr>\n'
)
_BOX = (
    '<label title="{title}"><input type="checkbox" name="hosts" value="{name}"{checked}> '
    '<span class="mono small cut">{name}</span>{tick}</label>\n'
)
_CHECKED = mark_safe(" checked")


class Box(Protocol):
    """A host that may be chosen; `mark` is "" where nothing is told of it."""

    @property
    def name(self) -> str: ...
    @property
    def chosen(self) -> bool: ...
    @property
    def mark(self) -> str: ...
    @property
    def title(self) -> str: ...


@register.simple_tag
def planned_rows(of: Iterable[PlannedTarget]) -> SafeString:
    """What is done at each place of a batch."""
    return filled_each(_ROW, _rows(of))


@register.simple_tag
def host_boxes(of: Iterable[Box]) -> SafeString:
    """A box to tick for each host."""
    return filled_each(_BOX, map(_box, of))


def _rows(of: Iterable[PlannedTarget]) -> Iterator[dict[str, str]]:
    changes: dict[tuple[str, str], str] = {}  # a thousand places have a few in common
    for target in of:
        change = target.from_version, target.to_version
        if change not in changes:
            changes[change] = render_to_string("web/parts/change.html", {"change": target})
        yield {
            "place": target.place,
            "change": changes[change],
            "note": said(target.note),
            "moved": size(target.bytes_to_move) if target.bytes_to_move else "",
        }


def _box(host: Box) -> dict[str, str]:
    return {
        "title": host.title,
        "name": host.name,
        "checked": _CHECKED if host.chosen else "",
        "tick": format_html('<i class="tick is-{} push"></i>', host.mark) if host.mark else "",
    }
