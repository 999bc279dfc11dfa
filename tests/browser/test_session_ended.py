"""A session ends while somebody works: what was typed comes back, and nobody is left on a page that
is dead."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from slipway.records.rollouts.models import Rollout
from tests.browser.company import V1, V2
from tests.interfaces.people import PASSWORD, Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive

PLAN = "/rollouts/new?service=billing&environment=prod&kind=upgrade"
WHY = "fixes #7 & “more”"


@pytest.fixture(autouse=True)
def refused(expected: list[str]) -> None:
    """Who is no longer known is refused, and where there was a stream there is the login."""
    expected += ["Failed to load resource", "EventSource's response"]


def sign_in_again(page: Page) -> None:
    expect(page.locator("#password")).to_be_visible()
    page.fill("#username", "alice")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"^(?!.*/login)"))


def test_a_plan_that_is_changed_comes_back_and_is_started(site: str, page: Page) -> None:
    page.goto(f"{site}{PLAN}")
    with page.expect_response("**/rollouts/plan"):
        page.select_option("#version", V2)
    page.click("text=How: batches, budgets")
    page.fill("#batches", "1 100%")
    with page.expect_response("**/rollouts/plan"):  # what was typed is asked about
        page.fill("#reason", WHY)
    expect(page.locator("#plan")).to_contain_text("2 hosts")
    Session.objects.all().delete()
    page.click("input[name=hosts][value=web-2]")  # the plan is asked for anew
    sign_in_again(page)
    expect(page.locator("#reason")).to_have_value(WHY)
    expect(page.locator("#batches")).to_have_value("1 100%")
    expect(page.locator("#version")).to_have_value(V2)
    expect(page.locator("input[name=hosts][value=web-2]")).to_be_checked()
    page.fill("#confirm", "billing")
    page.click("#start")
    page.wait_for_url(re.compile(r"/rollouts/\d+$"))
    assert Rollout.objects.latest("id").reason == WHY


def test_a_plan_that_is_started_comes_back_and_nothing_was_started(site: str, page: Page) -> None:
    before = Rollout.objects.count()
    page.goto(f"{site}{PLAN}")
    page.fill("#reason", WHY)
    page.fill("#confirm", "billing")
    Session.objects.all().delete()
    page.click("#start")
    sign_in_again(page)
    expect(page.locator("#reason")).to_have_value(WHY)
    expect(page.locator("#start")).to_be_disabled()  # its name is typed anew
    assert Rollout.objects.count() == before


def test_a_key_on_a_board_leads_back_to_the_board(site: str, page: Page, alice: Person) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    board = f"{site}/rollouts/{drive.value.number}"
    page.goto(board)
    page.keyboard.press("p")
    expect(page.locator(".sentence")).to_contain_text("Paused")
    Session.objects.all().delete()
    page.keyboard.press("c")
    page.fill("#ask-name", "billing")
    page.keyboard.press("Enter")
    sign_in_again(page)
    page.wait_for_url(board)
    expect(page.locator(".sentence")).to_contain_text("Paused")  # nothing was done by the way
    page.keyboard.press("c")
    page.fill("#ask-name", "billing")
    page.keyboard.press("Enter")
    expect(page.locator(".sentence")).to_contain_text("Batch 1 of 2")


@pytest.mark.parametrize(
    "address", ["/", "/services?show=attention", f"/services/billing/versions/{V1}"]
)
def test_a_page_that_looks_again_leads_back_to_itself(site: str, page: Page, address: str) -> None:
    page.goto(f"{site}{address}")
    Session.objects.all().delete()
    sign_in_again(page)
    page.wait_for_url(f"{site}{address}")
    expect(page.locator("h1")).to_be_visible()
