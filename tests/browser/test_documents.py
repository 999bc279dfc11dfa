"""The documents, as they are read in a browser."""

import pytest
from playwright.sync_api import Page

from tests.browser.company import found_company, sign_in, web_server

_LOOKS = "each => [getComputedStyle(each).color, getComputedStyle(each).textDecorationLine]"


@pytest.mark.django_db(transaction=True)
def test_a_link_is_told_from_the_words_around_it(page: Page) -> None:
    found_company()
    with web_server() as address:
        sign_in(page, address)
        page.goto(f"{address}/docs/operations/upgrading")
        link = page.locator(".prose a[href='/docs/operations/backup']").first
        colour, line = link.evaluate(_LOOKS)
        assert line == "underline"
        assert colour != page.locator(".prose li").first.evaluate(_LOOKS)[0]
        page.goto("about:blank")
