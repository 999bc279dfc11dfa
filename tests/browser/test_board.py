"""A board live: the batch at work comes first, and what is over makes way for it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import V2, found_company, sign_in, web_server
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


@pytest.fixture
def alice(transactional_db: None) -> Person:
    return found_company()


@pytest.fixture
def site(alice: Person, page: Page) -> Iterator[str]:
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    with web_server() as address:
        sign_in(page, address)
        yield address
        page.goto("about:blank")


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def test_the_batch_at_work_comes_first_and_others_are_folded(
    site: str, page: Page, alice: Person
) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    canary, second = drive.targets()
    drive.start(canary)
    page.goto(f"{site}/rollouts/{drive.value.number}")
    expect(page.locator("#live")).to_have_text("live")
    cells = [page.locator(f"#c{target.pk}") for target in (canary, second)]
    expect(cells[0]).to_be_visible()
    expect(cells[1]).to_be_hidden()
    page.click("a[href='#batch-2']")  # whoever wants to see it does
    expect(cells[1]).to_be_visible()
    page.click("#batch-2 summary")
    drive.succeed(canary)
    expect(page.locator("a[href='#batch-2']")).to_have_attribute("aria-current", "step")
    drive.start(second)
    expect(cells[1]).to_be_visible()
    expect(cells[0]).to_be_hidden()
    assert top_of(page, "#batch-2") < top_of(page, "#batch-1")
    page.goto(f"{site}/rollouts/{drive.value.number}?target={canary.pk}")  # a link unfolds it
    expect(cells[0]).to_be_visible()
    expect(page.locator("#target h2")).to_have_text("web-1:8080")
