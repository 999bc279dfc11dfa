"""A browser per module and a page per test; the tests start the server they look at."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import chromium
from tests.browser.company import found_company, signed_in
from tests.browser.watching import watched
from tests.interfaces.people import Person

PATIENCE = 30_000.0  # milliseconds, on whatever else this machine does


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
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    complaints = watched(page)
    yield page
    context.close()
    assert [text for text in complaints if not text.startswith(tuple(expected))] == []


@pytest.fixture
def alice(transactional_db: None) -> Person:
    """Who deploys billing, which runs in prod."""
    return found_company()


@pytest.fixture
def site(alice: Person, page: Page) -> Iterator[str]:
    """The address of the site, where Alice is signed in."""
    with signed_in(page) as address:
        yield address
