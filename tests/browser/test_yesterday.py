"""Who changed what yesterday? Asked of the page of the audit as a person does, and taken along."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from slipway.records.accounts.rights import Actor
from slipway.records.fleet.operations.environments import change_environment
from slipway.records.fleet.operations.hosts import change_host, set_maintenance
from slipway.records.fleet.queries import get_environment, get_host
from tests.browser.company import found_company, sign_in, web_server
from tests.interfaces.people import Person, person

# One of them is far from midnight: yesterday stays the same day for as long as the test takes.
ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York", "Pacific/Honolulu")
EARLY, NOON, LATE = timedelta(hours=7, minutes=5), timedelta(hours=12), timedelta(hours=23.9)


def far_from_midnight() -> ZoneInfo:
    return min(map(ZoneInfo, ZONES), key=lambda zone: abs(datetime.now(tz=zone).hour + 0.5 - 12))


@pytest.fixture
def zone() -> ZoneInfo:
    return far_from_midnight()


@pytest.fixture
def yesterday(zone: ZoneInfo) -> date:
    return datetime.now(tz=zone).date() - timedelta(days=1)


@pytest.fixture
def anna(transactional_db: None, zone: ZoneInfo, yesterday: date) -> Person:
    """One of two who changed things, on three days."""
    found_company()
    anna, root = person("anna", ("admin", "", "")), person("root", is_superuser=True)
    begin = datetime.combine(yesterday, datetime.min.time(), zone)
    widen(root.actor, begin - timedelta(minutes=1), "40%")
    widen(root.actor, begin + EARLY, "50%")
    rest(anna.actor, begin + NOON, is_on=True)
    label(root.actor, begin + LATE)
    rest(anna.actor, begin + timedelta(days=1), is_on=False)
    return anna


def widen(by: Actor, at: datetime, share: str) -> None:
    prod = get_environment("prod")
    change_environment(environment=prod, changes={"max_unavailable": share}, by=by, now=at)


def rest(by: Actor, at: datetime, *, is_on: bool) -> None:
    set_maintenance(host=get_host("web-2"), on=is_on, by=by, now=at, reason="a new disk")


def label(by: Actor, at: datetime) -> None:
    change_host(host=get_host("web-1"), changes={"labels": {"rack": "b"}}, by=by, now=at)


@pytest.fixture
def audit(anna: Person, page: Page, zone: ZoneInfo) -> Iterator[Page]:
    """The page of the audit, of somebody in that zone."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTimezoneOverride", {"timezoneId": zone.key})
    with web_server() as address:
        sign_in(page, address, "anna")
        page.click("nav >> text=Audit")
        yield page
        page.goto("about:blank")


def lists(page: Page, *rows: tuple[str, ...]) -> None:
    """The page has these events, and of each is seen when, who, what, which thing and why."""
    listed = page.locator("tbody tr:not(.day)")
    expect(listed).to_have_count(len(rows))
    for number, row in enumerate(rows):
        for text in row:
            expect(listed.nth(number)).to_contain_text(text)


WIDENED = ("07:05:00", "root", "environment changed", "prod")
RESTED = ("12:00:00", "anna", "maintenance began", "web-2", "prod", "a new disk")
LABELLED = ("23:54:00", "root", "host changed", "web-1", "prod")


def test_who_changed_what_yesterday(audit: Page, zone: ZoneInfo, yesterday: date) -> None:
    audit.click(".chip:has-text('Yesterday')")
    told = audit.locator(".told")
    expect(told).to_contain_text("3 events, by 2 different ones.")
    expect(told).to_contain_text(f"Days are those of {zone.key}.")
    expect(audit.locator("tr.day")).to_have_text(f"{yesterday:%A, %Y-%m-%d}")
    lists(audit, LABELLED, RESTED, WIDENED)
    audit.click("tbody tr:has-text('environment changed') summary")
    expect(audit.locator("pre:visible")).to_have_text("max_unavailable: 40% → 50%\n")
    audit.click(".panel .rows >> text=anna")
    expect(told).to_contain_text("1 event, by anna.")
    lists(audit, RESTED)
    audit.reload()  # its address is the filter
    lists(audit, RESTED)
    audit.click(".panel .rows >> text=anna")  # and once more takes it back
    lists(audit, LABELLED, RESTED, WIDENED)
    audit.keyboard.press("/")
    audit.keyboard.type("web-")
    audit.keyboard.press("Enter")
    lists(audit, LABELLED, RESTED)


def test_any_other_day_and_person_are_asked_for_by_fields(
    audit: Page, yesterday: date, expected: list[str]
) -> None:
    expected += ["Failed to load resource"]  # of days that cannot be
    before = (yesterday - timedelta(days=1)).isoformat()
    audit.fill("[name=by]", "root")
    audit.fill("[name=from]", before)
    audit.fill("[name=to]", before)
    audit.click("button:has-text('Filter')")
    lists(audit, ("23:59:00", "root", "environment changed", "prod"))
    audit.fill("[name=to]", (yesterday - timedelta(days=3)).isoformat())
    audit.click("button:has-text('Filter')")
    expect(audit.locator("main")).to_contain_text("is before the first")
    expect(audit.locator("[name=by]")).to_have_value("root")  # what was asked for stands there


def test_the_answer_is_taken_along_as_it_was_read(
    audit: Page, zone: ZoneInfo, yesterday: date, tmp_path: Path
) -> None:
    audit.click(".chip:has-text('Yesterday')")
    audit.click("text=Export these 3…")
    with audit.expect_download() as taken:
        audit.click(".menu >> text=CSV")
    taken.value.save_as(tmp_path / "audit.csv")
    with (tmp_path / "audit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    begin = datetime.combine(yesterday, datetime.min.time(), zone)
    assert [
        (row["at"], row["by"], row["what"], row["thing_name"], row["reason"]) for row in rows
    ] == [
        (moment.astimezone(UTC).isoformat(), *told)
        for moment, told in (
            (begin + LATE, ("root", "host changed", "web-1", "")),
            (begin + NOON, ("anna", "maintenance began", "web-2", "a new disk")),
            (begin + EARLY, ("root", "environment changed", "prod", "")),
        )
    ]
    audit.click(".chip:has-text('Today')")
    audit.click(".panel .rows >> text=anna")
    expect(audit.locator("tbody tr").nth(1)).to_contain_text("events of the audit taken along")
