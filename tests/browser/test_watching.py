"""The browser's tests would notice it, if a page did what none of ours may."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.company import web_server
from tests.browser.watching import watched

DEADLINE = 30  # seconds
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
    is_said(bad_page, complaints, complaint)


def is_said(page: Page, complaints: list[str], wanted: str) -> None:
    until = time.monotonic() + DEADLINE
    while not [each for each in complaints if wanted in each]:
        assert time.monotonic() < until, complaints
        page.wait_for_timeout(20)  # hears what the page says meanwhile


def test_a_focus_that_is_lost_as_a_part_comes_anew_is_noticed(bad_page: Page) -> None:
    complaints = watched(bad_page)
    bad_page.reload()
    bad_page.focus("#password")
    swapped = "document.dispatchEvent(new Event('htmx:%s:swap'))"
    bad_page.evaluate(swapped % "before")
    bad_page.evaluate(swapped % "after")
    assert complaints == []
    bad_page.evaluate(swapped % "before")
    bad_page.evaluate("document.querySelector('#password').remove()")
    bad_page.evaluate(swapped % "after")
    is_said(bad_page, complaints, 'the focus is lost: <input id="password"')


def test_a_page_of_ours_is_none_of_it(bad_page: Page) -> None:
    complaints = watched(bad_page)
    bad_page.reload()
    assert complaints == []


def test_a_request_to_another_origin_is_noticed_without_a_policy(bad_page: Page) -> None:
    complaints = watched(bad_page)
    bad_page.goto("about:blank")
    bad_page.set_content(f"<img src='{ELSEWHERE}'>")
    assert [each for each in complaints if "off the origin" in each]
