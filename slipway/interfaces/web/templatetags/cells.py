"""Cells of a board, and ticks: of a thousand of them a template each would be most of the page's
time."""

from collections.abc import Iterable, Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from slipway.interfaces.web.shown.cells import Cell
from slipway.interfaces.web.shown.shapes import Tick

register = template.Library()
_CELL = (
    '<a class="cell is-{mark}" id="c{id}" href="?target={id}" data-mark="{mark}" '
    'data-host="{name}" title="{title}"{current}{tabindex}>'
    "<b>{host}{port}</b> <span>{text}</span></a>\n"
)
_TICK = '<i class="tick is-{}" title="{}"></i>\n'
_CURRENT = mark_safe(' aria-current="true"')
_NOT_BY_TAB = mark_safe(' tabindex="-1"')  # arrows lead from the first to the others


@register.simple_tag
def cells(of: Iterable[Cell], target: object = None) -> SafeString:
    """Links to what was done at each place; `target` is the one that is shown beside them."""
    return format_html_join("", _CELL, _values(of, target))


@register.simple_tag
def tick_marks(of: Iterable[Tick]) -> SafeString:
    """A tick for each thing, with what it is."""
    return format_html_join("", _TICK, ((each.mark, each.title) for each in of))


def _values(of: Iterable[Cell], target: object) -> Iterator[dict[str, object]]:
    for number, cell in enumerate(of):
        yield {
            "id": cell.id,
            "mark": cell.mark,
            "name": cell.name,
            "title": cell.title,
            "host": cell.host,
            "text": cell.text,
            "port": format_html("<small>:{}</small>", cell.port) if cell.port else "",
            "current": _CURRENT if cell.id == target else "",
            "tabindex": _NOT_BY_TAB if number else "",
        }
