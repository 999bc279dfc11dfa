"""Takes a picture of each page, as SLIPWAY_PICTURES says where: `bin/pictures FOLDER`.

No test, and no part of them: what comes out is for somebody's eyes.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.company import sign_in, signed_in, web_server
from tests.browser.every_page import every_page
from tests.browser.story import make_story

SIZES = {"wall": (1920, 1080), "desk": (1440, 900), "phone": (390, 844)}
LANGUAGES = {"en": "en", "zh": "zh-hans"}
LOOKS = [
    (size, theme, language)
    for size in SIZES
    for theme in ("light", "dark")
    for language in LANGUAGES
]


@pytest.fixture
def site(
    transactional_db: None, page: Page, expected: list[str]
) -> Iterator[tuple[str, list[str]]]:
    expected += ["Failed to load resource"]  # of the pages that are not there
    pages = every_page()
    with signed_in(page, "root") as address:
        yield address, pages


def test_pictures(site: tuple[str, list[str]], page: Page) -> None:
    address, pages = site
    only = os.environ.get("SLIPWAY_PICTURES_ONLY", "")
    for size, theme, language in LOOKS:
        name = f"{size}-{theme}-{language}"
        if not re.search(only, name):
            continue
        folder = Path(os.environ["SLIPWAY_PICTURES"], name)
        folder.mkdir(parents=True, exist_ok=True)
        cookie = {"name": "django_language", "value": LANGUAGES[language], "url": address}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        dark = theme == "dark"
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        for path in pages:
            page.goto(f"{address}{path}")
            page.screenshot(path=folder / f"{_file_name(path)}.png", full_page=True)


def test_pictures_of_the_documents(transactional_db: None, page: Page) -> None:
    """docs/pictures: what README and the documents show, of one company on one evening."""
    story, folder = make_story(), Path(os.environ["SLIPWAY_PICTURES"], "documents")
    folder.mkdir(parents=True, exist_ok=True)
    page.emulate_media(reduced_motion="reduce")
    shown = {"board": story.board, "plan": story.plan, "home": "/", "build": story.build}
    with web_server() as address:
        sign_in(page, address)
        for name, path in shown.items():
            page.goto(f"{address}{path}")
            if name == "board":
                page.locator("#live").get_by_text("live").wait_for()
            page.screenshot(path=folder / f"{name}.png")
        page.context.add_cookies(
            [{"name": "django_language", "value": LANGUAGES["zh"], "url": address}]
        )
        page.goto(f"{address}/services")
        page.screenshot(path=folder / "services-zh.png")
        page.goto("about:blank")


def _file_name(path: str) -> str:
    return re.sub(r"[^\w.-]+", "-", path).strip("-")[:80] or "home"
