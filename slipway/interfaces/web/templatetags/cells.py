"""Cells of a board, lines of its log, and ticks: a template for each of a thousand would be most of
the page's time."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from slipway.interfaces.web.frame.markup import filled_each
from slipway.interfaces.web.shown.cells import Cell, HostCell
from slipway.interfaces.web.shown.shapes import Ticks
from slipway.interfaces.web.templatetags.marks import at_clock, coloured, short

register = template.Library()


class ShownLine(Protocol):
    """A line of a log; `host` is "" where it is of none."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def host(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def text(self) -> str: ...


_CELL = (
    '<a class="cell is-{mark}" id="c{id}" href="?target={id}" data-mark="{mark}" '
    'data-host="{name}" title="{title}"{current}{tabindex}>'
    "<b>{host}{port}</b> <span>{text}</span></a>\n"
)
_LINE = (
    '<p class="{level}" id="l{id}" data-host="{host}"><a href="#l{id}">{at}</a>'
    '<i title="{host}">{host}</i><span>{text}</span></p>\n'
)
_TICK = '<i class="tick is-{mark}" title="{title}"></i>\n'
_TICKS = '<span class="ticks" {}>{}{}</span>'
_HOST = "<li>{ports}</li>\n"
_PORT = (
    '<a class="at" href="/instances/{id}" title="{title}"><i class="tick is-{mark}"></i>'
    "<span><b>{host}</b>{port}</span>{version}</a>"
)
_HIDDEN = mark_safe('aria-hidden="true"')
_CURRENT = mark_safe(' aria-current="true"')
_NOT_BY_TAB = mark_safe(' tabindex="-1"')  # arrows lead from the first to the others


@register.simple_tag
def cells(of: Iterable[Cell], target: object = None) -> SafeString:
    """Links to what was done at each place; `target` is the one that is shown beside them."""
    return filled_each(_CELL, _values(of, target))


@register.simple_tag
def log_lines(of: Iterable[ShownLine]) -> SafeString:
    """Lines of a log, each with an address of its own."""
    return filled_each(
        _LINE,
        (
            {
                "level": line.level,
                "id": line.id,
                "host": line.host,
                "at": at_clock(line.at),
                "text": coloured(line.text),
            }
            for line in of
        ),
    )


@register.simple_tag
def ticks(of: Ticks) -> SafeString:
    """A small picture of many things: a tick for each, with what it is."""
    return format_html(
        _TICKS,
        format_html('role="img" aria-label="{}"', of.label) if of.label else _HIDDEN,
        filled_each(_TICK, ({"mark": each.mark, "title": each.title} for each in of.shown)),
        format_html("<small>+{}</small>", of.more) if of.more else "",
    )


@register.simple_tag
def hosts(of: Iterable[HostCell]) -> SafeString:
    """Hosts with what runs on each: a link to each instance, the host's name at the first."""
    return filled_each(_HOST, ({"ports": filled_each(_PORT, _ports(each))} for each in of))


def _ports(of: HostCell) -> Iterator[dict[str, object]]:
    for number, each in enumerate(of.ports):
        yield {
            "id": each.id,
            "mark": each.mark,
            "title": each.title,
            "host": "" if number else of.host,
            "port": _small(each.port, ":"),
            "version": _small(short(each.version), ""),
        }


def _small(text: object, before: str) -> SafeString | str:
    return format_html("<small>{}{}</small>", before, text) if text else ""


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
