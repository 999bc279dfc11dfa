"""The browser's tests would notice it, if a page did what none of ours may."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.company import web_server
from tests.browser.watching import watched

ELSEWHERE = "http://elsewhere.example/x.png"


@pytest.fixture
def bad_page(browser: Browser, transactional_db: None) -> Iterator[Page]:
    """A page of ours that is going to do wrong; nothing it asks for elsewhere leaves."""
    context = browser.new_context()
    page = context.new_page()
    page.route("http://elsewhere.example/**", lambda route: route.abort())
    with web_server() as address:
        page.goto(f"{address}/login")
        yield page
        page.goto("about:blank")
    context.close()


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("console.error('a complaint')", "a complaint"),
        ("setTimeout(() => { throw new Error('thrown'); })", "thrown"),
        (
            "const one = document.createElement('script'); one.textContent = '1';"
            " document.body.append(one)",
            "Content Security Policy",
        ),
        ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
        (f"new Image().src = '{ELSEWHERE}'", "Content Security Policy"),
        (f"location.href = '{ELSEWHERE}'", "off the origin"),
        ("fetch('http://127.0.0.1:9/other').catch(() => 0)", "Content Security Policy"),
    ],
    ids=["an error", "an exception", "a script", "a style", "an image", "away", "another origin"],
)
def test_it_is_noticed(bad_page: Page, wrong: str, complaint: str) -> None:
    complaints = watched(bad_page)
    bad_page.evaluate(f"() => {{ {wrong} }}")
    bad_page.wait_for_timeout(300)
    assert [each for each in complaints if complaint in each], complaints


def test_a_page_of_ours_is_none_of_it(bad_page: Page) -> None:
    complaints = watched(bad_page)
    bad_page.reload()
    assert complaints == []


def test_a_request_to_another_origin_is_noticed_without_a_policy(bad_page: Page) -> None:
    complaints = watched(bad_page)
    bad_page.goto("about:blank")
    bad_page.set_content(f"<img src='{ELSEWHERE}'>")
    assert [each for each in complaints if "off the origin" in each]
