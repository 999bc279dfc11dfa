"""One instance in a browser: it is locked, changed and released; and a button asks why."""

from playwright.sync_api import Page, expect

from slipway.records.audit.models import Event
from slipway.records.fleet.models import Instance
from tests.browser.company import V2
from tests.interfaces.people import Person
from tests.interfaces.web import fleet


def test_an_instance_is_found_changed_locked_and_released(site: str, page: Page) -> None:
    page.goto(f"{site}/services/billing")
    page.locator("#prod tbody tr").first.get_by_label("weight, tag").click()
    page.fill("#weight", "50")
    page.select_option("#is_maintain", "1")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator(".note.is-ok")).to_contain_text("is changed")
    page.fill("#reason", "its disk is dying")
    page.keyboard.press("Enter")
    expect(page.locator(".note.is-warn")).to_contain_text("its disk is dying")
    page.click("text=Release the lock")
    expect(page.locator("#reason")).to_be_visible()
    changed = Instance.objects.get(weight=50)
    assert (changed.is_maintain, changed.locked_at) == (True, None)


def test_why_is_asked_where_a_rollout_is_ended_and_stands_in_the_audit(
    site: str, page: Page, alice: Person
) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    page.goto(f"{site}/rollouts/{rollout.pk}")
    page.click("text=Cancel the rollout")
    expect(page.locator("#ask-why")).to_be_visible()
    page.fill("#ask-why", "the wrong version")
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_be_hidden()
    page.wait_for_load_state()
    expect(page.locator("body")).to_contain_text("the wrong version")
    assert Event.objects.get(verb="rollout.cancel_requested").reason == "the wrong version"


def test_who_leaves_the_why_empty_gives_none(site: str, page: Page, alice: Person) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    page.goto(f"{site}/rollouts/{rollout.pk}")
    page.click("text=Cancel the rollout")
    page.click("#ask button[value=yes]")
    expect(page.locator("#ask")).to_be_hidden()
    page.wait_for_load_state()
    expect(page.locator("body")).to_contain_text("eing cancelled")
    assert Event.objects.get(verb="rollout.cancel_requested").reason == ""
