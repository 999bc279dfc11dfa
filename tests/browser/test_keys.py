"""Keys stand on the buttons, and all of a page's stand in a list that `?` opens."""

from playwright.sync_api import Page, expect

from tests.browser.axe import faults_of
from tests.browser.company import V2
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


def keys_told(page: Page) -> dict[str, str]:
    rows = page.locator("#keys dt").all_inner_texts()
    return dict(zip(rows, page.locator("#keys dd").all_inner_texts(), strict=True))


def test_the_list_has_what_the_page_has(site: str, page: Page, alice: Person) -> None:
    page.goto(f"{site}/services/billing")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    told = keys_told(page)
    assert told["N"] == "New rollout"
    assert told["/"] == "Go to the filter"
    assert "Another host" not in told.values()
    assert faults_of(page) == []
    page.keyboard.press("n")  # a key of what is behind it
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.wait_for_url(f"{site}/services/billing")


def test_on_a_board_it_follows_what_can_be_done(site: str, page: Page, alice: Person) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    page.goto(f"{site}/rollouts/{drive.value.number}")
    page.keyboard.press("?")
    told = keys_told(page)
    assert (told["P"], told["F"]) == ("Pause", "Follow")
    assert "R" not in told  # not as long as it runs
    assert "Another host" in told.values()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator(".sentence")).to_contain_text("Paused")
    page.keyboard.press("?")
    assert keys_told(page)["C"] == "Go on"


def test_a_question_mark_that_is_typed_is_text(site: str, page: Page) -> None:
    page.goto(f"{site}/services")
    page.keyboard.press("/")
    page.keyboard.type("?")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("[data-slash]")).to_have_value("?")


def test_every_key_of_a_page_stands_on_its_button(site: str, page: Page, alice: Person) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    found: dict[str, set[str | None]] = {}
    for address in ("/", "/services", "/services/billing", f"/rollouts/{drive.value.number}"):
        page.goto(f"{site}{address}")
        buttons = page.locator("[data-key]").all()
        keys = [button.get_attribute("data-key") for button in buttons]
        for key, button in zip(keys, buttons, strict=True):
            assert key in button.locator("kbd").all_text_contents(), (address, key)
        found[address] = set(keys)
    everywhere = {"N", "?"}
    assert found == {
        "/": everywhere,
        "/services": everywhere,
        "/services/billing": everywhere,
        f"/rollouts/{drive.value.number}": {*"DFHLPRTVW?"},
    }


def test_it_is_reached_by_mouse(site: str, page: Page) -> None:
    page.click("details[data-menu] summary.tool >> nth=-1")
    page.click("text=Keys of this page")
    expect(page.locator("#keys")).to_be_visible()
    page.click("#keys button")
    expect(page.locator("#keys")).to_be_hidden()
