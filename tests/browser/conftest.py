"""A browser per module and a page per test; the tests start the server they look at."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.watching import watched


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole session: its event loop would be in the way of asynchronous tests.
    # The loop runs in our thread, between our calls; Django takes it for asynchronous code.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with chromium() as started:
            yield started


@pytest.fixture
def expected() -> list[str]:
    """Beginnings of what a browser may complain of; a test that takes the server away adds some."""
    return []


@pytest.fixture
def page(browser: Browser, expected: list[str]) -> Iterator[Page]:
    """An empty page of a browser that has no cookies yet; errors in its console, what the content
    policy forbids, and requests off the origin fail the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    complaints = watched(page)
    yield page
    context.close()
    assert [text for text in complaints if not text.startswith(tuple(expected))] == []
