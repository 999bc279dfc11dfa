"""Builds in a browser: a log that follows, survives a lost connection, and leads to lines."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from slipway.core.builds.seen import Finding
from slipway.core.builds.state import SeenStatus
from slipway.interfaces.web.builds import build_log
from slipway.records.accounts.models import User
from slipway.records.catalog.models import Build
from tests.browser.company import found_company, sign_in
from tests.interfaces.people import Person, person
from tests.interfaces.web.building import (
    COMMIT,
    SERVER,
    BuildDrive,
    answer_checks,
    answer_comparisons,
    build_with_gitlab,
    make_build,
)


@pytest.fixture
def alice(transactional_db: None) -> Person:
    found = found_company()
    build_with_gitlab("billing")
    return found


def under_way(alice: Person, page: Page, site: str, text: str = "one\n") -> BuildDrive:
    """Open the page of a build that a worker drives and that has printed something."""
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say(text)
    page.goto(f"{site}/builds/{drive.build_id}")
    expect(page.locator("#live")).to_have_text("live")
    return drive


def test_a_build_is_asked_for_and_watched_to_its_end(site: str, page: Page) -> None:
    page.goto(f"{site}/services/billing")
    page.keyboard.press("b")
    expect(page.locator("#ref")).to_have_value("main")
    page.fill("#variables", "TARGET=arm64")
    page.click("button:has-text('Build'):not([data-open])")
    expect(page.locator(".sentence")).to_contain_text("Waiting for a worker.")
    drive = BuildDrive.take(Build.objects.get())
    drive.start()
    drive.see(SeenStatus.RUNNING, commit="", says="job test is running")
    expect(page.locator(".sentence")).to_contain_text(f"Building on {SERVER}.")
    expect(page.locator(".sentence")).to_contain_text("job test is running")
    drive.say("compiling\n\x1b[32mall tests pass\x1b[0m\n")
    expect(page.locator("#build-log p")).to_have_count(2)
    expect(page.locator("#L2 em.ansi-green")).to_have_text("all tests pass")
    drive.see(commit=COMMIT)
    page.wait_for_url(f"{site}{drive.page}")  # its name has the commit now
    expect(page.locator("h1")).to_have_text(drive.build.version.name)
    expect(page).to_have_title(re.compile(re.escape(drive.build.version.name)))
    drive.finish()
    expect(page.locator(".sentence")).to_contain_text("Ready: the package is here")
    expect(page.locator("#live")).to_have_text("end of the log")
    page.click("text=Release to dev")
    page.wait_for_url(re.compile("/rollouts/new"))
    expect(page.locator("#version")).to_have_value(drive.build.version.name)


def test_a_lost_connection_loses_no_line_and_doubles_none(
    site: str, page: Page, alice: Person
) -> None:
    drive = under_way(alice, page, site)
    lost = {"is": True}

    def answer(route: Route) -> None:
        # What a proxy says that is restarted; an aborted request would be a console error.
        if lost["is"]:
            route.fulfill(status=200, body="<html>back soon</html>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/log?*", answer)
    expect(page.locator("#live")).to_have_text("connection lost, trying again…")
    drive.say("two\nthr")
    drive.say("ee\n")
    expect(page.locator("#build-log p")).to_have_count(1)
    lost["is"] = False
    expect(page.locator("#build-log p")).to_have_text(
        [re.compile(w) for w in ("1one", "2two", "3three")]
    )
    expect(page.locator("#live")).to_have_text("live")


def test_a_line_that_grows_is_one_line(site: str, page: Page, alice: Person) -> None:
    drive = under_way(alice, page, site, "start\nworking .")
    last = page.locator("#build-log p").last
    expect(last).to_have_text("2working .")
    drive.say("...")
    expect(last).to_have_text("2working ....")
    drive.say(" done\n")
    expect(last).to_have_text("2working .... done")
    expect(page.locator("#build-log p")).to_have_count(2)


def test_the_log_follows_until_somebody_looks_back(site: str, page: Page, alice: Person) -> None:
    drive = under_way(alice, page, site, "".join(f"line {n}\n" for n in range(1, 301)))
    expect(page.locator("#L300")).to_be_in_viewport()
    follow = page.locator("#follow")
    expect(follow).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("f")
    expect(follow).to_have_attribute("aria-pressed", "false")
    page.evaluate("document.querySelector('#build-log').scrollTop = 0")
    drive.say("later\n")
    expect(page.locator("#L301")).to_have_count(1)
    assert page.evaluate("document.querySelector('#build-log').scrollTop") == 0
    page.keyboard.press("/")
    page.keyboard.type("line 27")
    expect(page.locator("#build-log p:visible")).to_have_count(11)
    page.keyboard.press("Escape")


def test_a_link_to_a_line_opens_there_even_in_a_long_log(
    site: str, page: Page, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_log, "AT_FIRST", 100)
    drive = under_way(alice, page, site, "".join(f"line {n}\n" for n in range(1, 301)))
    expect(page.locator("#L5")).to_have_count(0)
    page.goto("about:blank")
    page.goto(f"{site}{drive.page}#L5")
    expect(page.locator("#L5")).to_be_in_viewport()
    expect(page.locator("#L5")).to_have_text("5line 5")
    assert "start=0" in page.url


def test_lines_are_text_whatever_they_say(site: str, page: Page, alice: Person) -> None:
    drive = under_way(alice, page, site)
    drive.say("<img src=x onerror=alert(1)> \x1b[31mred\x1b[0m \x1b]0;title\x07end\n")
    line = page.locator("#L2 span")
    expect(line).to_have_text("<img src=x onerror=alert(1)> red end")
    expect(page.locator("#build-log img")).to_have_count(0)


def test_a_tab_that_nobody_sees_asks_nothing_and_catches_up(
    site: str, page: Page, alice: Person
) -> None:
    drive = under_way(alice, page, site)
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    turn = f"{hide} document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(turn % "true")
    drive.say("while nobody looked\n")
    expect(page.locator("#build-log p")).to_have_count(1)
    page.evaluate(turn % "false")
    expect(page.locator("#build-log p")).to_have_count(2)


def test_trouble_is_hoisted_and_cancelling_is_asked_first(
    site: str, page: Page, alice: Person
) -> None:
    drive = under_way(alice, page, site)
    drive.trouble(hint="Look whether it is up.")
    expect(page.locator(".note.is-warn")).to_contain_text(f"{SERVER} does not answer.")
    expect(page.locator(".note.is-warn")).to_contain_text("It is asked again")
    page.click(".acts button:has-text('Cancel the build')")
    expect(page.locator("#ask")).to_contain_text("there will be no version")
    page.click("#ask button[value=yes]")
    expect(page.locator(".sentence")).to_contain_text("Being cancelled.")
    expect(page.locator(".acts button:has-text('Cancel the build')")).to_be_disabled()


def test_a_plan_fills_in_its_commits_and_keeps_what_was_typed(site: str, page: Page) -> None:
    make_build()
    page.goto(f"{site}/rollouts/new?service=billing&environment=prod")
    expect(page.locator("#plan-changes")).to_contain_text("Asking the build server…")
    page.fill("#reason", "the ledger")
    page.click("text=How: batches, budgets")
    answer_comparisons("Mend the ledger", "Add tax")
    expect(page.locator("#plan-changes")).to_contain_text("Mend the ledger")
    expect(page.locator("#reason")).to_have_value("the ledger")
    expect(page.locator("#batches")).to_be_visible()


def test_a_build_server_is_tested_while_one_waits(site: str, page: Page) -> None:
    person("anna", ("admin", "", ""))
    page.context.clear_cookies()
    sign_in(page, site, "anna")
    page.goto(f"{site}/build-servers/{SERVER}")
    page.fill("#project", "shop/billing")
    page.click("#test button")
    expect(page.locator("#check")).to_contain_text("Waiting for a worker…")
    answer_checks(Finding.of("trusted", "Its certificate is trusted.", True))
    expect(page.locator("#check")).to_contain_text("It works.")
    expect(page.locator("#check")).to_contain_text("Its certificate is trusted.")
    assert User.objects.filter(username="anna").exists()


@pytest.mark.parametrize("width", [390, 740, 1024])
def test_nothing_is_cut_off_on_a_small_screen(
    site: str, page: Page, alice: Person, width: int
) -> None:
    made = make_build()
    drive = under_way(alice, page, site, "x" * 400 + "\n")
    drive.see(commit=COMMIT[::-1], says="a job with a rather long name is running")
    page.set_viewport_size({"width": width, "height": 844})
    for address in (
        "/",
        "/builds",
        "/services/billing",
        "/services/billing/build",
        f"/services/billing/compare?base={made.build.version.name}&head=latest",
        f"/builds/{drive.build_id}",
        made.page,
        "/build-servers",
        "/packages",
    ):
        page.goto(f"{site}{address}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{address} is {wide} px too wide"
        expect(page.locator("nav.nav")).to_be_in_viewport()
