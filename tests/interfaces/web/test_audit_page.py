"""Who changed what yesterday? The page of the audit, its days, and what is taken along from it."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from slipway.interfaces import exports
from slipway.interfaces.web.frame.zones import COOKIE
from slipway.records.audit.models import Event
from slipway.records.audit.operations import record
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat, page

SHANGHAI = "Asia/Shanghai"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def happened(by: Person, at: datetime, name: str = "web-1", reason: str = "") -> Event:
    return record(
        "host.changed",
        *("host", 1, name),
        by=by.actor,
        now=at,
        environment="prod",
        reason=reason,
    )


def listed(text: str) -> list[tuple[str, str]]:
    """Return who and what thing each row of the page tells of."""
    rows = re.findall(r"<tr>\s*<td.*?</tr>", text, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [(each[1].split()[0], re.sub(r"<[^>]*>", "", each[3]).split()[0]) for each in cells]


@pytest.mark.parametrize("zone", ["UTC", SHANGHAI, "America/New_York"])
def test_who_changed_what_yesterday(
    admin: Person, bob: Person, root: Person, visit: Visit, zone: str
) -> None:
    """By one press, in the days of whoever looks; also at the very ends of that day."""
    today = datetime.combine(
        timezone.now().astimezone(ZoneInfo(zone)).date(), datetime.min.time(), ZoneInfo(zone)
    )
    moment = timedelta(microseconds=1)
    happened(admin, today - timedelta(days=1) - moment, "too-early")
    happened(admin, today - timedelta(days=1), "first")
    happened(root, today - timedelta(hours=3), "later")
    happened(admin, today - moment, "last")
    happened(admin, today, "too-late")
    browser = visit(admin)
    browser.cookies[COOKIE] = zone
    everything = laid_flat(page(browser, "/audit"))
    found = re.search(r'<a class="chip" href="([^"]*)"\s*>Yesterday</a>', everything)
    assert found
    text = page(browser, found[1].replace("&amp;", "&"))
    assert listed(text) == [("anna", "last"), ("root-person", "later"), ("anna", "first")]
    assert "3 events, by 2 different ones." in text
    assert f"Days are those of {zone}." in text
    assert 'aria-current="true">Yesterday' in laid_flat(text)
    only = page(browser, found[1].replace("&amp;", "&") + "&by=root-person")
    assert listed(only) == [("root-person", "later")]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=yesterday", "“yesterday” is not a day."),
        ("to=2026-11-31", "“2026-11-31” is not a day."),
        ("from=0001-01-01", "“0001-01-01” is not a day."),
        ("to=9999-12-31", "“9999-12-31” is not a day."),
        ("from=2026-11-24&to=2026-11-23", "The last day, 2026-11-23, is before the first"),
    ],
)
def test_what_is_no_day_is_told_and_kept(
    admin: Person, visit: Visit, query: str, told: str
) -> None:
    browser = visit(admin)
    for address in (f"/audit?{query}&thing=web-7", f"/audit/export?{query}"):
        answer = browser.get(address)
        assert answer.status_code == 422
        assert told in answer.content.decode()
    text = browser.get(f"/audit?{query}&thing=web-7").content.decode()
    assert 'value="web-7"' in text
    name, _, value = query.split("&", maxsplit=1)[0].partition("=")
    assert f'name="{name}" value="{value}"' in laid_flat(text)
    assert listed(text) == []
    assert "No event matches." not in text  # nobody has looked for any


def test_all_pages_together_hold_each_event_once(admin: Person, visit: Visit) -> None:
    for number in range(120):
        happened(admin, NOON, f"made-{number}")
    browser, seen, address = visit(admin), [], "/audit?thing=made-&from=2026-11-23&to=2026-11-23"
    while address:
        text = page(browser, address)
        assert "120 events" in text
        assert "before=" not in text  # which means newer in the lists
        seen += [thing for _by, thing in listed(text)]
        older = re.search(r'href="([^"]+)" rel="next"', text)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"made-{number}" for number in reversed(range(120))]


def exported(browser: Client, query: str) -> list[dict[str, str]]:
    answer = browser.get(f"/audit/export?{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_what_is_exported_is_what_is_listed(
    admin: Person, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1_203):
        happened(admin, NOON, f"made-{number}", reason='"quoted", and\nlonger')
    happened(admin, NOON + timedelta(days=2), "made-later")
    query = "thing=made-&from=2026-11-23&to=2026-11-23&by=anna"
    browser = visit(admin)
    rows = exported(browser, query)
    assert [row["thing_name"] for row in rows] == [f"made-{n}" for n in reversed(range(1_203))]
    assert {row["reason"] for row in rows} == {'"quoted", and\nlonger'}
    assert "Export these 1203…" in laid_flat(page(browser, f"/audit?{query}"))
    answer = browser.get(f"/audit/export?{query}&format=json")
    told = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert [each["thing_name"] for each in told] == [row["thing_name"] for row in rows]
    assert told[0]["at"] == "2026-11-23T12:00:00+00:00"
    monkeypatch.setattr(exports, "MOST_EXPORTED", 700)
    assert [row["id"] for row in exported(browser, query)] == [row["id"] for row in rows[:700]]


def test_an_export_is_an_event_itself_with_what_was_asked_for(admin: Person, visit: Visit) -> None:
    exported(visit(admin), "by=anna&verb=host.")
    answer = admin.get("/audit/export?by=anna&format=json")
    assert answer["Content-Type"] == "application/json"
    told = [(each.by_name, each.after) for each in Event.objects.filter(verb="audit.exported")]
    assert told == [
        ("anna", {"format": "csv", "by": "anna", "verb": "host."}),
        ("anna", {"format": "json", "by": "anna"}),
    ]
    assert "events of the audit taken along" in page(visit(admin), "/audit")


def test_what_was_asked_for_by_an_export_can_be_kept(admin: Person, visit: Visit) -> None:
    exported(visit(admin), "by=%00a&thing=x%00")
    told = Event.objects.get(verb="audit.exported").after
    assert told == {
        "format": "csv",
        "by": "\N{REPLACEMENT CHARACTER}a",
        "thing": "x\N{REPLACEMENT CHARACTER}",
    }


def test_nobody_exports_what_they_may_not_see(alice: Person, charlie: Person, visit: Visit) -> None:
    assert {row["service"] for row in exported(visit(alice), "")} == {"billing"}
    assert exported(visit(charlie), "") == []
    assert "Export" not in page(visit(charlie), "/audit")


@pytest.mark.parametrize("reason", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_spreadsheet_takes_a_reason_for_a_formula(
    admin: Person, visit: Visit, reason: str
) -> None:
    happened(admin, NOON, "made", reason=reason)
    (row,) = exported(visit(admin), "thing=made")
    assert row["reason"] == f"'{reason}"


def test_names_of_keys_are_not_found_by_who_does_not_see_them(
    admin: Person, alice: Person, visit: Visit
) -> None:
    """Alice sees events of her service alone; whoever looks at prod sees that a key was granted."""
    for person in (admin, alice):
        record("key.granted", "key", 9, "secret-name", by=admin.actor, now=NOON, service="billing")
        seen = listed(page(visit(person), "/audit?thing=secret-n"))
        assert bool(seen) is (person is admin)


def test_a_thing_leads_to_its_page_for_who_may_see_that(
    admin: Person, bob: Person, visit: Visit
) -> None:
    for kind, name in (("key", "default"), ("user", "charlie")):
        record(f"{kind}.added", kind, 1, name, by=admin.actor, now=NOON, service="billing")
    led = {'href="/keys">default', 'href="/people/charlie">charlie'}
    assert {link for link in led if link in page(visit(admin), "/audit")} == led
    seen = page(visit(bob), "/audit")  # who manages access to billing alone
    assert "charlie" in seen
    assert not any(link in seen for link in led)


def test_more_than_are_counted_is_said(
    admin: Person, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        happened(admin, NOON, f"made-{number}")
    monkeypatch.setattr("slipway.interfaces.web.people.audit.MOST_EXPORTED", 5)
    text = laid_flat(page(visit(admin), "/audit?thing=made-"))
    assert "More than 5 events." in text
    assert "Export the newest 5…" in text


def test_the_page_asks_as_often_for_few_as_for_many(
    admin: Person, visit: Visit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        happened(admin, NOON, f"made-{number}")
    browser = visit(admin)
    with django_assert_max_num_queries(8):
        assert browser.get("/audit?thing=made&from=2026-11-23").status_code == 200
