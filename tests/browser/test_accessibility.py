"""Every page, in both themes, on a desk in English and on a phone in Chinese: axe is content."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from slipway.interfaces import web
from slipway.interfaces.web.urls import urlpatterns
from slipway.records.fleet.models import Host
from tests.browser.axe import COLOURS, faults_of
from tests.browser.company import sign_in, signed_in, web_server
from tests.browser.every_page import APART, EMPTY, NO_PAGES, every_page
from tests.interfaces.conftest import make_company
from tests.interfaces.people import person

# Each language and each size once, each of them in both themes: what is wrong with a size is so in
# every language.
LOOKS = [(1440, "en"), (390, "zh-hans")]
OPEN = "(all) => { for (const details of all) details.open = true; }"
TEMPLATES = Path(web.__file__).parent / "templates"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_what_a_program_printed_is_scrolled_by_keys(path: Path) -> None:
    printed = re.findall(r"<pre[^>]*>", path.read_text())
    assert [each for each in printed if 'tabindex="0"' not in each] == []


@pytest.fixture
def pages(transactional_db: None) -> list[str]:
    return every_page()


@pytest.fixture
def site(pages: list[str], page: Page, expected: list[str]) -> Iterator[str]:
    expected += ["Failed to load resource"]  # of the pages that are not there
    with signed_in(page, "root") as address:
        yield address


def test_every_page_is_among_them(pages: list[str]) -> None:
    there = (address.partition("?")[0] for address in pages if "no-such" not in address)
    seen = {resolve(address).route for address in there}
    routes = {str(each.pattern) for each in urlpatterns}
    missed = {route for route in routes - seen if not f"/{route}".endswith(NO_PAGES)}
    parts = ("targets/", "checks/", "tabs/")
    assert {each for each in missed if not any(part in each for part in parts)} == APART


@pytest.mark.parametrize(("width", "language"), LOOKS)
def test_nothing_is_wrong_with_any_page(
    site: str, page: Page, pages: list[str], width: int, language: str
) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    page.set_viewport_size({"width": width, "height": 900})
    wrong = []
    for address in pages:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(f"{site}{address}")
        assert page.locator("html").get_attribute("lang") == language
        page.locator("details:not([data-menu])").evaluate_all(OPEN)
        wrong += [f"{address} {fault}" for fault in faults_of(page)]
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        wrong += [f"{address} dark: {fault}" for fault in faults_of(page, COLOURS)]
    assert "\n".join(wrong) == ""


def test_nothing_is_wrong_with_what_opens(site: str, page: Page, pages: list[str]) -> None:
    boards = (each for each in pages if each.startswith("/rollouts/") and "/new" not in each)
    board = next(boards)
    page.goto(f"{site}{board}")
    page.locator(".cell").first.click()
    expect(page.locator("#target h2")).to_be_visible()
    wrong = {"the steps of a host": faults_of(page)}
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#found a").first).to_be_visible()
    wrong["the palette"] = faults_of(page)
    page.keyboard.press("Escape")
    page.click("form[action$=cancel] button")
    expect(page.locator("#ask")).to_be_visible()
    wrong["a question"] = faults_of(page)
    assert {name: faults for name, faults in wrong.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_is_wrong_for_strangers(site: str, page: Page, theme: str, language: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    page.goto(f"{site}/login?next=/hosts")
    assert page.locator("html").get_attribute("lang") == language
    assert faults_of(page) == []


def test_nothing_is_wrong_where_there_is_nothing(
    transactional_db: None, page: Page, expected: list[str]
) -> None:
    make_company()
    Host.objects.all().delete()
    person("root", is_superuser=True)
    with web_server() as address:
        sign_in(page, address, "root")
        wrong = []
        for place in EMPTY:
            page.goto(f"{address}{place}")
            wrong += [f"{place} {fault}" for fault in faults_of(page)]
        page.goto("about:blank")
    assert wrong == []
