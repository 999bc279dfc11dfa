"""Beside a board: its log and the steps of one host, as tabs that cover nothing; the address says
which is seen, and holds."""

import re

import pytest
from playwright.sync_api import Page, expect

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import LogLine, Step
from tests.browser.company import V2
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


@pytest.fixture
def drive(site: str, page: Page) -> Drive:
    """Two hosts at work at once, of which the second one failed; its board is open."""
    rollout = fleet.begin(Actor.system(), "upgrade", "billing", "prod", V2, batches="2")
    drive = Drive.take(rollout)
    drive.start(*drive.targets())
    drive.fail(drive.targets()[1])
    drive.say("a line of the story")
    page.goto(f"{site}/rollouts/{rollout.pk}")
    return drive


def test_nothing_covers_the_board_and_back_leads_back(page: Page, drive: Drive) -> None:
    cells, target = page.locator(".cell"), page.locator("#target")
    cells.last.click()
    expect(target.locator("h2")).to_have_text("web-2:8080")
    expect(page.locator("#log")).to_be_hidden()
    cells.first.click(trial=True)  # nothing is above it
    cells.first.click()
    expect(target.locator("h2")).to_have_text("web-1:8080")
    expect(cells.first).to_have_attribute("aria-current", "true")
    expect(page.locator(".cell[aria-current]")).to_have_count(1)
    page.go_back()
    expect(target.locator("h2")).to_have_text("web-2:8080")
    expect(page.locator("#tab-target")).to_contain_text("web-2:8080")
    page.go_back()
    expect(page.locator("#log")).to_be_visible()
    page.go_forward()
    expect(target.locator("h2")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 1000, 390])
def test_no_tab_runs_over_another(page: Page, drive: Drive, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.locator(".cell").last.click()
    expect(page.locator("#tab-target")).to_be_visible()
    spilt = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.id)"
    assert page.locator(".tab:not([hidden])").evaluate_all(spilt) == []


