"""The web process goes away and comes back: within five seconds it is said on top of each page that
is live, no clock goes on meanwhile, and afterwards nothing of what happened is missing."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import V2, found_company, sign_in
from tests.browser.web_process import WebProcess
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.building import BuildDrive, build_with_gitlab
from tests.interfaces.web.driving import Drive

SOON = 5_000  # milliseconds
# The page notes itself when it says so: who looks at it from outside looks once a second.
NOTE = """
    addEventListener("DOMContentLoaded", () => {
        const bar = document.getElementById("away");
        const note = () => { if (!bar.hidden) window.toldAt ??= Date.now(); };
        if (bar) new MutationObserver(note).observe(bar, {attributes: true});
    });
"""


@pytest.fixture
def alice(transactional_db: None) -> Person:
    found = found_company()
    build_with_gitlab("billing")
    return found


@pytest.fixture
def web(alice: Person, page: Page, tmp_path: Path, expected: list[str]) -> Iterator[WebProcess]:
    """A web process at which Alice is signed in."""
    expected += ["Failed to load resource", "Access to", "htmx"]
    page.add_init_script(NOTE)
    process = WebProcess(tmp_path / "web")
    process.start()
    try:
        sign_in(page, process.url)
        yield process
        page.goto("about:blank")
    finally:
        process.stop()


def upgrade_of(alice: Person) -> Drive:
    """A rollout whose canary is at work."""
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    return drive


def goes_away(web: WebProcess, page: Page) -> None:
    """The web process dies, and the page says so soon."""
    web.stop()
    died_at = time.time() * 1000
    expect(page.locator("#away")).to_be_visible()
    assert page.evaluate("window.toldAt") - died_at < SOON


def stands_still(page: Page, clock: str) -> bool:
    told = page.locator(clock).first.text_content()
    page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 2100))")
    return told == page.locator(clock).first.text_content()


def test_a_board_says_so_and_goes_on_where_it_was(
    web: WebProcess, page: Page, alice: Person
) -> None:
    drive = upgrade_of(alice)
    page.goto(f"{web.url}/rollouts/{drive.value.number}")
    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator("[data-since]")).to_have_text(re.compile(r"\d\d:\d\d"))
    assert not stands_still(page, "[data-since]")
    goes_away(web, page)
    expect(page.locator("#away")).to_be_in_viewport()
    assert stands_still(page, "[data-since]")
    drive.say("what nobody hears")
    drive.succeed(drive.targets()[0])
    web.start()
    expect(page.locator("#away")).to_be_hidden()
    expect(page.locator("#log")).to_contain_text("what nobody hears")
    expect(page.locator(".cell").first).to_have_class(re.compile("is-ok"))
    assert not stands_still(page, "[data-since]")


@pytest.mark.parametrize("is_focused", [False, True], ids=["", "with the focus in it"])
def test_home_says_so_and_is_as_new_afterwards(
    web: WebProcess, page: Page, alice: Person, is_focused: bool
) -> None:
    drive = upgrade_of(alice)
    page.goto(f"{web.url}/")
    if is_focused:  # what somebody is in is not looked at anew
        page.locator("#home a").first.focus()
    goes_away(web, page)
    drive.finish()
    web.start()
    expect(page.locator("#away")).to_be_hidden()
    if not is_focused:
        expect(page.locator(f"#home a[href='/rollouts/{drive.value.number}']")).to_have_count(0)


def test_a_build_says_so_and_its_log_has_every_line(
    web: WebProcess, page: Page, alice: Person
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say("one\n")
    page.goto(f"{web.url}/builds/{drive.build_id}")
    expect(page.locator("#live")).to_have_text("live")
    goes_away(web, page)
    drive.say("two\n")
    web.start()
    expect(page.locator("#away")).to_be_hidden()
    expect(page.locator("#build-log p")).to_have_text([re.compile(w) for w in ("1one", "2two")])


def test_a_short_restart_of_the_server_alarms_nobody(
    web: WebProcess, page: Page, alice: Person
) -> None:
    drive = upgrade_of(alice)
    page.goto(f"{web.url}/rollouts/{drive.value.number}")
    expect(page.locator("#live")).to_have_text("live")
    bar = "() => { window.alarms = 0; new MutationObserver(() => { window.alarms += 1; })"
    page.evaluate(f"{bar}.observe(document.getElementById('away'), {{attributes: true}}); }}")
    page.route("**/events?*", lambda route: route.abort("connectionreset"))
    page.evaluate("dispatchEvent(new Event('pagehide')); dispatchEvent(new Event('pageshow'))")
    page.unroute("**/events?*")
    expect(page.locator("#live")).to_have_text("live")
    assert page.evaluate("window.alarms") == 0
