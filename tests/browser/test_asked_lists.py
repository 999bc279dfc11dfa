"""A list is asked as one types: its address says what, a chip adds a word, a refusal keeps it."""

import pytest
from playwright.sync_api import Page, expect

from slipway.records.catalog.models import Service
from tests.browser.company import found_company
from tests.interfaces.people import Person


@pytest.fixture
def alice(transactional_db: None) -> Person:
    found = found_company()
    Service.objects.filter(name="billing").update(labels={"team": "data"})
    return found


def test_services_are_asked_for_by_typing(site: str, page: Page) -> None:
    page.goto(f"{site}/services")
    expect(page.locator("#matrix tbody tr[id]")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("-team:data")
    expect(page.locator("#matrix")).to_contain_text("No service matches.")
    page.fill("#where", "team:data")
    expect(page.locator("#matrix tbody tr[id]")).to_have_count(1)
    expect(page.locator(".pages")).to_have_text("1 of 1 shown")
    expect(page).to_have_url(f"{site}/services?where=team%3Adata")
    page.keyboard.type(" state:faild")
    expect(page.locator("#where-problem")).to_contain_text("there is no faild here")
    expect(page.locator("#where")).to_have_value("team:data state:faild")
    expect(page.locator("#where")).to_be_focused()
    page.reload()
    expect(page.locator("#where")).to_have_value("team:data state:faild")
    page.fill("#where", "team:data")
    expect(page.locator("#where-problem")).to_have_text("")
    page.click(".chip:has-text('Locked')")
    expect(page.locator("#where")).to_have_value("label:team=data state:locked")
    expect(page.locator("#matrix")).to_contain_text("No service matches.")
    page.go_back()
    expect(page.locator("#where")).to_have_value("team:data")


def test_a_star_is_set_by_one_press_and_what_was_asked_for_stays(site: str, page: Page) -> None:
    page.goto(f"{site}/services?where=billing")
    page.get_by_role("button", name="Star billing").click()
    taken = page.get_by_role("button", name="billing is starred")
    expect(taken).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(f"{site}/services?where=billing")
    page.goto(f"{site}/services/billing")
    page.get_by_role("button", name="billing is starred").click()
    expect(page.get_by_role("button", name="Star billing")).to_be_visible()
