"""A board on paper, and on a wall: all places and the timeline, nothing to press, nothing moves."""

import re

import pytest
from playwright.sync_api import Page, expect

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import PersonsWord
from tests.browser.company import V2
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


@pytest.fixture
def drive(site: str) -> Drive:
    """Two batches, of which the first one is well."""
    rollout = fleet.begin(Actor.system(), "upgrade", "billing", "prod", V2, batches="1")
    drive = Drive.take(rollout)
    drive.start(drive.targets()[0])
    drive.succeed(drive.targets()[0])
    return drive


def background(page: Page, selector: str) -> str:
    of = "each => getComputedStyle(each).backgroundColor"
    return str(page.locator(selector).first.evaluate(of))


def test_a_report_has_all_places_and_the_timeline_black_on_white(
    site: str, page: Page, drive: Drive
) -> None:
    drive.start(drive.targets()[1])
    drive.fail(drive.targets()[1])
    drive.close(End.HALTED, halted=Cause.VERSION)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/rollouts/{drive.value.number}")
    page.locator(".batch").first.evaluate("each => { each.open = false; }")
    expect(page.locator("#printed .timeline")).to_be_attached()
    expect(page.locator("#printed")).to_be_hidden()
    page.emulate_media(media="print", color_scheme="dark")
    for cell in page.locator(".cell").all():
        expect(cell).to_be_visible()
    expect(page.locator("#printed")).to_contain_text("rollout halted")
    expect(page.locator(".problems")).to_contain_text("1 host did not make it")
    for gone in (".top", "#beside", ".acts", "#print", "#left form", ".crumbs kbd"):
        assert [each for each in page.locator(gone).all() if each.is_visible()] == []
    assert background(page, "body") == background(page, ".panel") == "rgb(255, 255, 255)"
    assert page.locator("body").evaluate("each => getComputedStyle(each).color") == "rgb(0, 0, 0)"
    assert page.pdf().startswith(b"%PDF")


def test_a_report_of_one_under_way_is_made_when_it_is_asked_for(
    site: str, page: Page, drive: Drive
) -> None:
    page.goto(f"{site}/rollouts/{drive.value.number}")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.click("#print")
    expect(page).to_have_title("printed")
    expect(page.locator("#printed")).to_contain_text("rollout began to run", use_inner_text=False)


def test_one_under_way_is_printed_with_what_there_is_by_keys_and_by_menu(
    site: str, page: Page, drive: Drive
) -> None:
    page.goto(f"{site}/rollouts/{drive.value.number}")
    printed = page.locator("#printed")
    expect(printed).to_contain_text("rollout began to run", use_inner_text=False)
    page.emulate_media(media="print")  # as the menu of a browser prints
    expect(printed).to_be_visible()
    page.emulate_media(media="screen")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    drive.start(drive.targets()[1])
    drive.fail(drive.targets()[1])
    drive.close(End.HALTED, halted=Cause.VERSION)
    page.keyboard.press("Control+p")
    expect(page).to_have_title("printed")
    expect(printed).to_contain_text("rollout halted", use_inner_text=False)


def test_a_wall_shows_how_it_stands_and_has_nothing_to_press(
    site: str, page: Page, drive: Drive
) -> None:
    board = f"{site}/rollouts/{drive.value.number}"
    page.goto(board)
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile(r"\?wall$"))
    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator(".top")).to_be_hidden()
    pressable = page.locator("#page :is(button, a, input, summary):not([inert] *)")
    expect(pressable).to_have_count(1)  # the way out, for who tabs to it
    for key in ("p", "c", "r"):
        page.keyboard.press(key)
    first, second = page.locator(".cell").all()
    places = [first.bounding_box(), second.bounding_box()]
    drive.start(drive.targets()[1])
    drive.fail(drive.targets()[1])
    expect(page.locator(".cell").last).to_have_class(re.compile("is-fail"))
    expect(page.locator("#problems")).to_contain_text("1 host did not make it")
    drive.close(End.HALTED, halted=Cause.VERSION)
    expect(page.locator("#head .pill")).to_contain_text("halted")
    assert page.locator(".acts button").count() == 0
    assert [first.bounding_box(), second.bounding_box()] == places
    assert not PersonsWord.objects.exists()
    page.keyboard.press("w")
    expect(page).to_have_url(board)


def test_many_places_fit_a_wall(site: str, page: Page, alice: Person) -> None:
    names = tuple(f"many-{number}" for number in range(400))
    fleet.add_hosts("prod", *names)
    fleet.reach_hosts(*names)
    rollout = fleet.begin(
        Actor.system(), "deploy", "billing", "prod", V2, hosts=names, port=9000, batches="1 100%"
    )
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{site}/rollouts/{rollout.pk}?wall")
    last = page.locator(".cell").last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] < 1080
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