def test_tabs_are_turned_and_closed_by_keys(page: Page, drive: Drive) -> None:
    page.locator(".cell").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#target h2")).to_have_text("web-2:8080")
    page.keyboard.press("l")
    expect(page.locator("#log")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/rollouts/\d+$"))
    page.keyboard.press("h")
    expect(page.locator("#target")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#filter")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#tab-log").focus()
    page.keyboard.press("ArrowLeft")  # around: it is the last one
    expect(page.locator("#tab-target")).to_be_focused()
    expect(page.locator("#tab-target")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#target")).to_be_empty()
    expect(page.locator("#tab-target")).to_be_hidden()
    expect(page.locator(".cell").last).to_be_focused()


@pytest.mark.parametrize("is_live", [True, False])
def test_links_to_a_host_a_step_and_a_line_hold(
    site: str, page: Page, drive: Drive, is_live: bool
) -> None:
    if not is_live:
        drive.close(End.HALTED, halted=Cause.VERSION)
    page.reload()
    page.locator(".cell").last.click()
    page.locator("#target .steps a").first.click()
    step = Step.objects.filter(target=drive.targets()[1]).order_by("order")[0]
    expect(page).to_have_url(re.compile(rf"target={drive.targets()[1].pk}#s{step.pk}$"))
    page.reload()
    expect(page.locator("#target h2")).to_have_text("web-2:8080")
    expect(page.locator(f"#s{step.pk} details")).to_have_attribute("open", "")
    expect(page.locator(f"#s{step.pk}:target")).to_be_in_viewport()
    lines = LogLine.objects.filter(rollout=drive.value.number)
    line = next(each for each in lines if str(each) == "a line of the story")
    page.goto(f"{site}/rollouts/{drive.value.number}#l{line.pk}")
    expect(page.locator(f"#l{line.pk}:target")).to_contain_text("a line of the story")
    expect(page.locator("#l999999")).to_have_count(0)


def test_a_link_to_a_line_further_back_than_the_page_fetches_it(
    site: str, page: Page, drive: Drive
) -> None:
    number = drive.value.number
    first = LogLine.objects.filter(rollout=number).order_by("id")[0]
    LogLine.objects.bulk_create(
        LogLine(rollout_id=number, text=f"line {each}", at=first.at, rev=first.rev + each)
        for each in range(1, 450)
    )
    page.goto(f"{site}/rollouts/{number}#l{first.pk}")
    expect(page.locator(f"#l{first.pk}:target")).to_be_in_viewport()


def test_what_is_open_stays_open_while_it_goes_on(page: Page, drive: Drive) -> None:
    first = drive.targets()[0]
    drive.step(first, ["unpack"], "switch")
    page.locator(".cell").first.click()
    output = page.locator("#target details").first
    output.locator("summary").click()
    drive.succeed(first)
    expect(page.locator("#target .pill")).to_have_text("succeeded")
    expect(output).to_have_attribute("open", "")
    page.click("#tab-log")
    expect(page.locator("#log")).to_be_visible()


def test_the_log_is_as_high_as_its_lines_and_its_newest_one_is_in_the_window(
    site: str, page: Page, drive: Drive
) -> None:
    beside, end = page.locator("#beside"), page.locator("#live")
    short = beside.bounding_box()
    for each in range(90):
        drive.say(f"line {each}")
    last = page.locator("#log p").last
    expect(last).to_contain_text("line 89")
    expect(last).to_be_in_viewport()
    expect(end).to_be_in_viewport(ratio=1)
    long = beside.bounding_box()
    assert short is not None
    assert long is not None
    assert short["height"] < long["height"]
    assert long["y"] + long["height"] <= 900


def test_on_a_phone_a_host_is_shown_below_and_closing_leads_back(page: Page, drive: Drive) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    cell = page.locator(".cell").last
    cell.click()
    expect(page.locator("#target h2")).to_be_in_viewport()
    page.click("#close")
    expect(cell).to_be_in_viewport()
    expect(cell).to_be_focused()


def test_what_went_wrong_comes_live_and_stays_open(page: Page, drive: Drive) -> None:
    problems = page.locator("#problems")
    expect(problems.locator("li")).to_have_count(1)
    drive.fail(drive.targets()[0])
    expect(problems.locator("b").first).to_have_text("2 hosts: it never got healthy.")
    expect(page.locator("#problems")).to_have_count(1)
    problems.locator("a").last.click()
    expect(page.locator("#target h2")).to_have_text("web-2:8080")
    top = problems.bounding_box()
    beside = page.locator("#beside").bounding_box()
    assert top is not None
    assert beside is not None
    assert top["y"] == beside["y"]  # the log begins where the failures do


def test_timeline_plan_and_changes_are_tabs_that_the_address_holds(
    page: Page, drive: Drive, alice: Person
) -> None:
    more = page.locator("#more")
    page.click("#tab-timeline")
    expect(more).to_contain_text("rollout started")
    expect(page).to_have_url(re.compile(r"\?tab=timeline$"))
    page.keyboard.press("v")
    expect(more).to_contain_text("failure_budget")
    expect(more).to_be_focused()
    page.locator("#tab-plan").focus()
    page.keyboard.press("ArrowRight")
    expect(more).to_contain_text("2 places")
    expect(page.locator("#tab-changes")).to_have_attribute("aria-selected", "true")
    page.reload()
    expect(more).to_contain_text("2 places")
    expect(page.locator("#log")).to_be_hidden()
    page.go_back()
    expect(more).to_contain_text("failure_budget")
    page.locator(".cell").last.click()
    expect(page.locator("#target h2")).to_have_text("web-2:8080")
    expect(more).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#log")).to_be_visible()


def test_the_timeline_grows_while_it_is_looked_at(page: Page, drive: Drive, alice: Person) -> None:
    page.click("#tab-timeline")
    expect(page.locator("#more")).to_contain_text("rollout began to run")
    page.locator("#live").get_by_text("live").wait_for(state="attached")
    drive.close(End.HALTED, halted=Cause.VERSION)
    expect(page.locator("#more")).to_contain_text("rollout halted")
