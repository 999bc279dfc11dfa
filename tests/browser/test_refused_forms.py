"""Forms in a real browser: Back finds them, and what helps to fill them in does."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import found_company, sign_in, web_server
from tests.interfaces.people import person


@pytest.fixture
def site(transactional_db: None, page: Page) -> Iterator[str]:
    found_company()
    person("root-person", is_superuser=True)
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    with web_server() as address:
        sign_in(page, address, "root-person")
        yield address
        page.goto("about:blank")


def test_back_after_a_refusal_leads_to_the_form(site: str, page: Page, expected: list[str]) -> None:
    expected.append("Failed to load resource")
    page.goto(f"{site}/services")
    page.goto(f"{site}/services/-/new?from=here")
    page.fill("#name", "No Good")
    page.click("main .btn.primary")
    expect(page.locator("#name-problem")).to_be_visible()
    assert page.url == f"{site}/services/-/new?from=here"
    page.fill("#name", "good")
    page.fill("#description", "what was typed")
    page.click("main .btn.primary")
    expect(page.locator("h1")).to_have_text("Upload a version")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Add a service")
    expect(page.locator("#name")).to_be_visible()
    page.reload()
    expect(page.locator("h1")).to_have_text("Add a service")


def test_lines_to_begin_with_are_put_into_the_spec(site: str, page: Page) -> None:
    page.goto(f"{site}/services/-/new")
    spec = page.locator("#spec")
    page.fill("#spec", "user: app")
    if page.locator(".spec-examples[open]").count() == 0:
        page.click(".spec-examples summary")
    page.click("[data-lines='#example-1']")
    expect(spec).to_have_value("user: app\nrun: python3 -m http.server ${PORT}\nhealth: /\n")
    expect(spec).to_be_focused()


def test_all_hosts_are_chosen_at_once_and_none(site: str, page: Page) -> None:
    page.goto(f"{site}/rollouts/new?kind=upgrade&service=billing&environment=prod")
    page.click("#choose-all")
    expect(page.locator("#plan")).to_contain_text("on 2 hosts")
    expect(page.locator("input[name=hosts]:checked")).to_have_count(2)
    expect(page.locator("#choose-all")).to_be_focused()
    page.click("#choose-none")
    expect(page.locator("input[name=hosts]:checked")).to_have_count(0)
