"""Ctrl K: what is found is led to and acted upon by keys alone."""

import pytest
from playwright.sync_api import Page, expect

from slipway.records.rollouts.models import Rollout
from tests.browser.company import V2
from tests.interfaces.people import Person
from tests.interfaces.web import fleet


def test_the_palette_finds_a_service_without_a_mouse(site: str, page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("bill")
    expect(page.locator("#found a").first).to_contain_text("billing")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/services/billing")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_field_of_the_palette_shows_that_it_has_the_focus(
    site: str, page: Page, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{site}/services")
    page.keyboard.press("Control+k")
    field = page.locator("#palette input")
    expect(field).to_be_focused()
    expect(field).to_have_css("outline-style", "solid")
    expect(field).to_have_css("outline-width", "2px")
    ring, brand = field.evaluate(
        """each => {
            const probe = document.createElement("i");
            probe.style.color = "var(--brand)";
            each.parentElement.append(probe);
            const brand = getComputedStyle(probe).color;
            probe.remove();
            return [getComputedStyle(each).outlineColor, brand];
        }"""
    )
    assert ring == brand


def test_the_palette_acts_on_what_it_finds(site: str, page: Page, alice: Person) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1")
    page.goto(f"{site}/services")
    page.keyboard.press("Control+k")
    page.keyboard.type(str(rollout.pk))
    deed = page.locator("#found form[action$='/cancel'] button")
    expect(deed).to_be_visible()
    for _step in range(page.locator("#found :is(a, button)").count()):
        page.keyboard.press("ArrowDown")
        if deed.evaluate("each => each === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_contain_text("Cancel this rollout?")
    page.locator("#ask [value=yes]").click()
    expect(page.locator("h1")).to_have_text("billing")
    assert Rollout.objects.get(pk=rollout.pk).cancel_requested
