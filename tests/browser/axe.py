"""Asks axe-core what somebody who cannot see, or has no mouse, would stumble over on a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that a theme has a say in.
COLOURS = ("color-contrast", "link-in-text-block")
_RUN = "(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"


def faults_of(page: Page, only: Sequence[str] = ()) -> list[str]:
    """Return what is wrong with the page as it is shown now: rule, weight, elements. Asks for the
    rules of accessible pages, or only for these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)  # by the browser's own tool: the page may load nothing of the kind
    asked = {"type": "rule", "values": [*only]} if only else RULES
    found: dict[str, Any] = page.evaluate(_RUN, asked)
    return [
        f"{each['id']} ({each['impact']}): "
        + "; ".join(f"{node['target'][0]} {node['html'][:100]}" for node in each["nodes"][:3])
        for each in found["violations"]
    ]
