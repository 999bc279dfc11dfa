"""Markup of many things is escaped as Django escapes it."""

from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from slipway.interfaces.web.frame.markup import filled_each

HOSTILE = """<b title='a"b'>&amp; {0} {title}</b>"""


def test_whatever_is_no_markup_is_escaped() -> None:
    values: list[dict[str, object]] = [
        {"title": HOSTILE, "text": mark_safe("<i>ours</i>"), "count": 3},
        {"title": "", "text": HOSTILE, "count": None},
    ]
    markup = '<a title="{title}">{text} {count}</a>'
    assert filled_each(markup, values) == format_html_join("", markup, values)
    assert "<b" not in filled_each("{title}", values)
