"""Times are said in the reader's zone, or with the zone that they are in; alike everywhere."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from slipway.core.words.moments import moment_of, moment_said
from slipway.interfaces.web.frame.zones import COOKIE, zone_called
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment
from slipway.records.fleet.operations.windows import add_window, windows_of
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit

PLAN = {"kind": "upgrade", "service": "billing", "environment": "prod", "version": V2}
SHANGHAI = "Asia/Shanghai"


@pytest.fixture
def frozen(living: None) -> None:
    """prod is closed from yesterday on until a moment of the far future."""
    add_window(
        environment=Environment.objects.get(name="prod"),
        begin="2026-01-01T00:00:00Z",
        until="2099-12-24T22:30:00+02:00",
        reason="holidays",
        by=Actor.system(),
        now=timezone.now(),
    )


def reading_in(visit: Visit, who: Person, zone: str) -> Client:
    browser = visit(who)
    browser.cookies[COOKIE] = zone
    return browser


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("", "prod is closed until 2099-12-24 20:30 UTC: holidays"),
        (SHANGHAI, "prod is closed until 2099-12-25 04:30 Asia/Shanghai: holidays"),
        ("../../etc/passwd", "prod is closed until 2099-12-24 20:30 UTC: holidays"),
    ],
)
def test_a_sentence_of_a_page_is_in_the_readers_zone_and_names_it(
    frozen: None, alice: Person, visit: Visit, zone: str, said: str
) -> None:
    text = reading_in(visit, alice, zone).post("/rollouts/plan", PLAN).content.decode()
    assert said in text


def test_the_api_says_them_in_utc(frozen: None, alice: Person) -> None:
    plan = alice.post("/plans", PLAN).json()
    assert "prod is closed until 2099-12-24 20:30 UTC: holidays" in str(plan["obstacles"])


def test_a_window_is_typed_in_the_readers_zone(living: None, admin: Person, visit: Visit) -> None:
    browser = reading_in(visit, admin, SHANGHAI)
    assert "From (Asia/Shanghai)" in browser.get("/environments/prod").content.decode()
    typed = {"from": "2099-12-24T08:00", "until": "2099-12-26T08:00", "reason": "holidays"}
    assert browser.post("/environments/prod", typed).status_code == 302
    (window,) = windows_of(Environment.objects.get(name="prod"))
    assert datetime.fromisoformat(window["from"]) == datetime(2099, 12, 24, tzinfo=UTC)
    text = browser.get("/environments/prod").content.decode()
    assert '<time datetime="2099-12-24T00:00:00+00:00">' in text


def test_a_window_is_read_in_the_zone_that_its_labels_said(
    living: None, admin: Person, visit: Visit
) -> None:
    """The cookie may come while the page is open."""
    page = visit(admin).get("/environments/prod").content.decode()
    assert ("From (UTC)" in page, '<input type="hidden" name="zone" value="UTC">' in page) == (
        True,
        True,
    )
    browser = reading_in(visit, admin, SHANGHAI)
    typed = {"from": "2099-12-24T08:00", "until": "2099-12-26T08:00", "reason": "x", "zone": "UTC"}
    assert browser.post("/environments/prod", typed).status_code == 302
    (window,) = windows_of(Environment.objects.get(name="prod"))
    assert datetime.fromisoformat(window["from"]) == datetime(2099, 12, 24, 8, tzinfo=UTC)


def test_what_is_no_moment_is_refused_as_it_was_typed(
    living: None, admin: Person, visit: Visit
) -> None:
    typed = {"from": "9999-99-99T99:99", "until": "2099-12-26T08:00", "reason": "holidays"}
    answer = reading_in(visit, admin, SHANGHAI).post("/environments/prod", typed)
    assert answer.status_code == 422
    assert 'value="9999-99-99T99:99"' in answer.content.decode()


def test_what_people_wrote_stays_as_it_is(living: None, alice: Person, visit: Visit) -> None:
    reason = "since 2026-11-23 10:15 UTC it is slow"
    rollout = fleet.begin(alice.actor, "restart", "billing", "prod", reason=reason)
    browser = reading_in(visit, alice, SHANGHAI)
    assert reason in browser.get(f"/rollouts/{rollout.pk}").content.decode()


def test_a_moment_is_told_from_other_texts() -> None:
    at = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
    assert moment_of(moment_said(at)) == at
    for text in ("", "2026-11-23", "2026-99-23 10:15 UTC", "x 2026-11-23 10:15 UTC"):
        assert moment_of(text) is None


@pytest.mark.parametrize("name", ["", "America", "/etc/passwd", "Asia/../UTC", "Nowhere/At_All"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert zone_called(name) is None
