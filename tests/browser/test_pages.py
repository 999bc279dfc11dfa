"""What people do in a browser, done in one: the pages live, by mouse and by keyboard."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from slipway.core.words.kinds import RolloutStatus
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Rollout
from tests.browser.company import V2
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


def board_of(alice: Person, page: Page, site: str, **more: str) -> Drive:
    """Open the board of an upgrade that a worker has begun with."""
    by = Actor.system() if more else alice.actor  # who goes faster than prod has to be its admin
    rollout = fleet.begin(by, "upgrade", "billing", "prod", V2, **more)
    page.goto(f"{site}/rollouts/{rollout.pk}")
    expect(page.locator("#live")).to_have_text("live")
    return Drive.take(rollout)


def test_an_upgrade_is_planned_before_it_is_started(site: str, page: Page) -> None:
    page.click("text=Services")
    page.click("a.name:has-text('billing')")
    page.click("#prod a:has-text('Upgrade')")
    start = page.locator("#start")
    expect(start).to_be_disabled()
    page.fill("#reason", "fixes the double booking")
    page.fill("#confirm", "bil")
    expect(start).to_be_disabled()
    page.fill("#confirm", "billing")
    expect(start).to_have_text("Upgrade on 2 hosts")
    start.click()
    page.wait_for_url(re.compile(r"/rollouts/\d+$"))
    expect(page.locator(".sentence")).to_contain_text("Waiting for a worker.")
    rollout = Rollout.objects.latest("id")
    assert (rollout.reason, rollout.version and rollout.version.name) == (
        "fixes the double booking",
        V2,
    )


def test_a_rollout_is_watched_to_its_end(site: str, page: Page, alice: Person) -> None:
    drive = board_of(alice, page, site)
    cells, sentence = page.locator(".cell"), page.locator(".sentence")
    first, second = drive.targets()
    drive.start(first)
    expect(cells.first).to_contain_text("unpack")
    expect(sentence).to_contain_text("Batch 1 of 2")
    drive.step(first, ["unpack"], "switch")
    expect(cells.first).to_contain_text("switch")
    expect(cells.first).to_have_class(re.compile("is-run"))
    drive.say("The canary is well", target=first)
    line = page.locator("#log p").last
    expect(line).to_contain_text("The canary is well")
    link = line.locator("a").get_attribute("href")
    drive.succeed(first)
    expect(cells.first).to_have_class(re.compile("is-ok"))
    expect(page.locator(".legend [data-mark=ok] b")).to_have_text("1")
    drive.start(second)
    drive.succeed(second)
    drive.close()
    expect(sentence).to_contain_text(f"Done: 2 hosts got {V2}.")
    expect(page.locator("#live")).to_have_text("end of the log")
    page.reload()
    expect(page.locator(f"#log p{link}")).to_contain_text("The canary is well")  # it holds


def test_all_times_are_in_one_zone_that_is_named(site: str, page: Page, alice: Person) -> None:
    zone = "Asia/Shanghai"
    page.context.new_cdp_session(page).send("Emulation.setTimezoneOverride", {"timezoneId": zone})
    drive = board_of(alice, page, site, batches="2")
    drive.start(*drive.targets())
    drive.fail(drive.targets()[1])
    expect(page.locator("[data-zone]")).to_have_text(zone)
    page.click(".problems a[href^='?target=']")
    times = page.locator("#target time[data-clock], #log time[data-clock]")
    expect(page.locator("#target time[data-clock]").first).to_be_visible()
    for moment in times.all():
        utc = datetime.fromisoformat(str(moment.get_attribute("datetime")))
        assert moment.text_content() == f"{utc.astimezone(ZoneInfo(zone)):%H:%M:%S}"


def test_the_plan_follows_what_is_chosen_and_keeps_what_was_typed(site: str, page: Page) -> None:
    page.goto(f"{site}/rollouts/new?service=billing&environment=prod")
    expect(page.locator("#plan")).to_contain_text("2 hosts")
    page.click("text=How: batches, budgets")
    page.fill("#batches", "2")
    page.locator("#batches").blur()
    expect(page.locator(".plan-batches details")).to_have_count(1)
    expect(page.locator("#batches")).to_be_visible()
    page.check("input[name=hosts][value=web-2]")
    expect(page.locator("#plan")).to_contain_text("1 host")
    page.fill("#batches", "nonsense")
    page.locator("#batches").blur()
    expect(page.locator("#plan")).to_contain_text("is not a batch size.")
    expect(page.locator("#batches")).to_have_value("nonsense")
    page.click("label:has-text('Restart')")
    expect(page.locator("#version")).to_have_count(0)


def test_a_problem_is_hoisted_and_leads_to_the_step_that_failed(
    site: str, page: Page, alice: Person
) -> None:
    drive = board_of(alice, page, site, batches="2")
    drive.start(*drive.targets())
    drive.fail(drive.targets()[1])
    expect(page.locator(".problems")).to_contain_text("1 host did not make it")
    page.click(".problems a[href^='?target=']")
    steps = page.locator("#target")
    expect(steps).to_contain_text("exit code 70")
    expect(steps.locator("pre").last).to_contain_text("ready")
    page.keyboard.press("Escape")
    expect(steps).to_be_empty()


def test_a_rollout_is_steered_by_keys(site: str, page: Page, alice: Person) -> None:
    drive = board_of(alice, page, site)
    drive.say("one line about a dog")
    drive.say("another about a cat")
    expect(page.locator("#log p")).to_have_count(2)

    page.keyboard.press("p")
    expect(page.locator(".sentence")).to_contain_text("Paused")
    page.keyboard.press("c")
    page.fill("#ask-name", "billing")  # prod is guarded
    page.click("#ask button[value=yes]")
    expect(page.locator(".sentence")).to_contain_text("Batch 1 of 2")

    page.keyboard.press("/")
    page.keyboard.type("cat")
    expect(page.locator("#log p:visible")).to_have_count(1)
    assert Rollout.objects.get(pk=drive.value.number).state == RolloutStatus.RUNNING  # "c" was text
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "false")

    page.locator(".cell").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#target h2")).to_have_text("web-1:8080")
    page.keyboard.press("Escape")
    expect(page.locator(".cell").first).to_be_focused()


def test_in_production_a_name_is_typed_before_it_goes_on(
    site: str, page: Page, alice: Person
) -> None:
    board_of(alice, page, site)
    page.keyboard.press("p")
    expect(page.locator(".sentence")).to_contain_text("Paused")
    page.keyboard.press("c")
    expect(page.get_by_label("Type billing to confirm")).to_be_focused()
    expect(page.locator("#ask button[value=yes]")).to_be_disabled()
    page.keyboard.type("bill")
    page.keyboard.press("Enter")
    expect(page.locator("#ask h2")).to_be_visible()  # Enter says neither yes nor no
    page.keyboard.type("ing")
    page.keyboard.press("Enter")
    expect(page.locator(".sentence")).to_contain_text("Batch 1 of 2")
    page.get_by_role("button", name="Cancel the rollout").click()
    expect(page.locator("#ask-name")).to_be_hidden()
    page.click("#ask button[value=yes]")
    expect(page.locator(".sentence")).to_contain_text("Being cancelled.")


def test_cells_are_one_stop_for_the_tab_key_and_arrows_move_between_them(
    site: str, page: Page, alice: Person
) -> None:
    board_of(alice, page, site, batches="2")
    cells = page.locator(".cell")
    cells.first.focus()
    page.keyboard.press("ArrowRight")
    expect(cells.last).to_be_focused()
    expect(page.locator(".cell[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator("#tab-log")).to_be_focused()


def test_language_and_theme_are_switched_and_stay(site: str, page: Page) -> None:
    page.goto(f"{site}/services")
    page.click("button[name=language]")
    expect(page.locator("h1")).to_have_text("服务")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("button[name=theme]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.goto(f"{site}/hosts")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("h1")).to_have_text("主机")
    page.click("button[name=language]")
    expect(page.locator("h1")).to_have_text("Hosts")


def test_live_lines_are_text_whatever_they_say(site: str, page: Page, alice: Person) -> None:
    drive = board_of(alice, page, site)
    drive.say("<img src=x onerror=alert(1)> \x1b[31mred\x1b[0m \x1b]0;title\x07end")
    line = page.locator("#log p").last
    expect(line.locator("span")).to_have_text("<img src=x onerror=alert(1)> red end")
    expect(line.locator("em.ansi-red")).to_have_text("red")
    expect(page.locator("#log img")).to_have_count(0)


def test_a_tab_that_nobody_sees_costs_nothing_and_catches_up(
    site: str, page: Page, alice: Person
) -> None:
    drive = board_of(alice, page, site)
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    turn = f"{hide} document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(turn % "true")
    drive.start(drive.targets()[0])
    drive.say("while nobody looked")
    expect(page.locator("#log p")).to_have_count(0)
    page.evaluate(turn % "false")
    expect(page.locator("#log p")).to_have_count(1)
    expect(page.locator(".cell").first).to_contain_text("unpack")


def test_a_server_that_is_away_is_told_on_top_and_no_clock_goes_on(
    site: str, page: Page, alice: Person, expected: list[str]
) -> None:
    expected += ["Failed to load resource", "Access to", "htmx"]
    drive = board_of(alice, page, site)
    drive.start(drive.targets()[0])
    clock, away = page.locator("[data-since]").first, page.locator("#away")
    expect(clock).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(away).to_be_hidden()
    page.route(f"{site}/**", lambda route: route.abort("connectionrefused"))
    drive.say("what nobody hears")
    page.evaluate("dispatchEvent(new Event('pagehide')); dispatchEvent(new Event('pageshow'))")
    expect(away).to_be_visible()
    stood = clock.text_content()
    page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 2100))")
    assert clock.text_content() == stood
    page.unroute(f"{site}/**")
    expect(away).to_be_hidden()
    expect(page.locator("#log p").last).to_contain_text("what nobody hears")


def test_nothing_is_cut_off_on_a_small_screen(site: str, page: Page, alice: Person) -> None:
    drive = board_of(alice, page, site)
    page.set_viewport_size({"width": 390, "height": 844})
    for address in (
        "/",
        "/services",
        "/services/billing",
        "/rollouts",
        "/rollouts/new?service=billing&environment=prod",
        f"/rollouts/{drive.value.number}",
        "/hosts",
        "/hosts/web-1",
        "/audit",
        "/me",
    ):
        page.goto(f"{site}{address}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{address} is {wide} px too wide"
        expect(page.locator("nav.nav")).to_be_in_viewport()
