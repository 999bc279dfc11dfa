"""Long lists of a plan are searched as one types, and nothing is started or lost by that."""

import pytest
from playwright.sync_api import Page, expect

from slipway.records.rollouts.models import Rollout
from tests.browser.company import V1, found_company
from tests.interfaces.people import Person
from tests.interfaces.web import fleet


@pytest.fixture
def alice(transactional_db: None) -> Person:
    found = found_company()
    for number in range(60):
        fleet.make_version("billing", f"1.0.{number}")
    return found


def test_a_version_is_found_by_typing(site: str, page: Page) -> None:
    page.goto(f"{site}/rollouts/new?kind=upgrade&service=billing&environment=prod")
    expect(page.locator("#version option")).to_have_count(50)
    page.check("input[name=hosts][value=web-2]")
    expect(page.locator("#plan")).to_contain_text("1 host")
    page.locator("#find_version").press_sequentially("1.0.5")
    expect(page.locator("#version option")).to_have_count(11)
    expect(page.locator("#find_version")).to_be_focused()
    expect(page.locator("#find_version")).to_have_value("1.0.5")
    expect(page.locator("input[name=hosts][value=web-2]")).to_be_checked()
    page.keyboard.press("Enter")
    page.select_option("#version", "1.0.5")
    expect(page.locator("#plan > header")).to_contain_text("1.0.5")
    page.fill("#find_version", "main-1111111")
    expect(page.locator("#version option")).to_have_count(2)  # what was chosen stays
    expect(page.locator("#version")).to_have_value("1.0.5")
    page.select_option("#version", V1)
    expect(page.locator("#plan")).to_contain_text("runs already")
    assert Rollout.objects.count() == 1  # the one that deployed it: Enter has started none


def test_an_operation_may_be_chosen_before_a_service(site: str, page: Page) -> None:
    page.goto(f"{site}/rollouts/new")
    page.click("label:has-text('Deploy')")
    expect(page.locator("#port")).to_be_visible()
    expect(page.locator("[name=kind][value=deploy]")).to_be_focused()
    expect(page.locator("#plan")).to_contain_text("Choose a service.")


def test_a_port_is_planned_while_it_is_typed(site: str, page: Page) -> None:
    page.goto(f"{site}/rollouts/new?kind=deploy&service=billing&environment=prod")
    page.check("input[name=hosts][value=web-2]")
    expect(page.locator("#plan")).to_contain_text("1 host")
    page.fill("#port", "8180")
    expect(page.locator("#plan")).to_contain_text(":8180")
    page.fill("#confirm", "billing")
    expect(page.locator("#start")).to_be_enabled()
    page.locator("#port").press("End")
    page.locator("#port").press("Backspace")
    expect(page.locator("#start")).to_be_disabled()  # what is shown is not what would start
    page.locator("#port").press("5")
    expect(page.locator("#plan")).to_contain_text(":8185")
    expect(page.locator("#start")).to_be_enabled()
    expect(page.locator("#port")).to_be_focused()
    expect(page.locator("#port")).to_have_value("8185")
