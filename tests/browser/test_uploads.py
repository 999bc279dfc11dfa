"""What is chosen to be uploaded is told as the page tells sizes."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from slipway.interfaces.web.frame.words import size


@pytest.mark.parametrize("count", [1000, 1536, 300 * 1024, 3 * 1024 * 1024 // 2])
def test_a_file_is_as_big_here_as_anywhere(site: str, page: Page, count: int) -> None:
    page.goto(f"{site}/services/billing/versions/-/new")
    file = FilePayload(name="app.tar.gz", mimeType="application/gzip", buffer=bytes(count))
    page.set_input_files("#file", file)
    expect(page.locator("#chosen")).to_have_text(f"app.tar.gz · {size(count)}")
